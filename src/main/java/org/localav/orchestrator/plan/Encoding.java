package org.localav.orchestrator.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.ffmpeg.FilterGraph;
import org.localav.orchestrator.preset.Preset;

/**
 * How pictures are encoded: a preset's options in ffmpeg's own names without the dash.
 *
 * @param codec ffprobe's name of what comes out
 * @param closing chains from {@link #CONFORMED} to {@link #ENCODED}, such as the choice of a palette; mostly none
 * @param threads other numbers of threads make other bytes, so it belongs to the key
 */
public record Encoding(String codec, Map<String, String> options, int threads, List<FilterGraph.Chain> closing) {
    /** Label of the conformed picture, which {@code closing} begins with. */
    static final String CONFORMED = "picture";

    /** Label of what is encoded. */
    static final String ENCODED = "v";

    public Encoding {
        closing = List.copyOf(closing);
        options = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /** An encoder that reads the conformed picture as it is. */
    public Encoding(String codec, Map<String, String> options, int threads) {
        this(codec, options, threads, List.of());
    }

    /** As the preset says. */
    public static Encoding of(Preset preset, int threads) {
        return new Encoding(
                preset.expectedVideoCodec().orElseThrow(),
                preset.video().orElseThrow().options(),
                threads,
                preset.closingChains(CONFORMED, ENCODED));
    }

    /** Whether a graphics processor or the like encodes. */
    boolean gpu() {
        return new Preset.Picture(Optional.empty(), Optional.empty(), false, options).hardware();
    }

    /** Ending of the file that holds such pictures between encoding and muxing. */
    String extension() {
        return extension(codec);
    }

    static String extension(String codec) {
        return switch (codec) {
            // mp4 keeps time stamps to the frame; Matroska rounds them to milliseconds.
            case "h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video" -> "mp4";
            case "prores", "dnxhd", "mjpeg" -> "mov";
            case "gif" -> "gif";
            default -> "mkv";
        };
    }

    /** The encoder's arguments; the same input gives the same bytes. */
    List<String> arguments() {
        Map<String, String> all = new LinkedHashMap<>(options);
        String flags = all.remove("flags:v");
        if (flags == null) {
            flags = all.remove("flags");
        }
        all.put("flags:v", (flags == null ? "" : flags) + "+bitexact");
        all.put("threads:v", Integer.toString(threads));
        List<String> arguments = new ArrayList<>();
        all.forEach((name, value) -> arguments.addAll(List.of("-" + name, value)));
        return arguments;
    }

    Map<String, Object> canonical() {
        // In file order: where two options meet, ffmpeg takes the later one.
        List<String> settings = new ArrayList<>();
        options.forEach((name, value) -> settings.add(name + "=" + value));
        return Map.of(
                "options",
                settings,
                "threads",
                threads,
                "closing",
                closing.stream().map(FilterGraph.Chain::toString).toList());
    }
}
