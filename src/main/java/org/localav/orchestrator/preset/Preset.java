package org.localav.orchestrator.preset;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

/**
 * Named output settings from {@code presets/NAME.yaml}. Options carry ffmpeg's own names without the dash, in file order.
 *
 * @param format ffmpeg's muxer name
 * @param extensions file name endings it may be written to, the usual one first
 * @param muxer options of the muxer
 */
public record Preset(
        String name,
        String description,
        String format,
        List<String> extensions,
        Optional<Picture> video,
        Optional<Sound> audio,
        Map<String, String> muxer) {
    public Preset {
        extensions = List.copyOf(extensions);
        muxer = ordered(muxer);
    }

    /**
     * Picture settings. {@code size} and {@code fps} are used where the spec gives none. {@code copy} says whether
     * clips that already are what this preset makes may be joined without encoding; a preset whose {@code c:v} is
     * {@code copy} never encodes.
     */
    public record Picture(Optional<Size> size, Optional<Rational> fps, boolean copy, Map<String, String> options) {
        public Picture {
            options = ordered(options);
        }

        /** ffmpeg's encoder name, or {@code copy}. */
        public String encoder() {
            return options.get("c:v");
        }

        public boolean neverEncodes() {
            return encoder().equals("copy");
        }
    }

    /** Sound settings: encoder, {@code ar} (Hz) and {@code ac} among the options. */
    public record Sound(Map<String, String> options) {
        public Sound {
            options = ordered(options);
        }

        public String encoder() {
            return options.get("c:a");
        }
    }

    private static Map<String, String> ordered(Map<String, String> map) {
        return java.util.Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
