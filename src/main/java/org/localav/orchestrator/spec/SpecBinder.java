package org.localav.orchestrator.spec;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.localav.orchestrator.spec.JobSpec.Asset;
import org.localav.orchestrator.spec.JobSpec.Job;
import org.localav.orchestrator.spec.JobSpec.Limits;
import org.localav.orchestrator.spec.JobSpec.Output;
import org.localav.orchestrator.spec.JobSpec.Retry;
import org.localav.orchestrator.spec.JobSpec.Webhook;

/**
 * Makes a {@link JobSpec} of the tree, field by field. A value that is wrong is noted and its default or an empty one
 * stands in, so that list indices stay right and the other checks can go on; such a spec never leaves the package.
 */
final class SpecBinder {
    static final int VERSION = 1;
    static final List<String> STAGES = List.of("prepare", "tts", "audio_mix", "video_concat", "mux", "finish");
    static final List<String> EVENTS = List.of("started", "succeeded", "failed", "cancelled");

    static final int MOST_ASSETS = 100;
    static final int MOST_OUTPUTS = 50;
    static final int MOST_SMALL = 20;
    static final Duration TICK = Duration.ofMillis(1);

    private SpecBinder() {}

    static JobSpec bind(YamlMap root) {
        root.only("version", "job", "assets", "audio", "video", "outputs");
        Optional<Integer> version = root.require("version", "write version: 1", SpecBinder::version);
        return new JobSpec(
                version.orElse(VERSION),
                root.read("job", YamlValue::asMap).map(SpecBinder::job).orElse(Job.DEFAULT),
                map(root, "assets", MOST_ASSETS, SpecBinder::asset),
                root.read("audio", YamlValue::asMap).map(AudioBinder::audio),
                root.read("video", YamlValue::asMap).map(VideoBinder::video),
                root.require(
                                "outputs",
                                "write at least one, as in outputs: [{path: out/film.mp4, preset: web-720p}]",
                                value -> list(value, 1, MOST_OUTPUTS, SpecBinder::output))
                        .orElse(List.of()));
    }

    private static Optional<Integer> version(YamlValue value) {
        if (value.content() instanceof Content.Scalar scalar
                && scalar.plain()
                && scalar.text().matches("[2-9]|1\\.[0-9]")) {
            value.problem("'" + scalar.text() + "' is no known version; this program reads version " + VERSION);
            return Optional.empty();
        }
        return value.asWhole(VERSION, VERSION);
    }

    private static Job job(YamlMap map) {
        map.only(
                "id",
                "title",
                "tags",
                "priority",
                "labels",
                "timeout",
                "stage_timeouts",
                "retry",
                "limits",
                "force",
                "webhooks");
        return new Job(
                map.read("id", YamlValue::asName),
                map.read("title", value -> value.asText(256)),
                map(map, "tags", MOST_SMALL, value -> value.asText(256).orElse("")),
                map.read("priority", value -> value.asWhole(0, 9)).orElse(Job.DEFAULT.priority()),
                names(map, "labels"),
                map.read("timeout", value -> value.asDuration(TICK)),
                stageTimeouts(map),
                map.read("retry", value -> value.asMap("{limit: 2, delay: 2s}"))
                        .map(SpecBinder::retry)
                        .orElse(Retry.DEFAULT),
                map.read("limits", value -> value.asMap("{speech_characters: 5000, cost: 1.50}"))
                        .map(SpecBinder::limits)
                        .orElse(Limits.NONE),
                map.read("force", YamlValue::asFlag).orElse(false),
                map.read("webhooks", value -> list(value, 0, MOST_SMALL, SpecBinder::webhook))
                        .orElse(List.of()));
    }

    private static Map<String, Duration> stageTimeouts(YamlMap job) {
        job.read("stage_timeouts", YamlValue::asMap).ifPresent(map -> map.only(STAGES.toArray(String[]::new)));
        Map<String, Duration> timeouts = new LinkedHashMap<>();
        job.get("stage_timeouts")
                .filter(YamlValue::isMap)
                .flatMap(YamlValue::asMap)
                .ifPresent(map -> map.values().forEach((stage, value) -> value.asDuration(TICK)
                        .ifPresent(timeout -> timeouts.put(stage, timeout))));
        return timeouts;
    }

    private static Retry retry(YamlMap map) {
        map.only("limit", "delay", "backoff");
        return new Retry(
                map.read("limit", value -> value.asWhole(0, 10)).orElse(Retry.DEFAULT.limit()),
                map.read("delay", value -> value.asDuration(Duration.ZERO, Duration.ofHours(1)))
                        .orElse(Retry.DEFAULT.delay()),
                map.read("backoff", value -> value.asNumber(1, 10)).orElse(Retry.DEFAULT.backoff()));
    }

    private static Limits limits(YamlMap map) {
        map.only("speech_characters", "cost");
        return new Limits(
                map.read("speech_characters", value -> value.asWhole(0, 100_000_000)),
                map.read("cost", value -> value.asNumber(0, 1_000_000)));
    }

