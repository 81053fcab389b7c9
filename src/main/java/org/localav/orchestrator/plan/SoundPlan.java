package org.localav.orchestrator.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.preset.Preset;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.spec.JobSpec.AudioItem;
import org.localav.orchestrator.spec.JobSpec.ClipSound;
import org.localav.orchestrator.spec.Rational;

/**
 * Turns what a spec says of sound into a mix and its masters. What can't be done is reported by spec path, all of it at
 * once; the recipes are then of no use.
 */
public final class SoundPlan {
    /** How far an in or out point may lie past a file's end: lengths in headers are rounded. */
    private static final Duration END_TOLERANCE = Duration.ofMillis(50);

    private final JobSpec spec;
    private final Function<String, Source.AssetFile> assets;
    private final Function<Source.AssetFile, MediaInfo> media;
    private final Speech speech;
    private final BiConsumer<String, String> problem;

    /** Where an item's speech comes from. */
    @FunctionalInterface
    public interface Speech {
        /** The speech step's result for the item at {@code index} (from 0) of the named track. */
        Source.StepResult of(String track, int index);
    }

    /**
     * @param assets the file behind an alias; every alias in the spec is known to it
     * @param problem told (spec path, sentence) what is wrong
     */
    public SoundPlan(
            JobSpec spec,
            Function<String, Source.AssetFile> assets,
            Function<Source.AssetFile, MediaInfo> media,
            Speech speech,
            BiConsumer<String, String> problem) {
        this.spec = spec;
        this.assets = assets;
        this.media = media;
        this.speech = speech;
        this.problem = problem;
    }

    /**
     * The mix of a piece without a picture.
     *
     * @return empty when there is nothing to hear
     */
    public Optional<MixRecipe> mix() {
        boolean ends = spec.audio().stream()
                .flatMap(a -> a.tracks().values().stream())
                .flatMap(List::stream)
                .anyMatch(i -> !i.loop());
        List<MixRecipe.Track> tracks = tracks();
        if (!ends && !tracks.isEmpty()) {
            problem.accept(
                    "audio.tracks",
                    "every item loops, so the piece would never end; set loop: false on one, or add a video");
        }
        return tracks.isEmpty() ? Optional.empty() : Optional.of(new MixRecipe(tracks, Optional.empty()));
    }

