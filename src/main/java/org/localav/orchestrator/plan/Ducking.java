package org.localav.orchestrator.plan;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.localav.orchestrator.ffmpeg.Filter;
import org.localav.orchestrator.ffmpeg.FilterGraph;

/**
 * Sidechain ducking that goes down by the amount asked for whatever the level of the speech: two gates turn the speech
 * into a signal that is 1 while it sounds and 0 when it doesn't, and the compressor listens to that.
 */
final class Ducking {
    /** What counts as sounding, peak level: quieter than any word, louder than the room around a microphone. */
    private static final double THRESHOLD_DB = -40;

    private static final int RATIO = 20;

    private Ducking() {}

    /**
     * Adds the chains from a track's sound to {@code count} key signals.
     *
     * @param samples length of the piece; a compressor ends when its key does
     */
    static List<String> keys(
            FilterGraph.Builder graph, String track, int count, long samples, UnaryOperator<String> label) {
        String key = label.apply("voice");
        String first = label.apply("one");
        String second = label.apply("one");
        String open = label.apply("open");
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            keys.add(label.apply("held"));
        }
        // A gate or compressor whose key begins with digital silence stays open until the first sound: hence the
        // offset of -80 dB on the key, and a floor above zero in the first gate.
        graph.chain(
                List.of(track),
                List.of(
                        Filter.of("pan", "args", "mono|c0=0.5*c0+0.5*c1"),
                        Filter.of("apad", "whole_len", samples),
                        Filter.of("dcshift", "shift", "0.0001")),
                key);
        graph.chain(
                List.of(),
                List.of(
                        Filter.of("anullsrc", "r", Timeline.RATE, "cl", "mono"),
                        Filter.of("atrim", "end_sample", samples),
                        Filter.of("dcshift", "shift", 1),
                        Filter.of("asplit")),
                first,
                second);
        graph.chain(List.of(first, key), List.of(gate(number(Math.pow(10, THRESHOLD_DB / 20)), 40, "0.001")), open);
        // From 1 to its threshold of 0.1 the second gate's envelope falls in 2.3 time constants of release / 4: it
        // holds
        // for 300 ms, so the bed doesn't pump between words.
        List<Filter> hold = new ArrayList<>(List.of(gate("0.1", 521, "0")));
        if (count > 1) {
            hold.add(Filter.of("asplit", "outputs", count));
        }
        graph.chain(List.of(second, open), hold, keys.toArray(String[]::new));
        return keys;
    }

    private static Filter gate(String threshold, int releaseMillis, String range) {
        return Filter.of(
                "sidechaingate",
                "threshold",
                threshold,
                "ratio",
                9000,
                "range",
                range,
                "knee",
                1,
                "attack",
                1,
                "release",
                releaseMillis,
                "detection",
                "peak");
    }

    /**
     * The compressor between the sound (first) and its key (second). Above the threshold a key of 1 takes off
     * threshold x (1 - 1 / ratio) dB. Its envelope falls at 8.686 dB a time constant, and a time constant is a quarter
     * of ffmpeg's {@code release}; so the rise back is straight in dB and takes the release asked for.
     */
    static Filter filter(MixRecipe.Duck duck) {
        double thresholdDb = Math.min(duck.amountDb() * RATIO / (RATIO - 1), 60);
        double releaseMillis = duck.release().toNanos() / 1e6 * 4 * 8.686 / thresholdDb;
        double attackMillis = duck.attack().toNanos() / 1e6;
        return Filter.of(
                "sidechaincompress",
                "threshold",
                number(Math.pow(10, -thresholdDb / 20)),
                "ratio",
                RATIO,
                "knee",
                1,
                "attack",
                number(Math.max(0.01, Math.min(attackMillis, 2000))),
                "release",
                number(Math.max(0.01, Math.min(releaseMillis, 9000))),
                "detection",
                "peak");
    }

    static String number(double value) {
        return BigDecimal.valueOf(value)
                .round(new MathContext(6))
                .stripTrailingZeros()
                .toPlainString();
    }
}
