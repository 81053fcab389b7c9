package org.localav.orchestrator.plan;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Filter;
import org.localav.orchestrator.ffmpeg.FilterGraph;
import org.localav.orchestrator.ffmpeg.Source;

/**
 * Measures EBU R128 loudness in passing and reads the summary ffmpeg writes to its error stream at the end, which is the
 * only place where it says so. It needs log level {@code info}.
 */
public final class LoudnessReport {
    private static final Pattern VALUE =
            Pattern.compile("^\\s*(?:\\[.*] )?\\s*(I|LRA|Peak):\\s+(-?inf|nan|-?[0-9.]+) (?:LUFS|LU|dBFS)\\s*$");

    /** What digital silence reads, as {@link Measured.Loudness} has it. */
    static final double SILENCE = -70;

    private LoudnessReport() {}

    /**
     * Passes the sound on and measures it; its frame-by-frame lines are kept out of the log.
     *
     * @param peak whether its true peak is measured, too
     */
    static Filter filter(boolean peak) {
        return Filter.of("ebur128", "peak", peak ? "true" : "none", "framelog", "verbose");
    }

    /** A command that measures a file's sound and writes nothing. */
    public static Command measurement(Source source) {
        FilterGraph graph = new FilterGraph.Builder()
                .chain(List.of("0:a:0"), List.of(filter(true)), "measured")
                .build();
        return new Command(
                List.of(),
                List.of(new Command.Input(source, List.of("-vn"))),
                Optional.of(graph),
                List.of(new Command.Target(List.of("-map", "[measured]", "-f", "null"), "nothing")));
    }

    /**
     * The measured values, if a whole summary is among the lines; the last one counts.
     *
     * @param withPeak whether the true peak was measured, too
     */
    public static Optional<Measured.Loudness> parse(List<String> stderr, boolean withPeak) {
        OptionalDouble integrated = OptionalDouble.empty();
        OptionalDouble range = OptionalDouble.empty();
        OptionalDouble peak = OptionalDouble.empty();
        for (String line : stderr) {
            Matcher value = VALUE.matcher(line);
            if (value.matches()) {
                OptionalDouble number = OptionalDouble.of(number(value.group(2)));
                switch (value.group(1)) {
                    case "I" -> integrated = number;
                    case "LRA" -> range = number;
                    default -> peak = number;
                }
            }
        }
        return integrated.isPresent() && range.isPresent() && peak.isPresent() == withPeak
                ? Optional.of(
                        new Measured.Loudness(Math.max(integrated.getAsDouble(), SILENCE), peak, range.getAsDouble()))
                : Optional.empty();
    }

    /** Silence has a peak of minus infinity; -120 dB stands for it, as JSON has no infinite numbers. */
    private static double number(String text) {
        return text.endsWith("inf") || text.equals("nan") ? -120 : Double.parseDouble(text);
    }
}
