package org.localav.orchestrator.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.MediaInfo.AudioStream;
import org.localav.orchestrator.spec.Rational;

/**
 * Every sound of a mix at its place, counted in samples at {@link #RATE}; lengths come from the facts of the sources.
 *
 * @param placed all sounds, tracks first in their order, then kept clip sounds; cut at the end of the piece
 * @param uncut the same before cutting, without loops
 * @param samples length of the piece
 */
record Timeline(List<Placed> placed, List<Placed> uncut, long samples) {
    /** Samples a second of the mix. */
    static final int RATE = 48_000;

    /** Track number of sound kept from clips. */
    static final int CLIPS = -1;

    /**
     * A sound with its place.
     *
     * @param from first sample of the source that is heard
     * @param section samples from there to the end of the chosen part; a looped sound repeats them
     * @param toEnd whether the chosen part ends with the source
     * @param start first sample on the time line
     * @param length samples heard
     */
    record Placed(
            int track,
            String label,
            Source source,
            long from,
            long section,
            boolean toEnd,
            boolean loop,
            long start,
            long length,
            double gainDb,
            long fadeIn,
            long fadeOut,
            Optional<MixRecipe.Duck> duck) {
        long end() {
            return start + length;
        }

        Placed cutAt(long samples) {
            long kept = loop ? samples - start : Math.min(length, samples - start);
            return new Placed(
                    track, label, source, from, section, toEnd, loop, start, kept, gainDb, fadeIn, fadeOut, duck);
        }
    }

    static Timeline of(MixRecipe recipe, Facts facts) {
        List<Placed> all = new ArrayList<>();
        for (int track = 0; track < recipe.tracks().size(); track++) {
            long end = 0;
            for (MixRecipe.Item item : recipe.tracks().get(track).items()) {
                Placed placed = place(track, item, end, facts);
                all.add(placed);
                end = placed.end();
            }
        }
        recipe.picture().ifPresent(p -> all.addAll(kept(p)));
        List<Placed> uncut = all.stream().filter(p -> !p.loop()).toList();
        long samples = recipe.picture()
                .map(MixRecipe.Picture::samples)
                .orElseGet(() -> uncut.stream().mapToLong(Placed::end).max().orElse(0));
        List<Placed> heard = all.stream()
                .filter(p -> p.start() < samples)
                .map(p -> p.cutAt(samples))
                .filter(p -> p.length() > 0)
                .toList();
        return new Timeline(heard, uncut, samples);
    }

    private static Placed place(int track, MixRecipe.Item item, long previousEnd, Facts facts) {
        long from = samples(item.in());
        long to = item.out().map(Timeline::samples).orElseGet(() -> samples(sourceEnd(item.source(), facts)));
        long section = Math.max(to - from, 1);
        return new Placed(
                track,
                item.label(),
                item.source(),
                from,
                section,
                item.out().isEmpty(),
                item.loop(),
                item.start().map(Timeline::samples).orElse(previousEnd + samples(item.gap())),
                section,
                item.gainDb(),
                samples(item.fadeIn()),
                samples(item.fadeOut()),
                item.duck());
    }

    private static List<Placed> kept(MixRecipe.Picture picture) {
        List<Placed> kept = new ArrayList<>();
        long frames = 0;
        for (MixRecipe.Clip clip : picture.clips()) {
            long start = samples(frames, picture.fps());
            frames += clip.span().frames();
            long length = samples(frames, picture.fps()) - start;
            clip.sound()
                    .filter(s -> length > 0)
                    .ifPresent(s -> kept.add(new Placed(
                            CLIPS,
                            "",
                            s.source(),
                            samples(s.in()),
                            length,
                            false,
                            false,
                            start,
                            length,
                            s.gainDb(),
                            0,
                            0,
                            Optional.empty())));
        }
        return kept;
    }

    /** Where a source's sound ends, counted from its file's start. */
    static Duration sourceEnd(Source source, Facts facts) {
        if (source instanceof Source.AssetFile asset) {
            return facts.media(asset)
                    .audio()
                    .map(a -> offset(a).plus(a.duration()))
                    .orElse(Duration.ZERO);
        }
        return facts.measured((Source.StepResult) source).duration();
    }

    /** How long after its file's start a stream's sound begins; less than 2 ms is the rounding of Matroska's clock. */
    static Duration offset(AudioStream stream) {
        return stream.startOffset().compareTo(Duration.ofMillis(2)) < 0 ? Duration.ZERO : stream.startOffset();
    }

    Duration duration() {
        return duration(samples);
    }

    static long samples(Duration duration) {
        return Math.round(duration.toSeconds() * (double) RATE + duration.getNano() * (RATE / 1e9));
    }

    static long samples(long frames, Rational fps) {
        long scaled = frames * RATE * fps.denominator();
        return (scaled + fps.numerator() / 2) / fps.numerator();
    }

    static Duration duration(long samples) {
        long rest = Math.floorMod(samples, (long) RATE);
        return Duration.ofSeconds(Math.floorDiv(samples, (long) RATE), Math.round(rest * (1e9 / RATE)));
    }
}
