package org.localav.orchestrator.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code avo watch}: shows live how jobs go. */
@Command(
        name = "watch",
        description =
                "Shows live how a job of the running service goes, until it has ended, and ends as 'avo run' would. "
                        + "Without a job: how all of them go, until Ctrl-C. Ctrl-C ends the watching and no job.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo watch tour-001                      with a progress bar a stage on a terminal",
            "  avo watch                               all jobs, from now on",
            "  avo watch --json tour-001 | jq .type    one JSON event a line, the job last"
        })
final class WatchCommand extends ServerCommand {
    @Option(names = "--json", description = "Prints each event as a line of JSON.")
    private boolean json;

    @Parameters(paramLabel = "JOB", arity = "0..1", description = "The id of a job.")
    private String id;

    @Override
    public Integer call() throws IOException, InterruptedException, RefusedException {
        Watch watch = new Watch(server(), out(), err(), json);
        return id == null ? watch.all() : watch.live(id);
    }
}
