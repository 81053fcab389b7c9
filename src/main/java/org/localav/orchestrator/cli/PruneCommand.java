package org.localav.orchestrator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code avo jobs prune}: lets the service forget jobs. */
@Command(
        name = "prune",
        description =
                "Forgets jobs that ended longer ago than this, with their events, reports and archives. What they have "
                        + "made stays where it is.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExample:%n",
        footer = {"  avo jobs prune --older-than 30d"})
final class PruneCommand extends ServerCommand {
    @Option(
            names = "--older-than",
            required = true,
            paramLabel = "AGE",
            description = "How long ago they must have ended: 30d, 12h, 45m.")
    private String age;

    @Option(names = "--json", description = "Prints the ids of the forgotten as JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException, RefusedException {
        JsonNode answer = server().post("/api/jobs/prune?older_than=" + Server.encoded(Age.inHours(age)));
        int count = answer.path("count").asInt();
        out().println(json ? answer.toString() : "forgot " + count + (count == 1 ? " job" : " jobs"));
        return ExitCode.OK;
    }
}
