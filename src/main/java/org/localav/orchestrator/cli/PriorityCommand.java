package org.localav.orchestrator.cli;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code avo priority}: lets jobs that wait start earlier or later. */
@Command(
        name = "priority",
        description = "Lets jobs that wait in the queue of the running service start earlier or later than others.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo priority 9 tour-001                 next, as soon as there is room",
            "  avo priority 0 $(avo jobs -q --state queued --tag project=archive)"
        })
final class PriorityCommand extends ServerCommand {
    @Parameters(index = "0", paramLabel = "PRIORITY", description = "0 to 9, higher first.")
    private int priority;

    @Parameters(index = "1..*", paramLabel = "JOB", arity = "1..*", description = "Ids of jobs.")
    private List<String> ids;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Server server = server();
        return each(ids, id -> {
            JobView job = new JobView(server.prioritise(id, priority));
            out().println(job.id() + ": priority " + job.priority());
            return ExitCode.OK;
        });
    }
}