    private static Webhook webhook(YamlValue value) {
        Optional<YamlMap> found = value.asMap("{url: \"https://ci.example/hook\"}");
        if (found.isEmpty()) {
            return new Webhook("", Set.of(), Optional.empty());
        }
        YamlMap map = found.get();
        map.only("url", "events", "secret_env");
        Function<YamlValue, Optional<List<String>>> events =
                list -> list(list, 1, EVENTS.size(), one -> one.asOneOf(EVENTS).orElse(""));
        return new Webhook(
                map.require("url", "write url: https://...", one -> one.asText(2048)
                                .filter(url -> isUrl(one, url)))
                        .orElse(""),
                new LinkedHashSet<>(map.read("events", events).orElse(EVENTS.subList(1, EVENTS.size()))),
                map.read("secret_env", SpecBinder::secretVariable));
    }

    /** The value is never shown: it may be the secret itself. */
    private static Optional<String> secretVariable(YamlValue value) {
        return value.asText(4096).filter(name -> {
            boolean variable = name.matches("[A-Z][A-Z0-9_]{0,63}");
            boolean secret = !name.contains("_") && name.length() >= 16 && name.matches(".*[0-9].*");
            if (!variable || secret) {
                value.problem("must be the name of an environment variable in capitals, as HOOK_SECRET,"
                        + " never the secret itself");
            }
            return variable && !secret;
        });
    }

    private static Asset asset(YamlValue value) {
        if (!value.isMap()) {
            return new Asset(path(value), Optional.empty(), Optional.empty());
        }
        YamlMap map = value.asMap().orElseThrow();
        map.only("path", "url", "sha256");
        return new Asset(
                map.read("path", SpecBinder::path),
                map.read("url", one -> one.asText(2048).filter(url -> isUrl(one, url))),
                map.read("sha256", SpecBinder::sha256));
    }

    private static Optional<String> sha256(YamlValue value) {
        return value.asParsed(text -> {
            if (!text.matches("[0-9A-Fa-f]{64}")) {
                throw new IllegalArgumentException(
                        Suggestion.quote(text) + " is no SHA-256; write the 64 hexadecimal digits of sha256sum");
            }
            return text.toLowerCase(Locale.ROOT);
        });
    }

    private static Output output(YamlValue value) {
        Optional<YamlMap> found = value.asMap("{path: out/film.mp4, preset: web-720p}");
        if (found.isEmpty()) {
            return new Output("", "", false);
        }
        YamlMap map = found.get();
        map.only("path", "preset", "metadata");
        return new Output(
                map.require("path", "write path: out/film.mp4", one -> one.asText()
                                .filter(path -> isFile(one, path)))
                        .orElse(""),
                map.require("preset", "write preset: web-720p (avo presets lists them)", YamlValue::asName)
                        .orElse(""),
                map.read("metadata", one -> one.asOneOf(List.of("drop", "keep")))
                        .orElse("drop")
                        .equals("keep"));
    }

    private static Optional<String> path(YamlValue value) {
        return value.asParsed("a path, as in media/film.mp4", text -> text)
                .flatMap(text -> value.asText())
                .filter(path -> isPath(value, path));
    }

    private static boolean isPath(YamlValue value, String path) {
        if (path.matches("(?i)[a-z][a-z0-9+.-]+://.*")) {
            value.problem(Suggestion.quote(path.replaceAll("//[^/@]*@", "//...@"))
                    + " is a URL; write {url: ..., sha256: ...}");
            return false;
        }
        if (path.contains("\n")) {
            value.problem(Suggestion.quote(path) + " has a line break; write the path on one line");
            return false;
        }
        return true;
    }

    private static boolean isFile(YamlValue value, String path) {
        if (path.matches("(.*/)?\\.{0,2}")) {
            value.problem(Suggestion.quote(path) + " names a folder; add the file's name");
            return false;
        }
        return isPath(value, path);
    }

    private static boolean isUrl(YamlValue value, String url) {
        Optional<String> wrong = WebAddress.wrong(url);
        wrong.ifPresent(value::problem);
        return wrong.isEmpty();
    }

    private static Set<String> names(YamlMap map, String key) {
        return new LinkedHashSet<>(map.read(
                        key,
                        value -> list(value, 0, MOST_SMALL, one -> one.asName().orElse("")))
                .orElse(List.of()));
    }

    /** Every item by {@code each}, also those that are wrong. */
    static <T> Optional<List<T>> list(YamlValue value, int least, int most, Function<YamlValue, T> each) {
        return value.asList().map(items -> {
            if (items.size() < least) {
                value.problem("is an empty list; give at least " + least);
            } else if (items.size() > most) {
                value.problem("has " + items.size() + " items; at most " + most + " are allowed");
            }
            List<T> bound = new ArrayList<>();
            items.forEach(item -> bound.add(each.apply(item)));
            return bound;
        });
    }

    /** Every field by {@code each}; the keys must be names. Empty when absent. */
    static <T> Map<String, T> map(YamlMap parent, String key, int most, Function<YamlValue, T> each) {
        Map<String, T> bound = new LinkedHashMap<>();
        parent.read(key, YamlValue::asMap).ifPresent(map -> {
            if (map.keys().size() > most) {
                map.problem("has " + map.keys().size() + " entries; at most " + most + " are allowed");
            }
            map.values().forEach((name, value) -> {
                if (!YamlValue.isName(name)) {
                    map.keyProblem(name, Suggestion.quote(name) + YamlValue.nameAdvice());
                }
                bound.put(name, each.apply(value));
            });
        });
        return bound;
    }
}
