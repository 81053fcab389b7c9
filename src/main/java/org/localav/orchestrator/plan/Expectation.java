package org.localav.orchestrator.plan;

import java.time.Duration;
import java.util.Optional;

/**
 * What a result must look like when it is probed.
 *
 * @param videoCodec ffprobe's codec name of the one picture stream; empty: there must be none
 * @param audioCodec the same for sound
 * @param duration how long it must be, within max(tolerance, 1 %)
 * @param videoFrames how many pictures exactly, where that is known
 */
public record Expectation(
        Optional<String> videoCodec,
        Optional<String> audioCodec,
        Optional<Duration> duration,
        Duration tolerance,
        Optional<Long> videoFrames) {}
