package org.localav.orchestrator.plan;

import java.util.Optional;

/**
 * What a master does to the level of its mix.
 *
 * @param ratio of the slow compressor that narrows the loudness range; 1: none
 * @param gainDb added after it
 * @param ceilingDb where the true-peak limiter stands (dB of full scale); empty: none, which saves most of the time
 */
public record Levels(double ratio, double gainDb, Optional<Double> ceilingDb) {
    static final Levels UNTOUCHED = new Levels(1, 0, Optional.empty());

    /** Levels and what the encoded result then measured. */
    public record Attempt(Levels levels, Measured.Loudness encoded) {}
}
