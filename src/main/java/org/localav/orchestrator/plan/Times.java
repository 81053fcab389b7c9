package org.localav.orchestrator.plan;

import java.math.BigDecimal;
import java.time.Duration;
import org.localav.orchestrator.spec.Rational;

/** Times between frames, microseconds and ffmpeg's seconds. */
final class Times {
    private Times() {}

    static long micros(Duration duration) {
        return duration.toNanos() / 1000;
    }

    /** How long so many frames last, to the nanosecond. */
    static Duration of(long frames, Rational fps) {
        return Duration.ofNanos(Math.round(frames * 1e9 * fps.denominator() / fps.numerator()));
    }

    /** The nearest whole number of frames. */
    static long frames(Duration duration, Rational fps) {
        return Math.round(duration.toNanos() / 1e9 * fps.numerator() / fps.denominator());
    }

    /** Seconds with six decimals, as ffmpeg reads them. */
    static String seconds(Duration duration) {
        return seconds(micros(duration));
    }

    static String seconds(long micros) {
        return BigDecimal.valueOf(micros, 6).toPlainString();
    }
}
