package org.localav.orchestrator.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.media.MediaInfo.VideoStream;

/**
 * Takes the pictures of one clip out of its file without encoding: from a key frame on, so many of them. Counting is
 * exact where a time isn't: ffmpeg compares an end time with decoding times, which run ahead of the pictures' own.
 *
 * @param in the key frame it begins with, from the file's start
 */
public record CutRecipe(Source.AssetFile source, Duration in, long frames, Duration length, String extension)
        implements Recipe.Ffmpeg {
    @Override
    public String kind() {
        return "cut";
    }

    @Override
    public Map<String, Object> canonical() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("source", source.id());
        tree.put("in", Times.micros(in));
        tree.put("frames", frames);
        tree.put("extension", extension);
        return tree;
    }

    @Override
    public List<Source> sources() {
        return List.of(source);
    }

    @Override
    public Expectation expectation(Facts facts) {
        return new Expectation(
                Optional.of(stream(facts).codec()),
                Optional.empty(),
                Optional.of(length),
                Duration.ofMillis(100),
                Optional.of(frames));
    }

    @Override
    public Command command(Facts facts) {
        MediaInfo info = facts.media(source);
        List<String> input = new ArrayList<>(info.inputOptions());
        if (!in.isZero()) {
            input.addAll(List.of("-ss", Times.seconds(in)));
        }
        List<String> output =
                new ArrayList<>(List.of("-map", "0:" + stream(facts).index()));
        output.addAll(List.of("-c", "copy", "-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"));
        output.addAll(List.of("-frames:v", Long.toString(frames), "-t", Times.seconds(length.plusSeconds(1))));
        return new Command(
                List.of(),
                List.of(new Command.Input(source, input)),
                Optional.empty(),
                List.of(new Command.Target(output, fileName())));
    }

    private VideoStream stream(Facts facts) {
        return facts.media(source)
                .video()
                .orElseThrow(() -> new IllegalArgumentException("'" + source.alias() + "' has no picture"));
    }
}
