package org.localav.orchestrator.plan;

import java.util.List;
import java.util.Optional;
import org.localav.orchestrator.spec.JobSpec.Loudness;

/**
 * Finds the levels that bring a mix to its loudness target. A limiter eats loudness and a lossy codec moves peaks, by how
 * much nobody can say beforehand: so the encoded result is measured and, seldom, the levels are corrected.
 */
record Levelling(Optional<Loudness> target, AudioCodec codec, Measured.Loudness mix) {
    /** How far loudness may lie from the target, in LU: half, less the rounding of what ffmpeg prints. */
    private static final double TOLERANCE = 0.41;

    /** ffmpeg prints loudness and peaks in tenths. */
    private static final double STEP = 0.1;

    private static final double RANGE_TOLERANCE = 1;

    private static final double MOST_RATIO = 20;

    private static final int MOST_ATTEMPTS = 3;

    /** Where sound above full scale is limited when there is no target, in dBTP. */
    private static final double DEFAULT_CEILING = -1;

    /** How far peaks may be pushed into the limiter before loudness is given up; beyond, it would crackle. */
    private static final double MOST_LIMITING = 12;

    /** ffmpeg's limiter takes no lower ceiling. */
    private static final double LOWEST_CEILING = -24;

    Levels first() {
        if (target.isEmpty()) {
            return mix.peak() > 0
                    ? new Levels(1, codec.gainDb(), Optional.of(DEFAULT_CEILING - codec.overshootDb()))
                    : Levels.UNTOUCHED;
        }
        Loudness wanted = target.get();
        if (silent(mix)) {
            return levels(1, 0, wanted.truePeak() - codec.overshootDb());
        }
        double ratio = wanted.range()
                .filter(r -> mix.range() > r)
                .map(r -> Math.min(MOST_RATIO, mix.range() / Math.max(r, 1) * 1.1))
                .orElse(1.0);
        double gain = wanted.integrated() - mix.integrated() + codec.gainDb() + mix.range() * (1 - 1 / ratio);
        return levels(ratio, gain, wanted.truePeak() - codec.overshootDb());
    }

    /** The levels for another run, or nothing where the last attempt is good, or as good as it gets. */
    Optional<Levels> next(List<Levels.Attempt> attempts) {
        Levels.Attempt last = attempts.get(attempts.size() - 1);
        if (target.isEmpty() || attempts.size() >= MOST_ATTEMPTS) {
            return Optional.empty();
        }
        if (good(last.encoded()) && (narrow(last.encoded()) || last.levels().ratio() == 1)) {
            return Optional.empty();
        }
        Loudness wanted = target.get();
        Levels levels = last.levels();
        double over = last.encoded().peak() - wanted.truePeak();
        if (over > 0 && (silent(mix) || over + STEP <= last.encoded().integrated() - wanted.integrated() + TOLERANCE)) {
            return Optional.of(lowered(levels, over + STEP));
        }
        double ratio = levels.ratio();
        double gain = levels.gainDb();
        if (!silent(mix)) {
            gain += (wanted.integrated() - last.encoded().integrated()) / slope(attempts);
            double wider = wanted.range().map(r -> last.encoded().range() / r).orElse(0.0);
            if (ratio > 1 && !narrow(last.encoded())) {
                ratio = Math.min(MOST_RATIO, ratio * wider);
                gain += mix.range() * (1 / levels.ratio() - 1 / ratio);
            }
        }
        Levels better = levels(ratio, gain, ceiling(last));
        return better.equals(levels) ? Optional.empty() : Optional.of(better);
    }

    /** Everything lower by the same: the one change whose effect on a lossy codec's peaks is sure. */
    private static Levels lowered(Levels levels, double db) {
        return new Levels(
                levels.ratio(),
                hundredth(levels.gainDb() - db),
                levels.ceilingDb().map(c -> hundredth(Math.max(c - db, LOWEST_CEILING))));
    }

    /** Below the limit by what the codec added to the peaks last time. */
    private double ceiling(Levels.Attempt last) {
        double limit = target.orElseThrow().truePeak();
        double before = mix.peak() + last.levels().gainDb();
        double peak = last.levels().ceilingDb().map(c -> Math.min(c, before)).orElse(before);
        double added = last.encoded().peak() - peak;
        double over = last.encoded().peak() - limit;
        double ceiling = limit - Math.max(added, codec.overshootDb()) - STEP;
        return over > 0 ? Math.min(ceiling, peak - over - 2 * STEP) : Math.max(ceiling, Math.min(peak, limit));
    }

    /** What the result misses, as a sentence for the report. */
    Optional<String> note(Measured.Loudness encoded) {
        if (target.isEmpty()) {
            return Optional.empty();
        }
        if (silent(mix)) {
            return Optional.of("the sound is silent or shorter than 400 ms, so it has no loudness to bring to "
                    + target.get().integrated() + " LUFS");
        }
        Loudness wanted = target.get();
        if (!good(encoded)) {
            return Optional.of("loudness is " + encoded.integrated() + " LUFS, true peak " + encoded.peak()
                    + " dBTP; " + wanted.integrated() + " LUFS and " + wanted.truePeak()
                    + " dBTP can't be had together for this sound without crushing its peaks");
        }
        return wanted.range()
                .filter(r -> !narrow(encoded))
                .map(r -> "loudness range is " + encoded.range() + " LU, more than the " + r + " LU asked for");
    }

    private boolean good(Measured.Loudness encoded) {
        Loudness wanted = target.orElseThrow();
        boolean loud = silent(mix) || Math.abs(encoded.integrated() - wanted.integrated()) <= TOLERANCE;
        return loud && encoded.peak() <= wanted.truePeak() + 0.001;
    }

    private boolean narrow(Measured.Loudness encoded) {
        return target.flatMap(Loudness::range)
                .filter(r -> encoded.range() > r + RANGE_TOLERANCE)
                .isEmpty();
    }

    private Levels levels(double ratio, double gain, double ceiling) {
        double stands = Math.max(ceiling, LOWEST_CEILING);
        double narrowed = mix.range() * (1 - 1 / ratio);
        double most = Math.max(stands - mix.peak() + narrowed + MOST_LIMITING, 0);
        double allowed = hundredth(Math.min(gain, most));
        boolean limit = mix.peak() + allowed > stands;
        return new Levels(hundredth(ratio), allowed, limit ? Optional.of(hundredth(stands)) : Optional.empty());
    }

    /** How much louder the result gets with 1 dB more gain: less than 1 where the limiter works. */
    private static double slope(List<Levels.Attempt> attempts) {
        Levels.Attempt last = attempts.get(attempts.size() - 1);
        if (attempts.size() > 1) {
            Levels.Attempt before = attempts.get(attempts.size() - 2);
            double gained = last.levels().gainDb() - before.levels().gainDb();
            if (Math.abs(gained) >= 0.2) {
                double louder = last.encoded().integrated() - before.encoded().integrated();
                return Math.max(0.25, Math.min(1, louder / gained));
            }
        }
        return last.levels().ceilingDb().isPresent() ? 0.7 : 1;
    }

    private static boolean silent(Measured.Loudness loudness) {
        return loudness.integrated() <= LoudnessReport.SILENCE;
    }

    private static double hundredth(double value) {
        return Math.round(value * 100) / 100.0;
    }
}
