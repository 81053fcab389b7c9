package org.localav.orchestrator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code avo pause}: lets no further job start. */
@Command(
        name = "pause",
        description =
                "Lets no further job of the running service start until 'avo resume', also over a restart. Jobs that run "
                        + "go on to their end or, with --hard, stand still.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo pause                               before maintenance",
            "  avo pause --hard                        gives the processors to something else at once"
        })
final class PauseCommand extends ServerCommand {
    @Option(names = "--hard", description = "Suspends the programs of running jobs, too.")
    private boolean hard;

    @Override
    public Integer call() throws IOException, InterruptedException, RefusedException {
        JsonNode queue = server().rule(hard ? "suspended" : "paused");
        long running = queue.path("jobs").path("running").asLong();
        String jobs = running == 1 ? "1 running job " : running + " running jobs ";
        boolean one = running == 1;
        out().println("no further job starts; " + jobs
                + (hard ? one ? "stands still" : "stand still" : one ? "goes on" : "go on"));
        return ExitCode.OK;
    }
}
