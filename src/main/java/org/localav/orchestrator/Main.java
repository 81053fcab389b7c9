package org.localav.orchestrator;

import org.localav.orchestrator.cli.Avo;

/** Starts the command line. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        int exit = Avo.execute(arguments);
        // Not when the virtual machine is ending already (Ctrl-C): it would wait for itself.
        if (exit != 130) {
            System.exit(exit);
        }
    }
}
