package org.localav.orchestrator.plan;

import java.util.List;
import java.util.Optional;
import org.localav.orchestrator.spec.JobSpec.Loudness;

/**
 * Finds the levels that bring a mix to its loudness target. A limiter eats loudness and a lossy codec moves peaks, by how
 * much nobody can say beforehand: so the encoded result is measured and, seldom, the levels are corrected.
 */
record Levelling(Optional<Loudness> target, AudioCodec codec, Measured.Loudness mix) {
    /** How far loudness may lie from the target, in LU. */
    static final double TOLERANCE = 0.5;

    static final int MOST_ATTEMPTS = 3;

    /** Where sound above full scale is limited when there is no target, in dBTP. */
    private static final double DEFAULT_CEILING = -1;

    /** How far peaks may be pushed into the limiter before loudness is given up; beyond, it would crackle. */
    private static final double MOST_LIMITING = 12;

    /** ffmpeg's limiter takes no lower ceiling. */
    private static final double LOWEST_CEILING = -24;

    Levels first() {
        if (target.isEmpty()) {
            return mix.truePeak() > 0
                    ? new Levels(1, codec.gainDb(), Optional.of(DEFAULT_CEILING - codec.overshootDb()))
                    : Levels.UNTOUCHED;
        }
        Loudness wanted = target.get();
        if (silent(mix)) {
            return levels(1, 0, wanted.truePeak() - codec.overshootDb());
        }
        double ratio = wanted.range()
                .filter(r -> mix.range() > r)
                .map(r -> Math.min(20, mix.range() / Math.max(r, 1) * 1.3))
                .orElse(1.0);
        double gain = wanted.integrated() - mix.integrated() + codec.gainDb() + mix.range() / 2 * (1 - 1 / ratio);
        return levels(ratio, gain, wanted.truePeak() - codec.overshootDb());
    }

    /** The levels for another run, or nothing where the last attempt is good, or as good as it gets. */
    Optional<Levels> next(List<Levels.Attempt> attempts) {
        Levels.Attempt last = attempts.get(attempts.size() - 1);
        if (target.isEmpty() || attempts.size() >= MOST_ATTEMPTS || good(last.encoded())) {
            return Optional.empty();
        }
        Loudness wanted = target.get();
        double over = last.encoded().truePeak() - wanted.truePeak();
        double ceiling = last.levels().ceilingDb().orElse(wanted.truePeak()) - (over > 0 ? over + 0.2 : 0);
        double gain = silent(mix)
                ? last.levels().gainDb()
                : last.levels().gainDb() + (wanted.integrated() - last.encoded().integrated()) / slope(attempts);
        Levels levels = levels(last.levels().ratio(), gain, ceiling);
        return levels.equals(last.levels()) ? Optional.empty() : Optional.of(levels);
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
            return Optional.of("loudness is " + encoded.integrated() + " LUFS, true peak " + encoded.truePeak()
                    + " dBTP; " + wanted.integrated() + " LUFS and " + wanted.truePeak()
                    + " dBTP can't be had together for this sound without crushing its peaks");
        }
        return wanted.range()
                .filter(r -> encoded.range() > r + 1)
                .map(r -> "loudness range is " + encoded.range() + " LU, more than the " + r + " LU asked for");
    }

    private boolean good(Measured.Loudness encoded) {
        Loudness wanted = target.orElseThrow();
        boolean loud = silent(mix) || Math.abs(encoded.integrated() - wanted.integrated()) <= TOLERANCE;
        return loud && encoded.truePeak() <= wanted.truePeak() + 0.001;
    }

    private Levels levels(double ratio, double gain, double ceiling) {
        double stands = Math.max(ceiling, LOWEST_CEILING);
        double most = Math.max(stands - mix.truePeak() + MOST_LIMITING, 0);
        double allowed = hundredth(Math.min(gain, most));
        boolean limit = mix.truePeak() + allowed > stands;
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
