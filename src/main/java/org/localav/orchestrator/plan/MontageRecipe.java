package org.localav.orchestrator.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Filter;
import org.localav.orchestrator.ffmpeg.FilterGraph;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.spec.Rational;

/**
 * Encodes several very short clips in one run: a program and a key frame of its own for each would cost more than encoding
 * its neighbours again when one of them changes.
 *
 * @param segments at least two, of one frame and encoding, in their order
 */
public record MontageRecipe(List<SegmentRecipe> segments) implements Recipe.Ffmpeg {
    public MontageRecipe {
        segments = List.copyOf(segments);
        if (segments.stream().map(SegmentRecipe::encoding).distinct().count() != 1
                || segments.stream().map(SegmentRecipe::frame).distinct().count() != 1) {
            throw new IllegalArgumentException("clips of one montage are encoded alike");
        }
    }

    @Override
    public String kind() {
        return "montage";
    }

    @Override
    public Map<String, Object> canonical() {
        return Map.of(
                "segments", segments.stream().map(SegmentRecipe::canonical).toList());
    }

    @Override
    public List<Source> sources() {
        return segments.stream().map(s -> (Source) s.source()).distinct().toList();
    }

    private Encoding encoding() {
        return segments.get(0).encoding();
    }

    private Rational fps() {
        return segments.get(0).frame().fps();
    }

    @Override
    public String extension() {
        return encoding().extension();
    }

    @Override
    public Work work() {
        return encoding().work();
    }

    public long frames() {
        return segments.stream().mapToLong(SegmentRecipe::frames).sum();
    }

    @Override
    public Expectation expectation(Facts facts) {
        return encoding().expectation(frames(), fps());
    }

    @Override
    public Command command(Facts facts) {
        FilterGraph.Builder graph = new FilterGraph.Builder();
        List<Command.Input> inputs = new ArrayList<>();
        List<String> clips = new ArrayList<>();
        for (SegmentRecipe segment : segments) {
            String clip = "clip" + inputs.size();
            segment.append(graph, facts, inputs.size(), clip);
            clips.add(clip);
            inputs.add(segment.input(facts));
        }
        graph.chain(
                clips,
                List.of(
                        Filter.of("concat", "n", clips.size(), "v", 1, "a", 0),
                        // Onto the grid again: the filter counts in microseconds.
                        Filter.of("settb", "expr", fps().denominator() + "/" + fps().numerator()),
                        Filter.of("setpts", "expr", "N"),
                        Filter.of("fps", "fps", fps())),
                encoding().opening());
        return encoding().command(inputs, graph, frames(), fps(), fileName());
    }
}
