package org.localav.orchestrator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code avo show}: all about one job of the running service. */
@Command(
        name = "show",
        description =
                "Shows a job of the running service: how it stands, its stages, what it has made, why it failed, and "
                        + "what its webhooks were told.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  avo show tour-001", "  avo show --json tour-001 | jq -r '.outputs[].file'"})
final class ShowCommand extends ServerCommand {
    @Option(names = "--json", description = "Prints the job with its stages, outputs, messages and deliveries as JSON.")
    private boolean json;

    @Parameters(paramLabel = "JOB", description = "The id of a job.")
    private String id;

    @Override
    public Integer call() throws IOException, InterruptedException, RefusedException {
        Server server = server();
        JsonNode job = server.get(Server.job(id, ""));
        JsonNode mail = server.get(Server.job(id, "/deliveries"));
        PrintWriter out = out();
        if (json) {
            ObjectNode all = job.deepCopy();
            all.set("messages", mail.path("messages"));
            all.set("deliveries", mail.path("deliveries"));
            out.println(all.toPrettyString());
            return ExitCode.OK;
        }
        JobView view = new JobView(job);
        view.facts(Instant.now()).forEach(out::println);
        view.error().ifPresent(error -> out.println("  error     " + error));
        part("stages", view.stages().map(ShowCommand::stage).toList());
        part("outputs", view.outputs().toList());
        part(
                "webhooks",
                JobView.stream(mail.path("messages")).map(ShowCommand::message).toList());
        part(
                "deliveries",
                JobView.stream(mail.path("deliveries"))
                        .map(ShowCommand::delivery)
                        .toList());
        return ExitCode.OK;
    }

    private void part(String name, List<String> lines) {
        if (!lines.isEmpty()) {
            out().println(name);
            lines.forEach(line -> out().println("  " + line));
        }
    }

    private static String stage(JsonNode stage) {
        int attempts = stage.path("attempts").asInt();
        return String.format("%-13s %s", JobView.text(stage, "stage").orElse(""), JobView.standing(stage))
                + (attempts > 1 ? ", " + attempts + " attempts" : "")
                + JobView.text(stage, "error").map(e -> ": " + e).orElse("");
    }

    private static String message(JsonNode message) {
        String status = JobView.text(message, "status").orElse("");
        String next = status.equals("pending")
                ? JobView.text(message, "next_try")
                        .map(at -> ", next try " + at)
                        .orElse("")
                : "";
        int tries = message.path("tries").asInt();
        return String.format(
                "%-14s %s to %s (%s%s)",
                JobView.text(message, "type").orElse(""),
                status,
                JobView.text(message, "url").orElse(""),
                tries == 1 ? "1 try" : tries + " tries",
                next);
    }

    private static String delivery(JsonNode delivery) {
        String outcome = JobView.text(delivery, "error")
                .or(() -> JobView.text(delivery, "code").map(code -> "answered " + code))
                .orElse("");
        return JobView.text(delivery, "at").orElse("") + " try "
                + delivery.path("attempt").asInt() + " to "
                + JobView.text(delivery, "url").orElse("") + ": " + outcome + " after "
                + delivery.path("took_ms").asLong() + " ms";
    }
}
