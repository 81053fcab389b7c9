package org.localav.orchestrator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import picocli.CommandLine.Command;

/** {@code avo resume}: lets jobs start again. */
@Command(
        name = "resume",
        description =
                "Lets jobs of the running service start again, and those that 'avo pause --hard' suspended go on.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExample:%n",
        footer = {"  avo resume"})
final class ResumeCommand extends ServerCommand {
    @Override
    public Integer call() throws IOException, InterruptedException, RefusedException {
        JsonNode jobs = server().rule("running").path("jobs");
        out().println("jobs start; " + jobs.path("running").asLong() + " running, "
                + jobs.path("queued").asLong() + " waiting");
        return ExitCode.OK;
    }
}
