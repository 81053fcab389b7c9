package org.localav.orchestrator.preset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.localav.orchestrator.ffmpeg.FilterGraph;

/** Tries whether the installed ffmpeg can make a preset, on half a second of a test picture and a tone. */
public final class PresetTrial {
    private PresetTrial() {}

    /**
     * The arguments after {@code ffmpeg}; it exits 0 when the preset works. A copying preset is tried with an encoder that
     * ffmpeg always has, so that its sound and muxer are tried.
     *
     * @param out where the trial is written; its ending doesn't matter
     */
    public static List<String> arguments(Preset preset, Path out) {
        List<String> arguments = new ArrayList<>(List.of("-nostdin", "-hide_banner", "-y", "-xerror", "-v", "error"));
        if (preset.video().isPresent()) {
            // small: it is asked whether the preset works, not how fast; both sides a multiple of 16
            arguments.addAll(List.of("-f", "lavfi", "-i", "testsrc2=size=320x176:rate=25:duration=0.5"));
        }
        if (preset.audio().isPresent()) {
            arguments.addAll(List.of("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=0.5"));
        }
        preset.video().ifPresent(picture -> {
            List<FilterGraph.Chain> closing = preset.closingChains("0:v", "shown");
            if (closing.isEmpty()) {
                arguments.addAll(List.of("-map", "0:v"));
            } else {
                arguments.addAll(List.of("-filter_complex", new FilterGraph(closing).toString(), "-map", "[shown]"));
            }
            arguments.addAll(picture.neverEncodes() ? List.of("-c:v", "mpeg4") : preset.videoArguments());
        });
        if (preset.audio().isPresent()) {
            arguments.addAll(List.of("-map", (preset.video().isPresent() ? 1 : 0) + ":a"));
            arguments.addAll(preset.audioArguments());
        }
        arguments.addAll(List.of("-t", "0.5"));
        arguments.addAll(preset.muxerArguments());
        arguments.add("file:" + out);
        return List.copyOf(arguments);
    }
}
