package org.localav.orchestrator.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Source;

/**
 * Puts finished pictures and finished sound into one file of the preset's format; it only copies. Nothing of the
 * sources' metadata (a phone writes where it was) goes with them unless it is asked for.
 *
 * @param video the pictures; empty: sound only
 * @param audio the sound, its first audio stream; empty: pictures only, or the sound that {@code video} holds
 * @param codecs what the file must hold when it is probed
 * @param format ffmpeg's muxer name
 * @param muxer the muxer's options
 * @param metadata the asset whose metadata is kept
 */
public record MuxRecipe(
        Optional<Source> video,
        Optional<Source> audio,
        Codecs codecs,
        String format,
        Map<String, String> muxer,
        String extension,
        Optional<String> title,
        Optional<Source.AssetFile> metadata)
        implements Recipe.Ffmpeg {
    /** ffprobe's codec names of the picture and the sound. */
    public record Codecs(Optional<String> video, Optional<String> audio) {}

    public MuxRecipe {
        muxer = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(muxer));
        if (video.isEmpty() && audio.isEmpty()) {
            throw new IllegalArgumentException("nothing to mux");
        }
    }

    @Override
    public String kind() {
        return "mux";
    }

    @Override
    public Map<String, Object> canonical() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("video", video.map(Source::id).orElse(""));
        tree.put("audio", audio.map(Source::id).orElse(""));
        tree.put("sound_of_video", soundOfVideo());
        tree.put("format", format);
        List<String> options = new ArrayList<>();
        muxer.forEach((name, value) -> options.add(name + "=" + value));
        tree.put("muxer", options);
        tree.put("title", title.orElse(""));
        tree.put("metadata", metadata.map(Source::id).orElse(""));
        return tree;
    }

    @Override
    public List<Source> sources() {
        List<Source> sources = new ArrayList<>();
        video.ifPresent(sources::add);
        audio.ifPresent(sources::add);
        metadata.ifPresent(sources::add);
        return sources.stream().distinct().toList();
    }

    @Override
    public Expectation expectation(Facts facts) {
        Optional<Measured> pictures = video.flatMap(v -> measured(facts, v));
        Optional<Duration> length = pictures.map(Measured::duration)
                .or(() -> audio.flatMap(a -> measured(facts, a)).map(Measured::duration));
        return new Expectation(
                codecs.video(),
                codecs.audio(),
                length,
                Duration.ofMillis(500),
                pictures.flatMap(Measured::videoFrames));
    }

    private static Optional<Measured> measured(Facts facts, Source source) {
        return source instanceof Source.StepResult step ? Optional.of(facts.measured(step)) : Optional.empty();
    }

    private boolean soundOfVideo() {
        return audio.isEmpty() && video.isPresent() && codecs.audio().isPresent();
    }

    @Override
    public Command command(Facts facts) {
        List<Source> sources = sources();
        List<String> output = new ArrayList<>();
        video.ifPresent(v -> output.addAll(List.of("-map", sources.indexOf(v) + ":v:0")));
        if (soundOfVideo()) {
            output.addAll(List.of("-map", "0:a:0"));
        }
        audio.ifPresent(a -> output.addAll(List.of("-map", sources.indexOf(a) + ":a:0")));
        String kept = metadata.map(m -> Integer.toString(sources.indexOf(m))).orElse("-1");
        output.addAll(List.of("-c", "copy", "-map_metadata", kept, "-map_chapters", "-1"));
        title.ifPresent(text -> output.addAll(List.of("-metadata", "title=" + text)));
        String flags = "";
        for (Map.Entry<String, String> option : muxer.entrySet()) {
            if (option.getKey().equals("fflags")) {
                flags = option.getValue();
            } else {
                output.addAll(List.of("-" + option.getKey(), option.getValue()));
            }
        }
        output.addAll(List.of("-fflags", flags + "+bitexact", "-f", format));
        List<Command.Input> inputs = new ArrayList<>();
        for (Source source : sources) {
            inputs.add(new Command.Input(
                    source,
                    source instanceof Source.AssetFile asset
                            ? facts.media(asset).inputOptions()
                            : List.of()));
        }
        return new Command(List.of(), inputs, Optional.empty(), List.of(new Command.Target(output, fileName())));
    }
}