    /**
     * The mix of a piece with a picture.
     *
     * @return empty when there is nothing to hear: no items, and no clip whose sound is kept has any
     */
    public Optional<MixRecipe> mix(PicturePlan picture) {
        List<JobSpec.Clip> clips = spec.video().map(JobSpec.Video::clips).orElse(List.of());
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < picture.clips().size(); i++) {
            ClipSpan placed = picture.clips().get(i);
            JobSpec.Clip clip = clips.get(i);
            spans.add(
                    clip.out().or(clip::length).isPresent()
                            ? Span.of(placed.frames())
                            : Span.untilEnd(placed.frames(), placed.source(), placed.in()));
        }
        return mix(spans, picture.fps());
    }

    /** The same from one span for each clip of the spec, in order, at {@code fps} frames a second. */
    Optional<MixRecipe> mix(List<Span> spans, Rational fps) {
        List<JobSpec.Clip> clips = spec.video().map(JobSpec.Video::clips).orElse(List.of());
        if (spans.size() != clips.size()) {
            throw new IllegalArgumentException(spans.size() + " spans for " + clips.size() + " clips");
        }
        List<MixRecipe.Clip> placed = new ArrayList<>();
        for (int i = 0; i < clips.size(); i++) {
            placed.add(new MixRecipe.Clip(spans.get(i), kept(clips.get(i))));
        }
        List<MixRecipe.Track> tracks = tracks();
        if (tracks.isEmpty() && placed.stream().allMatch(c -> c.sound().isEmpty())) {
            return Optional.empty();
        }
        return Optional.of(new MixRecipe(tracks, Optional.of(new MixRecipe.Picture(fps, placed))));
    }

    private Optional<MixRecipe.Kept> kept(JobSpec.Clip clip) {
        if (clip.audio() instanceof ClipSound.Mute) {
            return Optional.empty();
        }
        double gain = clip.audio() instanceof ClipSound.Gain g ? g.gainDb() : 0;
        Source.AssetFile asset = assets.apply(clip.asset());
        return media.apply(asset).audio().map(a -> new MixRecipe.Kept(asset, clip.in(), gain));
    }

    private List<MixRecipe.Track> tracks() {
        Map<String, List<AudioItem>> named =
                new LinkedHashMap<>(spec.audio().map(JobSpec.Audio::tracks).orElse(Map.of()));
        named.values().removeIf(List::isEmpty);
        List<String> names = List.copyOf(named.keySet());
        List<MixRecipe.Track> tracks = new ArrayList<>();
        named.forEach((name, items) -> {
            List<MixRecipe.Item> planned = new ArrayList<>();
            for (int i = 0; i < items.size(); i++) {
                String path = "audio.tracks." + name + "[" + i + "]";
                AudioItem item = items.get(i);
                if (i > 0 && items.get(i - 1).loop() && item.start().isEmpty()) {
                    problem.accept(
                            path + ".start",
                            "can't be auto: the item before it loops until the piece ends; give a time, or put this item"
                                    + " on a track of its own");
                }
                planned.add(item(path, name, i, item, names));
            }
            tracks.add(new MixRecipe.Track(planned));
        });
        return tracks;
    }

    private MixRecipe.Item item(String path, String track, int index, AudioItem item, List<String> tracks) {
        Source source = item.asset().<Source>map(assets::apply).orElseGet(() -> speech.of(track, index));
        if (source instanceof Source.AssetFile asset) {
            check(path, asset, item);
        }
        item.out()
                .filter(o -> o.compareTo(item.in()) <= 0)
                .ifPresent(o -> problem.accept(path + ".out", text(o) + " is not after in (" + text(item.in()) + ")"));
        Optional<MixRecipe.Duck> duck = item.duck().flatMap(d -> {
            int by = tracks.indexOf(d.by());
            if (d.by().equals(track)) {
                problem.accept(path + ".duck.by", "a track can't duck itself; name another one");
            }
            return by < 0 || d.amountDb() <= 0
                    ? Optional.empty()
                    : Optional.of(new MixRecipe.Duck(by, d.amountDb(), d.attack(), d.release()));
        });
        return new MixRecipe.Item(
                path,
                source,
                item.start(),
                item.gap(),
                item.in(),
                item.out(),
                item.loop(),
                item.gainDb(),
                item.fadeIn(),
                item.fadeOut(),
                duck);
    }

    private void check(String path, Source.AssetFile asset, AudioItem item) {
        Optional<MediaInfo.AudioStream> sound = media.apply(asset).audio();
        if (sound.isEmpty()) {
            problem.accept(path + ".asset", "asset '" + asset.alias() + "' has no sound");
            return;
        }
        Duration end = Timeline.offset(sound.get()).plus(sound.get().duration());
        if (item.in().compareTo(end) >= 0) {
            problem.accept(path + ".in", past(item.in(), asset, end));
        }
        item.out()
                .filter(o -> o.compareTo(end.plus(END_TOLERANCE)) > 0)
                .ifPresent(o -> problem.accept(path + ".out", past(o, asset, end)));
    }

    private static String past(Duration point, Source.AssetFile asset, Duration end) {
        return text(point) + " lies past the end of asset '" + asset.alias() + "', whose sound is " + text(end)
                + " long";
    }

    private static String text(Duration duration) {
        return MixRecipe.decimal(Math.round(duration.toNanos() / 1e6) / 1000.0) + "s";
    }

    /**
     * The masters the outputs need, one for each distinct sound setting.
     *
     * @param mix result of the mix step
     * @param presets of the outputs, in their order
     * @return for each preset name that carries sound, its master; presets with equal settings share one
     */
    public Map<String, MasterRecipe> masters(Source.StepResult mix, List<Preset> presets) {
        Map<Map<String, String>, MasterRecipe> distinct = new LinkedHashMap<>();
        Map<String, MasterRecipe> masters = new LinkedHashMap<>();
        for (int i = 0; i < presets.size(); i++) {
            Preset preset = presets.get(i);
            if (preset.audio().isEmpty()) {
                continue;
            }
            Map<String, String> options = preset.audio().get().options();
            if ("copy".equals(preset.audio().get().encoder())) {
                problem.accept(
                        "outputs[" + i + "].preset",
                        "'" + preset.name()
                                + "' copies sound, but the sound of this piece is mixed and must be encoded;"
                                + " use a preset with a sound encoder, or mute the clips and leave audio out");
                continue;
            }
            masters.put(
                    preset.name(),
                    distinct.computeIfAbsent(
                            options, o -> new MasterRecipe(mix, spec.audio().flatMap(JobSpec.Audio::loudness), o)));
        }
        return masters;
    }
}
