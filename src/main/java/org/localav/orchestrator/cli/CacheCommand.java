package org.localav.orchestrator.cli;

import java.util.concurrent.Callable;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.settings.Places;
import org.localav.orchestrator.settings.Settings;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code avo cache}: looks after the step store. */
@Command(
        name = "cache",
        description = "Shows, shrinks and verifies the step store, where the results of steps are kept. Jobs may run "
                + "meanwhile.",
        mixinStandardHelpOptions = true,
        subcommands = {CacheStatCommand.class, CachePruneCommand.class, CacheVerifyCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo cache stat              how much is in it, and of what",
            "  avo cache prune --to 5GB    what was not used for longest goes first",
            "  avo cache verify            reads everything, sets aside what rotted"
        })
final class CacheCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Override
    public Integer call() {
        command.commandLine().usage(command.commandLine().getErr());
        return ExitCode.INVALID;
    }

    /** The store that the settings name; no service is needed. */
    static StepStore store(Settings settings) {
        return new StepStore(Places.of(settings, System.getenv()).steps(), settings.bytes("steps.limit"));
    }

    static String entries(long count) {
        return count + (count == 1 ? " entry" : " entries");
    }
}
