package org.localav.orchestrator.preset;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.localav.orchestrator.ffmpeg.Filter;
import org.localav.orchestrator.ffmpeg.FilterGraph;
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

        /** Whether a graphics processor or the like encodes. */
        public boolean hardware() {
            return Encoders.hardware(encoder());
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

    /** Whether a file name with this ending (without the dot, any case) can be written in this preset. */
    public boolean holds(String extension) {
        return extensions.contains(extension.toLowerCase(Locale.ROOT));
    }

    /** {@code -c:v libx264 -crf 23 ...}; empty without a picture. Size and frame rate are for the filter graph. */
    public List<String> videoArguments() {
        return video.map(Picture::options).map(Preset::arguments).orElse(List.of());
    }

    /** {@code -c:a aac -b:a 160k ...}; empty without sound. */
    public List<String> audioArguments() {
        return audio.map(Sound::options).map(Preset::arguments).orElse(List.of());
    }

    /** {@code -f mp4 -movflags +faststart}. */
    public List<String> muxerArguments() {
        List<String> arguments = new ArrayList<>(List.of("-f", format));
        arguments.addAll(arguments(muxer));
        return List.copyOf(arguments);
    }

    /** ffprobe's name of the codec the picture will have; empty without a picture, or when it is copied. */
    public Optional<String> expectedVideoCodec() {
        return video.filter(v -> !v.neverEncodes()).map(Picture::encoder).map(Encoders::codec);
    }

    /** ffprobe's name of the codec the sound will have; empty without sound. */
    public Optional<String> expectedAudioCodec() {
        return audio.map(Sound::encoder).map(Encoders::codec);
    }

    /**
     * The chains that must end the filter graph before the picture is encoded; empty for most presets. For GIF they choose
     * a palette for each picture by itself: a palette for the whole would hold all pictures in memory, and parts encoded
     * side by side could not be joined by copying.
     *
     * @param from label of what is to be encoded, without brackets
     * @param to label that the encoder reads
     */
    public List<FilterGraph.Chain> closingChains(String from, String to) {
        if (video.filter(v -> v.encoder().equals("gif")).isEmpty()) {
            return List.of();
        }
        String seen = to + "_seen";
        String kept = to + "_kept";
        String palette = to + "_palette";
        return List.of(
                new FilterGraph.Chain(List.of(from), List.of(Filter.of("split")), List.of(seen, kept)),
                new FilterGraph.Chain(
                        List.of(seen), List.of(Filter.of("palettegen", "stats_mode", "single")), List.of(palette)),
                new FilterGraph.Chain(
                        List.of(kept, palette),
                        List.of(Filter.of("paletteuse", "new", 1, "dither", "bayer", "bayer_scale", 3)),
                        List.of(to)));
    }

    /** The preset in the form of its file. */
    public Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("description", description);
        tree.put("format", format);
        tree.put("extensions", extensions);
        video.ifPresent(picture -> {
            Map<String, Object> settings = new LinkedHashMap<>();
            picture.size().ifPresent(size -> settings.put("size", size.toString()));
            picture.fps().ifPresent(fps -> settings.put("fps", fps.toString()));
            settings.put("copy", picture.copy());
            settings.putAll(picture.options());
            tree.put("video", settings);
        });
        audio.ifPresent(sound -> tree.put("audio", sound.options()));
        if (!muxer.isEmpty()) {
            tree.put("muxer", muxer);
        }
        return tree;
    }

    private static List<String> arguments(Map<String, String> options) {
        return options.entrySet().stream()
                .flatMap(o -> Stream.of("-" + o.getKey(), o.getValue()))
                .toList();
    }

    private static Map<String, String> ordered(Map<String, String> map) {
        return java.util.Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
