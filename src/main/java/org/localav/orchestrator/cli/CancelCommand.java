package org.localav.orchestrator.cli;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code avo cancel}: ends jobs. */
@Command(
        name = "cancel",
        description =
                "Ends jobs of the running service: those that wait at once, those that run as soon as their programs "
                        + "have ended. Nothing of them stays where outputs go.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  avo cancel tour-001", "  avo cancel $(avo jobs -q --state queued --tag project=tour)"})
final class CancelCommand extends ServerCommand {
    @Parameters(paramLabel = "JOB", arity = "1..*", description = "Ids of jobs.")
    private List<String> ids;

    @Override
    public Integer call() throws IOException, InterruptedException {
        return change(ids, "/cancel");
    }
}
