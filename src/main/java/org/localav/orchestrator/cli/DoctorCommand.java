package org.localav.orchestrator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.job.MediaWords;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.preset.Preset;
import org.localav.orchestrator.preset.PresetTrial;
import org.localav.orchestrator.preset.Presets;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.process.Invocation;
import org.localav.orchestrator.process.Processes;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.InvalidSpecException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code avo doctor}: tries what a job will need on this machine. */
@Command(
        name = "doctor",
        description = "Tries what jobs need on this machine: programs, folders, each preset with half a second of test "
                + "picture, and shows every setting with where it came from.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExample:%n",
        footer = {"  avo doctor && echo ready"})
final class DoctorCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Pattern UNKNOWN_ENCODER = Pattern.compile("Unknown encoder '([^']+)'");

    @Mixin
    private RunOptions options;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    private PrintWriter out;
    private boolean healthy = true;

    @Override
    public Integer call() throws InvalidSpecException, IOException, InterruptedException {
        out = command.commandLine().getOut();
        Settings settings = options.settings();
        Workshop workshop = new Workshop(settings, System.getenv());
        programs(workshop);
        folders(workshop);
        presets(workshop);
        out.println("settings");
        for (Settings.Value value : settings.all()) {
            out.printf(
                    "  %-22s %-24s %s%n",
                    value.key(), value.value().isEmpty() ? "(empty)" : value.value(), value.origin());
        }
        out.flush();
        return healthy ? ExitCode.OK : ExitCode.FAILED;
    }

    private void say(boolean good, String what, String detail) {
        healthy &= good;
        say(good ? "ok" : "FAILS", what, detail);
    }

    private void say(String word, String what, String detail) {
        out.printf("  %-5s %-14s %s%n", word, what, detail);
        out.flush();
    }

    /** An encoder that the distribution's ffmpeg was built without is no fault of this machine: other presets work. */
    private void tellOfPreset(String name, String trouble) {
        Matcher encoder = UNKNOWN_ENCODER.matcher(trouble);
        if (encoder.find()) {
            say("lacks", name, "this ffmpeg has no encoder " + encoder.group(1) + ": jobs with this preset fail here");
        } else {
            say(false, name, trouble);
        }
    }

    private void programs(Workshop workshop) throws InterruptedException {
        out.println("programs");
        try {
            say(true, "ffmpeg", workshop.ffmpeg().version());
        } catch (IOException e) {
            say(false, "ffmpeg", e.getMessage());
        }
        Settings settings = workshop.settings();
        version(workshop.processes(), settings.text("ffprobe.program"), "-version");
        version(workshop.processes(), "espeak-ng", "--version");
    }

    private void version(Processes processes, String program, String option) throws InterruptedException {
        try {
            String said = processes
                    .run(Invocation.of(program, List.of(option), LIMIT), new Cancellation())
                    .output();
            say(true, program, said.lines().findFirst().orElse(""));
        } catch (IOException e) {
            say(false, program, e.getMessage());
        }
    }

    private void folders(Workshop workshop) {
        out.println("folders");
        var places = workshop.places();
        say(Files.isDirectory(places.routes()), "routes", places.routes().toString());
        say(Files.isDirectory(places.presets()), "presets", places.presets().toString());
        try {
            Path probe = Files.createTempFile(Files.createDirectories(places.state()), "doctor", "");
            Files.delete(probe);
            String free = MediaWords.size(places.state().toFile().getUsableSpace());
            say(true, "state", places.state() + " (" + free + " free)");
        } catch (IOException e) {
            say(false, "state", places.state() + " can't be written: " + e.getMessage());
        }
    }

    private void presets(Workshop workshop) throws InvalidSpecException, IOException, InterruptedException {
        out.println("presets");
        Path folder = Files.createTempDirectory("avo-doctor");
        try {
            for (Preset preset : Presets.load(workshop.places().presets()).all()) {
                Path file = folder.resolve("trial." + preset.extensions().get(0));
                Invocation trial = Invocation.of(
                        workshop.settings().text("ffmpeg.program"), PresetTrial.arguments(preset, file), LIMIT);
                try {
                    workshop.processes().run(trial, new Cancellation());
                    say(Files.size(file) > 0, preset.name(), MediaWords.size(Files.size(file)));
                } catch (IOException e) {
                    tellOfPreset(preset.name(), e.getMessage());
                }
            }
        } finally {
            StepStore.remove(folder);
        }
    }
}
