package org.localav.orchestrator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code avo nodes}: lists the nodes, and lets them start no further job. */
@Command(
        name = "nodes",
        description = "Lists the nodes of the running service: what they are good for, and what they do.",
        mixinStandardHelpOptions = true,
        subcommands = {NodesCommand.Drain.class, NodesCommand.Undrain.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo nodes",
            "  avo nodes drain node-2                  before it is ended or updated; what it runs goes on",
            "  avo nodes undrain node-2"
        })
final class NodesCommand extends ServerCommand {
    @Option(names = "--json", description = "Prints {\"nodes\": [...]}, each node as the API gives it.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException, RefusedException {
        JsonNode answer = server().get("/api/nodes");
        if (json) {
            out().println(answer);
            return ExitCode.OK;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NODE", "STATE", "JOBS", "LABELS", "VERSION", "SEEN"));
        answer.path("nodes").forEach(node -> rows.add(row(node)));
        print(rows);
        return ExitCode.OK;
    }

    private static List<String> row(JsonNode node) {
        List<String> labels = new ArrayList<>();
        node.path("labels").forEach(label -> labels.add(label.asText()));
        Instant seen = Instant.parse(node.path("seen_at").asText());
        return List.of(
                node.path("id").asText(),
                node.path("status").asText(),
                node.path("running").asInt() + "/"
                        + node.path("slots").path("jobs").asInt(),
                String.join(",", labels),
                node.path("versions").path("avo").asText(),
                JobView.brief(java.time.Duration.between(seen, Instant.now())) + " ago");
    }

    private void print(List<List<String>> rows) {
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                int column = i;
                int width = rows.stream()
                        .mapToInt(other -> other.get(column).length())
                        .max()
                        .orElse(0);
                line.append(String.format("%-" + (width + 2) + "s", row.get(i)));
            }
            out().println(line.toString().stripTrailing());
        }
    }

    /** What is done to nodes that are named. */
    abstract static class Change extends ServerCommand {
        private final String act;

        @Parameters(arity = "1..*", paramLabel = "NODE", description = "As 'avo nodes' names them.")
        private List<String> nodes;

        Change(String act) {
            this.act = act;
        }

        @Override
        public Integer call() throws IOException, InterruptedException {
            Server server = server();
            return each(nodes, name -> {
                JsonNode node = server.post("/api/nodes/" + Server.encoded(name).replace("+", "%20") + "/" + act);
                int running = node.path("running").asInt();
                out().println(name + ": " + node.path("status").asText() + ", "
                        + (running == 1 ? "1 job runs" : running + " jobs run"));
                return ExitCode.OK;
            });
        }
    }

    /** {@code avo nodes drain}. */
    @Command(
            name = "drain",
            description = "Lets nodes start no further job, also over their restart; what they run goes on to its end.",
            mixinStandardHelpOptions = true)
    static final class Drain extends Change {
        Drain() {
            super("drain");
        }
    }

    /** {@code avo nodes undrain}. */
    @Command(name = "undrain", description = "Lets nodes start jobs again.", mixinStandardHelpOptions = true)
    static final class Undrain extends Change {
        Undrain() {
            super("undrain");
        }
    }
}
