package org.localav.orchestrator.media;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.localav.orchestrator.spec.Rational;

/**
 * A picture stream's frame rate and whether it is constant. ffprobe's {@code r_frame_rate} is a guess (90000 for phone
 * clips, twice the truth for field-coded ones), so the time stamps have the last word.
 */
record Cadence(Rational rate, boolean variable) {
    private static final Rational UNKNOWN = new Rational(25, 1);

    /**
     * @param guesses rates that ffprobe offers, the likelier first
     * @param steps ticks between successive pictures
     * @param frames how many pictures the stream holds in {@code seconds}, where its header counts them
     */
    static Cadence of(
            List<Optional<Rational>> guesses,
            List<Long> steps,
            Rational timeBase,
            OptionalLong frames,
            double seconds) {
        List<Rational> sane = guesses.stream()
                .flatMap(Optional::stream)
                .filter(r -> r.toDouble() > 0 && r.toDouble() <= 1000)
                .toList();
        for (Rational guess : sane) {
            if (fits(guess, steps, timeBase) && counts(guess, frames, seconds)) {
                return new Cadence(guess, false);
            }
        }
        Optional<Rational> average = measured(steps, timeBase, frames, seconds);
        if (steps.isEmpty() && frames.orElse(1) <= 1) {
            return new Cadence(sane.stream().findFirst().or(() -> average).orElse(UNKNOWN), false);
        }
        Rational rate = sane.isEmpty() ? average.orElse(UNKNOWN) : sane.get(sane.size() - 1);
        return new Cadence(rate, true);
    }

    /** Within a tick (rounding to the time base) or a hundredth of a frame (a camera's clock). */
    private static boolean fits(Rational rate, List<Long> steps, Rational timeBase) {
        double tick = timeBase.toDouble();
        double frame = 1 / rate.toDouble();
        double tolerance = Math.max(tick * 1.001, frame / 100);
        return steps.stream().allMatch(step -> Math.abs(step * tick - frame) <= tolerance);
    }

    private static boolean counts(Rational rate, OptionalLong frames, double seconds) {
        return frames.isEmpty() || seconds <= 0 || Math.abs(frames.getAsLong() - seconds * rate.toDouble()) <= 1.5;
    }

    private static Optional<Rational> measured(
            List<Long> steps, Rational timeBase, OptionalLong frames, double seconds) {
        if (frames.orElse(0) > 1 && seconds > 0) {
            return Optional.of(new Rational(Math.max(1, Math.round(frames.getAsLong() / seconds * 1000)), 1000));
        }
        long ticks = steps.stream().mapToLong(Long::longValue).sum();
        return ticks <= 0
                ? Optional.empty()
                : Optional.of(new Rational(
                        Math.max(1, Math.round(steps.size() / (ticks * timeBase.toDouble()) * 1000)), 1000));
    }
}
