package org.localav.orchestrator.plan;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.spec.Rational;

/**
 * All sound of a piece mixed in one run to 48 kHz stereo float, which can't clip; the same run measures it. Loudness and
 * encoding come after, in {@link MasterRecipe}, so that another target mixes nothing again. Where no loudness is asked for
 * and all outputs want the same sound, a second ffmpeg encodes it as it comes.
 *
 * @param tracks in the spec's order; ducking names a track by its place here, so names don't matter
 * @param picture what the sound must be as long as; empty: as long as its last item that is not looped
 * @param encoding the preset's sound settings, ffmpeg's names without the dash; empty: a master is made from the mix
 */
public record MixRecipe(List<Track> tracks, Optional<Picture> picture, Optional<Map<String, String>> encoding)
        implements Recipe.Ffmpeg {
    /** How far speech may run past the picture's end and be cut there: its last samples are breath or silence. */
    static final Duration SPEECH_OVERHANG = Duration.ofMillis(100);

    /** What masters are made from: as loud as it may get without clipping. */
    static final Map<String, String> RAW = Map.of("c:a", "pcm_f32le");

    public MixRecipe {
        tracks = List.copyOf(tracks);
        encoding = encoding.map(e -> java.util.Collections.unmodifiableMap(new LinkedHashMap<>(e)));
    }

    public MixRecipe(List<Track> tracks, Optional<Picture> picture) {
        this(tracks, picture, Optional.empty());
    }

    /** The same, encoded while it is mixed. */
    public MixRecipe encoded(Map<String, String> options) {
        return new MixRecipe(tracks, picture, Optional.of(options));
    }

    public record Track(List<Item> items) {
        public Track {
            items = List.copyOf(items);
        }
    }

    /**
     * One sound on a track.
     *
     * @param label its name for people, as in {@code audio.tracks.narration[2]}; no part of the key
     * @param source an asset, or the speech step's result
     * @param start where it begins; empty: {@code gap} after the item before it on its track ends
     * @param in where its part of the source begins, counted from the file's start
     * @param out where that part ends; empty: with the source
     * @param gainDb added to its level
     */
    public record Item(
            String label,
            Source source,
            Optional<Duration> start,
            Duration gap,
            Duration in,
            Optional<Duration> out,
            boolean loop,
            double gainDb,
            Duration fadeIn,
            Duration fadeOut,
            Optional<Duck> duck) {}

    /**
     * Lowers an item by {@code amountDb} (dB, positive) while the track at place {@code track} sounds: down within
     * {@code attack}, up again over {@code release} once that track has been still for a moment.
     */
    public record Duck(int track, double amountDb, Duration attack, Duration release) {}

    /** The picture's time line: its clips one after the other, at {@code fps} frames a second. */
    public record Picture(Rational fps, List<Clip> clips) {
        public Picture {
            clips = List.copyOf(clips);
        }

        /** Its length in samples of the sound's time line. */
        long samples() {
            return Timeline.samples(
                    clips.stream().mapToLong(c -> c.span().frames()).sum(), fps);
        }
    }

    public record Clip(Span span, Optional<Kept> sound) {}

    /** A clip's own sound: {@code in} counts from its file's start as the picture's does. */
    public record Kept(Source.AssetFile source, Duration in, double gainDb) {}

    @Override
    public String kind() {
        return "mix";
    }

    @Override
    public String extension() {
        return codec().extension();
    }

    private AudioCodec codec() {
        return AudioCodec.of(options().getOrDefault("c:a", "pcm_f32le"));
    }

    private Map<String, String> options() {
        return encoding.orElse(RAW);
    }

    @Override
    public Map<String, Object> canonical() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put(
                "tracks",
                tracks.stream()
                        .map(t -> t.items().stream().map(MixRecipe::canonical).toList())
                        .toList());
        picture.ifPresent(p -> {
            tree.put("fps", p.fps().toString());
            tree.put("clips", p.clips().stream().map(MixRecipe::canonical).toList());
        });
        encoding.ifPresent(e -> tree.put("options", e));
        return tree;
    }

    private static Map<String, Object> canonical(Item item) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("source", item.source().id());
        item.start().ifPresentOrElse(s -> tree.put("start", micros(s)), () -> tree.put("gap", micros(item.gap())));
        tree.put("in", micros(item.in()));
        item.out().ifPresent(o -> tree.put("out", micros(o)));
        tree.put("loop", item.loop());
        tree.put("gain", decimal(item.gainDb()));
        tree.put("fade_in", micros(item.fadeIn()));
        tree.put("fade_out", micros(item.fadeOut()));
        item.duck()
                .ifPresent(d -> tree.put(
                        "duck",
                        Map.of(
                                "track", d.track(),
                                "amount", decimal(d.amountDb()),
                                "attack", micros(d.attack()),
                                "release", micros(d.release()))));
        return tree;
    }

    private static Map<String, Object> canonical(Clip clip) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("span", clip.span().canonical());
        clip.sound()
                .ifPresent(s -> tree.put(
                        "sound", Map.of("source", s.source().id(), "in", micros(s.in()), "gain", decimal(s.gainDb()))));
        return tree;
    }

    static long micros(Duration duration) {
        return duration.toNanos() / 1000;
    }

    static String decimal(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    @Override
    public List<Source> sources() {
        Set<Source> sources = new LinkedHashSet<>();
        tracks.forEach(t -> t.items().forEach(i -> sources.add(i.source())));
        picture.ifPresent(p -> p.clips().forEach(c -> c.sound().ifPresent(s -> sources.add(s.source()))));
        return List.copyOf(sources);
    }

    @Override
    public Command command(Facts facts) {
        return new MixGraph(Timeline.of(this, facts), facts)
                .command(encoding.map(e -> encoding(e, extension())), fileName());
    }

    @Override
    public Expectation expectation(Facts facts) {
        return new Expectation(
                Optional.empty(),
                Optional.of(codec().name()),
                Optional.of(Timeline.of(this, facts).duration()),
                Duration.ofMillis(encoding.isPresent() ? 100 : 20),
                Optional.empty());
    }

    /** The arguments with which finished sound is written. */
    static List<String> encoding(Map<String, String> options, String extension) {
        List<String> arguments = new ArrayList<>();
        options.forEach((name, value) -> arguments.addAll(List.of("-" + name, value)));
        arguments.addAll(List.of("-map_metadata", "-1", "-fflags", "+bitexact"));
        if (extension.equals("wav")) {
            arguments.addAll(List.of("-rf64", "auto"));
        }
        return arguments;
    }

    /**
     * What keeps this sound from being mixed, as one sentence: speech that runs past the picture's end. To be asked when
     * the speech has been made, before {@link #command}; with estimated lengths it is a warning at most.
     */
    public Optional<String> problem(Facts facts) {
        if (picture.isEmpty()) {
            return Optional.empty();
        }
        Timeline timeline = Timeline.of(this, facts);
        List<Timeline.Placed> late = timeline.uncut().stream()
                .filter(p -> p.source() instanceof Source.StepResult)
                .filter(p -> p.end() - timeline.samples() > Timeline.samples(SPEECH_OVERHANG))
                .toList();
        if (late.isEmpty()) {
            return Optional.empty();
        }
        double picture = seconds(timeline.samples());
        String what = late.stream()
                .map(p -> String.format(Locale.ROOT, "%s ends at %.2f s", p.label(), seconds(p.end())))
                .collect(Collectors.joining(", "));
        double over =
                seconds(late.stream().mapToLong(Timeline.Placed::end).max().getAsLong()) - picture;
        return Optional.of(String.format(
                Locale.ROOT,
                "%s, but the picture ends at %.2f s: make the last clip at least %.1f s longer, or let the speech start"
                        + " earlier",
                what,
                picture,
                Math.ceil(over * 10) / 10));
    }

    private static double seconds(long samples) {
        return (double) samples / Timeline.RATE;
    }
}
