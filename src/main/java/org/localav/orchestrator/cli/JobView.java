package org.localav.orchestrator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.localav.orchestrator.job.MediaWords;
import org.localav.orchestrator.plan.Stage;

/** A job as the service tells of it, in words. What users wrote is shown without anything that could steer a terminal. */
record JobView(JsonNode json) {
    /** The stages that a plan may leave without a step. */
    private static final List<String> PLANNED = Stream.of(Stage.TTS, Stage.AUDIO_MIX, Stage.VIDEO_CONCAT, Stage.MUX)
            .map(Stage::id)
            .toList();

    private static final List<String> ENDED = List.of("succeeded", "failed", "cancelled");

    static boolean ended(String status) {
        return ENDED.contains(status);
    }

    /** Text of somebody else's, without control characters; several lines become one. */
    static String plain(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ").replaceAll("[\\p{Cntrl}\u0080-\u009f]", "\ufffd");
    }

    static Optional<String> text(JsonNode of, String field) {
        return Optional.ofNullable(of.get(field)).filter(v -> !v.isNull()).map(v -> plain(v.asText()));
    }

    static Optional<Instant> time(JsonNode of, String field) {
        try {
            return text(of, field).map(Instant::parse);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private Optional<String> text(String field) {
        return text(json, field);
    }

    String id() {
        return text("id").orElse("");
    }

    String status() {
        return text("status").orElse("");
    }

    boolean ended() {
        return ended(status());
    }

    /** Its status, or that it is about to be cancelled. */
    String state() {
        return json.path("cancelling").asBoolean() ? "cancelling" : status();
    }

    int priority() {
        return json.path("priority").asInt();
    }

    Optional<String> title() {
        return text("title");
    }

    Optional<String> error() {
        return text("error");
    }

    /** Why it doesn't start though there is room for it. */
    Optional<String> waiting() {
        return text("waiting");
    }

    Optional<Duration> age(Instant now) {
        return time(json, "created_at").map(then -> Duration.between(then, now));
    }

    /** What it is, where it came from and how it stands, a line each. */
    Stream<String> facts(Instant now) {
        Stream.Builder<String> lines = Stream.builder();
        lines.add("job " + id() + title().map(t -> ": " + t).orElse(""));
        String runs =
                json.path("runs").asInt() > 1 ? ", run " + json.path("runs").asInt() : "";
        lines.add("  state     " + state() + runs
                + text("node").map(n -> " on " + n).orElse("") + took());
        waiting().ifPresent(why -> lines.add("  waits     " + why));
        lines.add("  priority  " + priority());
        list("labels").ifPresent(labels -> lines.add("  labels    " + labels));
        tags().ifPresent(tags -> lines.add("  tags      " + tags));
        lines.add("  spec      "
                + Path.of(text("folder").orElse("")).resolve(text("spec_name").orElse(""))
                + text("origin").map(o -> " (" + o + ")").orElse(""));
        lines.add("  accepted  " + text("created_at").orElse("")
                + age(now).map(a -> " (" + brief(a) + " ago)").orElse(""));
        return lines.build();
    }

    private String took() {
        Optional<Instant> from = time(json, "started_at");
        Optional<Instant> to = time(json, "ended_at");
        return from.isPresent() && to.isPresent() ? String.format(Locale.ROOT, " after %.1f s", seconds(from, to)) : "";
    }

    private static double seconds(Optional<Instant> from, Optional<Instant> to) {
        return Duration.between(from.get(), to.get()).toMillis() / 1000.0;
    }

    private Optional<String> list(String field) {
        String joined = String.join(
                ", ", stream(json.path(field)).map(v -> plain(v.asText())).toList());
        return Optional.of(joined).filter(text -> !text.isEmpty());
    }

    private Optional<String> tags() {
        String joined = String.join(
                ", ",
                json.path("tags").properties().stream()
                        .map(tag ->
                                plain(tag.getKey()) + "=" + plain(tag.getValue().asText()))
                        .toList());
        return Optional.of(joined).filter(text -> !text.isEmpty());
    }

    Stream<JsonNode> stages() {
        return stream(json.path("stages")).filter(stage -> !idle(stage));
    }

    /** What it has made, a line each. */
    Stream<String> outputs() {
        return stream(json.path("outputs"))
                .map(o -> String.format(
                        Locale.ROOT,
                        "%s %s (%s, %.1f s, %s)",
                        o.path("already").asBoolean() ? "unchanged" : "made",
                        ProgressDisplay.shortened(Path.of(plain(o.path("file").asText()))),
                        plain(o.path("preset").asText()),
                        o.path("measured").path("duration").asDouble(),
                        MediaWords.size(o.path("bytes").asLong())));
    }

    static Stream<JsonNode> stream(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }

    /** Whether the plan has nothing to do in this stage, as a piece without sound has nothing to mix: it has no inputs. */
    static boolean idle(JsonNode stage) {
        String status = stage.path("status").asText();
        return PLANNED.contains(stage.path("stage").asText())
                && List.of("running", "succeeded", "reused").contains(status)
                && !stage.path("metadata").has("inputs");
    }

    /** How a stage stands: {@code succeeded 1.2 s}. */
    static String standing(JsonNode stage) {
        Optional<Instant> from = time(stage, "started_at");
        Optional<Instant> to = time(stage, "ended_at");
        return text(stage, "status").orElse("")
                + (from.isPresent() && to.isPresent() ? String.format(Locale.ROOT, " %.1f s", seconds(from, to)) : "");
    }

    /** In its largest unit: {@code 45s}, {@code 12m}, {@code 3h}, {@code 9d}. */
    static String brief(Duration time) {
        long seconds = Math.max(0, time.toSeconds());
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return seconds / 60 + "m";
        }
        return seconds < 48 * 3600 ? seconds / 3600 + "h" : seconds / 86400 + "d";
    }
}
