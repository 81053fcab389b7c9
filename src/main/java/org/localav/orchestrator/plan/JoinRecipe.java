package org.localav.orchestrator.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Playlist;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.spec.Rational;

/**
 * Puts encoded pictures of one kind behind each other without encoding again. Sound is left out: where sources differ in
 * it, a copy exits with 0 and runs out of step.
 *
 * @param parts in order; one may stand there several times
 * @param videoIndex the picture's stream index, the same in all parts
 * @param codec ffprobe's name of the pictures' codec
 * @param fps frames a second, on whose grid the time stamps are put exactly; empty: a variable rate, left as it is
 * @param frames how many pictures it must have; follows from the parts, so it is no part of the key
 * @param length how long it must be; follows from the parts too
 */
public record JoinRecipe(
        List<Source> parts,
        int videoIndex,
        String codec,
        Optional<Rational> fps,
        String extension,
        Optional<Long> frames,
        Duration length)
        implements Recipe.Ffmpeg {
    public JoinRecipe {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("nothing to join");
        }
    }

    /** Joins results of {@link SegmentRecipe}s or {@link CutRecipe}s, which hold one picture stream each. */
    public static JoinRecipe ofSteps(
            List<Source.StepResult> parts, String codec, String extension, Rational fps, long frames) {
        return new JoinRecipe(
                List.copyOf(parts), 0, codec, Optional.of(fps), extension, Optional.of(frames), Times.of(frames, fps));
    }

    @Override
    public String kind() {
        return "join";
    }

    @Override
    public Map<String, Object> canonical() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("parts", parts.stream().map(Source::id).toList());
        tree.put("video", videoIndex);
        tree.put("fps", fps.map(Rational::toString).orElse(""));
        tree.put("extension", extension);
        return tree;
    }

    @Override
    public List<Source> sources() {
        return parts.stream().distinct().toList();
    }

    @Override
    public Expectation expectation(Facts facts) {
        return new Expectation(
                Optional.of(codec), Optional.empty(), Optional.of(length), Duration.ofMillis(100), frames);
    }

    @Override
    public Command command(Facts facts) {
        List<String> output = new ArrayList<>(List.of("-map", "0:" + videoIndex));
        output.addAll(List.of("-c", "copy", "-map_metadata", "-1", "-map_chapters", "-1"));
        output.addAll(List.of("-fflags", "+bitexact"));
        output.addAll(List.of("-t", Times.seconds(length.plusSeconds(1))));
        if (parts.size() > 1 && fps.isPresent()) {
            // The concat demuxer places parts by microseconds: many short ones at 29.97 would creep off the grid.
            String slot = fps.get().denominator() + "/" + fps.get().numerator();
            output.addAll(List.of("-bsf:v", "setts=pts=" + onGrid("PTS", slot) + ":dts=" + onGrid("DTS", slot)));
        }
        Command.Target target = new Command.Target(output, fileName());
        if (parts.size() == 1) {
            Source only = parts.get(0);
            List<String> options =
                    only instanceof Source.AssetFile asset ? facts.media(asset).inputOptions() : List.of();
            return new Command(List.of(), List.of(new Command.Input(only, options)), Optional.empty(), List.of(target));
        }
        return new Command(
                List.of(),
                List.of(),
                List.of(new Playlist("parts.ffconcat", parts)),
                Optional.empty(),
                List.of(target));
    }

    private static String onGrid(String stamp, String slot) {
        return "round(round(" + stamp + "*TB/(" + slot + "))*(" + slot + ")/TB)";
    }
}
