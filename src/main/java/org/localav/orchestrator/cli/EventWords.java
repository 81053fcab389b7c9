package org.localav.orchestrator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** What happened to a job, in words. */
final class EventWords {
    private EventWords() {}

    /** @return empty when it is not worth a line */
    static Optional<String> of(JsonNode event) {
        JsonNode data = event.path("data");
        String type = JobView.text(event, "type").orElse("");
        return switch (type) {
            case "stage" -> stage(data);
            case "note" -> JobView.text(data, "text").map(text -> "note: " + text);
            case "requeued" -> Optional.of("put back into the queue");
            case "retried" -> Optional.of("to be tried again");
            case "priority" -> Optional.of("priority " + data.path("priority").asInt());
            case "waiting" -> Optional.of(JobView.text(data, "text").orElse("waits"));
            case "offered" -> Optional.of(data.path("steps").asInt() + " clips may be encoded by other nodes");
            case "helped" ->
                Optional.of(JobView.text(data, "step").orElse("") + " was made by "
                        + JobView.text(data, "node").orElse(""));
            case "failed" ->
                Optional.of("failed"
                        + JobView.text(data, "error").map(e -> ": " + e).orElse(""));
            default -> Optional.of(type);
        };
    }

    private static Optional<String> stage(JsonNode stage) {
        String status = stage.path("status").asText();
        if (status.equals("pending") || status.equals("running") || JobView.idle(stage)) {
            return Optional.empty();
        }
        String error = JobView.text(stage, "error").map(e -> ": " + e).orElse("");
        return Optional.of(JobView.text(stage, "stage").orElse("") + " " + JobView.standing(stage) + error);
    }
}
