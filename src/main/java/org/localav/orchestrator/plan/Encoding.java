package org.localav.orchestrator.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Dialect;
import org.localav.orchestrator.ffmpeg.FilterGraph;
import org.localav.orchestrator.preset.Preset;
import org.localav.orchestrator.spec.Rational;

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

    /** Label at which a graph that leads to this encoder has to end. */
    String opening() {
        return closing.isEmpty() ? ENCODED : CONFORMED;
    }

    /**
     * The command that encodes what a graph has at {@link #opening}.
     *
     * @param frames how many, at {@code fps} a second
     */
    Command command(List<Command.Input> inputs, FilterGraph.Builder graph, long frames, Rational fps, String fileName) {
        closing.forEach(
                chain -> graph.chain(chain.from(), chain.filters(), chain.to().toArray(String[]::new)));
        List<String> output = new ArrayList<>(List.of("-map", "[" + ENCODED + "]", "-an", "-sn", "-dn"));
        output.addAll(List.of("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"));
        output.addAll(List.of(Dialect.FRAME_MODE, "passthrough", "-frames:v", Long.toString(frames)));
        output.addAll(List.of("-t", Times.seconds(Times.of(frames, fps).plusSeconds(1))));
        output.addAll(arguments());
        return new Command(
                List.of("-filter_complex_threads", Integer.toString(threads)),
                inputs,
                Optional.of(graph.build()),
                List.of(new Command.Target(output, fileName)));
    }

    /** What so many encoded pictures must look like. */
    Expectation expectation(long frames, Rational fps) {
        return new Expectation(
                Optional.of(codec),
                Optional.empty(),
                Optional.of(Times.of(frames, fps)),
                Duration.ofMillis(100),
                Optional.of(frames));
    }

    /** What burns for long. */
    Recipe.Work work() {
        return gpu() ? Recipe.Work.GPU : Recipe.Work.PROCESSOR;
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
