package org.localav.orchestrator.process;

import java.io.IOException;

/** A program that took longer than it may; it was ended with its whole process tree. */
public final class ToolTimedOutException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String command;

    ToolTimedOutException(Invocation call) {
        super(Tool.name(call.tool()) + " was ended: it took longer than its limit of "
                + call.limit().toMillis() / 1000.0 + " s");
        this.command = ToolFailedException.command(call);
    }

    /** The whole command, quoted for a shell. */
    public String command() {
        return command;
    }
}
