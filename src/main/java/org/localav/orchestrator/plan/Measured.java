package org.localav.orchestrator.plan;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What is known of a file a step made: found when it was verified, kept beside it in the step store.
 *
 * @param duration of its longest stream; zero for a still
 * @param loudness of its sound, where the step measured it
 * @param videoFrames number of pictures, where there are pictures
 */
public record Measured(Duration duration, Optional<Loudness> loudness, Optional<Long> videoFrames) {
    /**
     * EBU R128: integrated (LUFS), true peak (dBTP), range (LU). Silence is -70 LUFS.
     *
     * @param truePeak empty where nobody had asked for a loudness: it takes three times as long as the rest
     */
    public record Loudness(double integrated, OptionalDouble truePeak, double range) {
        public Loudness(double integrated, double truePeak, double range) {
            this(integrated, OptionalDouble.of(truePeak), range);
        }

        /** The true peak (dBTP) of what was measured to be levelled. */
        double peak() {
            return truePeak.orElseThrow();
        }
    }
}
