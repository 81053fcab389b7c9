package org.localav.orchestrator.cli;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code avo retry}: runs jobs again. */
@Command(
        name = "retry",
        description =
                "Puts failed or cancelled jobs of the running service into the queue again. They go on from their first "
                        + "unfinished step.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  avo retry tour-001 && avo watch tour-001", "  avo retry $(avo jobs -q --state failed)"})
final class RetryCommand extends ServerCommand {
    @Parameters(paramLabel = "JOB", arity = "1..*", description = "Ids of jobs.")
    private List<String> ids;

    @Override
    public Integer call() throws IOException, InterruptedException {
        return change(ids, "/retry");
    }
}
