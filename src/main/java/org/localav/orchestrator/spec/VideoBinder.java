package org.localav.orchestrator.spec;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.localav.orchestrator.spec.JobSpec.Clip;
import org.localav.orchestrator.spec.JobSpec.ClipSound;
import org.localav.orchestrator.spec.JobSpec.Fit;
import org.localav.orchestrator.spec.JobSpec.Video;

/** Makes the {@code video} part of a spec; see {@link SpecBinder}. */
final class VideoBinder {
    static final int MOST_CLIPS = 1_000;

    private static final List<String> FITS = Arrays.stream(Fit.values())
            .map(fit -> fit.name().toLowerCase(Locale.ROOT))
            .toList();

    private VideoBinder() {}

    static Video video(YamlMap map) {
        map.only("clips", "size", "fps", "fit", "filters");
        return new Video(
                map.require(
                                "clips",
                                "write at least one, as in clips: [{asset: intro}]",
                                value -> SpecBinder.list(value, 1, MOST_CLIPS, VideoBinder::clip))
                        .orElse(List.of()),
                map.read("size", YamlValue::asSize),
                map.read("fps", YamlValue::asRate),
                map.read("fit", value -> value.asOneOf(FITS)).map(fit -> Fit.valueOf(fit.toUpperCase(Locale.ROOT))),
                map.read(
                                "filters",
                                value -> SpecBinder.list(value, 0, SpecBinder.MOST_SMALL, one -> one.asText(1000)
                                        .orElse("")))
                        .orElse(List.of()));
    }

    private static Clip clip(YamlValue value) {
        Optional<YamlMap> found = value.asMap("{asset: intro}");
        if (found.isEmpty()) {
            return new Clip("", Duration.ZERO, Optional.empty(), Optional.empty(), new ClipSound.Keep());
        }
        YamlMap map = found.get();
        map.only("asset", "in", "out", "length", "audio");
        return new Clip(
                map.require("asset", "name one of the assets, as in asset: intro", YamlValue::asName)
                        .orElse(""),
                map.read("in", one -> one.asDuration(Duration.ZERO)).orElse(Duration.ZERO),
                map.read("out", one -> one.asDuration(SpecBinder.TICK)),
                map.read("length", one -> one.asDuration(SpecBinder.TICK)),
                map.read("audio", VideoBinder::sound).orElse(new ClipSound.Keep()));
    }

    private static Optional<ClipSound> sound(YamlValue value) {
        if (value.content() instanceof Content.Scalar scalar) {
            switch (scalar.text()) {
                case "keep":
                    return Optional.of(new ClipSound.Keep());
                case "mute":
                    return Optional.of(new ClipSound.Mute());
                default:
                    if (scalar.text().matches("[A-Za-z]+")) {
                        value.problem(Suggestion.quote(scalar.text()) + " must be keep, mute or a gain, as in -6dB");
                        return Optional.empty();
                    }
            }
        }
        return AudioBinder.gain(value).map(ClipSound.Gain::new);
    }
}
