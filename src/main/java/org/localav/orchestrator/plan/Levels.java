package org.localav.orchestrator.plan;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a master does to the level of its mix.
 *
 * @param ratio of the slow compressor that narrows the loudness range; 1: none
 * @param gainDb added after it
 * @param ceilingDb where the true-peak limiter stands (dB of full scale); empty: none, which saves most of the time
 */
public record Levels(double ratio, double gainDb, Optional<Double> ceilingDb) {
    static final Levels UNTOUCHED = new Levels(1, 0, Optional.empty());

    /** As they are kept beside the master's result, whose key says nothing of what was tried. */
    public Map<String, String> facts() {
        Map<String, String> facts =
                new TreeMap<>(Map.of("ratio", Double.toString(ratio), "gain", Double.toString(gainDb)));
        ceilingDb.ifPresent(ceiling -> facts.put("ceiling", ceiling.toString()));
        return facts;
    }

    /** What {@link #facts} gave; empty for a result that was made without levels. */
    public static Optional<Levels> of(Map<String, String> facts) {
        return facts.containsKey("ratio") && facts.containsKey("gain")
                ? Optional.of(new Levels(
                        Double.parseDouble(facts.get("ratio")),
                        Double.parseDouble(facts.get("gain")),
                        Optional.ofNullable(facts.get("ceiling")).map(Double::valueOf)))
                : Optional.empty();
    }

    /** Levels and what the encoded result then measured. */
    public record Attempt(Levels levels, Measured.Loudness encoded) {}
}
