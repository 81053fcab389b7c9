package org.localav.orchestrator.spec;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.spec.JobSpec.Audio;
import org.localav.orchestrator.spec.JobSpec.AudioItem;
import org.localav.orchestrator.spec.JobSpec.Duck;
import org.localav.orchestrator.spec.JobSpec.Loudness;
import org.localav.orchestrator.spec.JobSpec.Tts;

/** Makes the {@code audio} part of a spec; see {@link SpecBinder}. */
final class AudioBinder {
    static final int MOST_TRACKS = 50;
    static final int MOST_ITEMS = 1_000;

    private static final AudioItem WRONG = new AudioItem(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Duration.ZERO,
            Duration.ZERO,
            Optional.empty(),
            false,
            0,
            Duration.ZERO,
            Duration.ZERO,
            Optional.empty());

    private AudioBinder() {}

    static Audio audio(YamlMap map) {
        map.only("tracks", "loudness");
        map.require("tracks", "write at least one track of items", value -> value.asMap()
                .filter(tracks -> {
                    if (tracks.keys().isEmpty()) {
                        tracks.problem("is empty; give at least one track");
                    }
                    return true;
                }));
        boolean readable = map.get("tracks").filter(YamlValue::isMap).isPresent();
        Map<String, List<AudioItem>> tracks = readable
                ? SpecBinder.map(
                        map, "tracks", MOST_TRACKS, track -> SpecBinder.list(track, 1, MOST_ITEMS, AudioBinder::item)
                                .orElse(List.of()))
                : Map.of();
        return new Audio(
                tracks,
                map.read("loudness", value -> value.asMap("{integrated: -16}")).map(AudioBinder::loudness));
    }

    private static AudioItem item(YamlValue value) {
        Optional<YamlMap> found = value.asMap("{asset: music} or {tts: {text: Hello}}");
        if (found.isEmpty()) {
            return WRONG;
        }
        YamlMap map = found.get();
        map.only("tts", "asset", "start", "gap", "in", "out", "loop", "gain", "fade_in", "fade_out", "duck");
        return new AudioItem(
                map.read("tts", one -> one.asMap("{text: Hello}")).map(AudioBinder::tts),
                map.read("asset", YamlValue::asName),
                map.read("start", AudioBinder::start),
                duration(map, "gap"),
                duration(map, "in"),
                map.read("out", one -> one.asDuration(SpecBinder.TICK)),
                map.read("loop", YamlValue::asFlag).orElse(false),
                map.read("gain", AudioBinder::gain).orElse(0.0),
                duration(map, "fade_in"),
                duration(map, "fade_out"),
                map.read("duck", one -> one.asMap("{by: narration}")).map(AudioBinder::duck));
    }

    /** A gain in dB as far as sound can stand it. */
    static Optional<Double> gain(YamlValue value) {
        return value.asDecibels(-60, 24);
    }

    private static Duration duration(YamlMap map, String key) {
        return map.read(key, value -> value.asDuration(Duration.ZERO)).orElse(Duration.ZERO);
    }

    private static Optional<Duration> start(YamlValue value) {
        boolean auto = value.content() instanceof Content.Scalar scalar
                && scalar.text().equals("auto");
        return auto ? Optional.empty() : value.asDuration(Duration.ZERO);
    }

    private static Tts tts(YamlMap map) {
        map.only("text", "voice", "language", "speed", "provider");
        return new Tts(
                map.require("text", "write the words to speak, as in text: \"Welcome.\"", YamlValue::asText)
                        .orElse(""),
                map.read("voice", value -> value.asText(128)),
                map.read("language", AudioBinder::language),
                map.read("speed", value -> value.asNumber(0.25, 4)).orElse(1.0),
                map.read("provider", YamlValue::asName));
    }

    private static Optional<String> language(YamlValue value) {
        return value.asParsed(text -> {
            if (!text.matches("[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}")) {
                throw new IllegalArgumentException(
                        Suggestion.quote(text) + " is no language tag; write en, en-GB or zh-Hans");
            }
            return text;
        });
    }

    private static Duck duck(YamlMap map) {
        map.only("by", "amount", "attack", "release");
        return new Duck(
                map.require("by", "name the track this one makes room for, as in by: narration", YamlValue::asName)
                        .orElse(""),
                map.read("amount", value -> value.asDecibels(1, 40)).orElse(10.0),
                map.read("attack", value -> value.asDuration(SpecBinder.TICK, Duration.ofSeconds(2)))
                        .orElse(Duration.ofMillis(20)),
                map.read("release", value -> value.asDuration(SpecBinder.TICK, Duration.ofSeconds(9)))
                        .orElse(Duration.ofMillis(400)));
    }

    private static Loudness loudness(YamlMap map) {
        map.only("integrated", "true_peak", "range");
        return new Loudness(
                map.require("integrated", "write LUFS, as in integrated: -16", value -> value.asNumber(-70, -5))
                        .orElse(-16.0),
                map.read("true_peak", value -> value.asNumber(-9, 0)).orElse(-1.5),
                map.read("range", value -> value.asNumber(1, 20)));
    }
}
