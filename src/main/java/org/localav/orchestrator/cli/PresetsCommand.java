package org.localav.orchestrator.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.localav.orchestrator.ffmpeg.Shell;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.preset.Preset;
import org.localav.orchestrator.preset.Presets;
import org.localav.orchestrator.settings.Places;
import org.localav.orchestrator.spec.InvalidSpecException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code avo presets}: lists the presets, or explains one. */
@Command(
        name = "presets",
        description = "Lists the presets, or explains one: its file formats and every ffmpeg option it sets.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  avo presets", "  avo presets web-720p"})
final class PresetsCommand implements Callable<Integer> {
    @Mixin
    private RunOptions options;

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "A preset to explain.")
    private String name;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Override
    public Integer call() throws InvalidSpecException, JsonProcessingException {
        PrintWriter out = command.commandLine().getOut();
        Presets presets =
                Presets.load(Places.of(options.settings(), System.getenv()).presets());
        if (name != null) {
            return explain(out, presets);
        }
        if (options.json) {
            out.println(Report.JSON.writeValueAsString(presets.all()));
        } else {
            presets.all()
                    .forEach(p -> out.printf(
                            "%-14s .%-5s %s%n", p.name(), p.extensions().get(0), p.description()));
        }
        return ExitCode.OK;
    }

    private int explain(PrintWriter out, Presets presets) throws JsonProcessingException {
        Preset preset;
        try {
            preset = presets.get(name);
        } catch (IllegalArgumentException e) {
            command.commandLine().getErr().println(e.getMessage());
            return ExitCode.INVALID;
        }
        if (options.json) {
            out.println(Report.JSON.writeValueAsString(preset));
            return ExitCode.OK;
        }
        out.println(preset.name() + ": " + preset.description());
        out.println("  files    ." + String.join(", .", preset.extensions()) + " (muxer " + preset.format() + ")");
        preset.video().ifPresent(v -> {
            String size = v.size().map(s -> ", " + s).orElse("")
                    + v.fps().map(f -> ", " + f + " fps").orElse("");
            out.println("  picture  " + v.encoder() + size);
            out.println("           " + Shell.quote(preset.videoArguments()));
        });
        preset.audio().ifPresent(a -> {
            out.println("  sound    " + a.encoder());
            out.println("           " + Shell.quote(preset.audioArguments()));
        });
        out.println("  options  " + muxer(preset.muxer()));
        return ExitCode.OK;
    }

    private static String muxer(Map<String, String> options) {
        return options.isEmpty()
                ? "none"
                : options.entrySet().stream()
                        .map(o -> "-" + o.getKey() + " " + o.getValue())
                        .collect(Collectors.joining(" "));
    }
}
