package org.localav.orchestrator.report;

import java.util.List;
import java.util.Optional;

/**
 * What is to be seen and heard of a job's outputs.
 *
 * @param frames of the first output with pictures, in order; empty when there are none
 * @param sound of the first output with sound
 */
public record Pictures(List<Frame> frames, Optional<Sound> sound) {
    public Pictures {
        frames = List.copyOf(frames);
    }

    /**
     * One picture.
     *
     * @param output its place among the outputs
     * @param second where in the output
     */
    record Frame(int output, double second, byte[] jpeg) {}

    /**
     * Sound over time, in equal spans of which each has at least one value.
     *
     * @param output its place among the outputs
     * @param peaks highest sample of each span, dBFS
     * @param loudness highest short-term loudness of each span, LUFS
     */
    record Sound(int output, double seconds, List<Double> peaks, List<Double> loudness) {}
}
