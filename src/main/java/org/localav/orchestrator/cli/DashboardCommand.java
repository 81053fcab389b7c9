package org.localav.orchestrator.cli;

import java.io.IOException;
import picocli.CommandLine.Command;

/** {@code avo dashboard}: prints a link that opens the dashboard signed in. */
@Command(
        name = "dashboard",
        description = {
            "Prints a link that opens the dashboard of the running service in a browser, signed in for 30 days. It works once"
                    + " and within an hour."
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  avo dashboard", "  xdg-open \"$(avo dashboard)\""})
final class DashboardCommand extends ServerCommand {
    @Override
    public Integer call() throws IOException, InterruptedException, RefusedException {
        Server server = server();
        out().println(server.url()
                + server.post("/api/session/code").path("path").asText());
        return ExitCode.OK;
    }
}
