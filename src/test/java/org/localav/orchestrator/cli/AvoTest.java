package org.localav.orchestrator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.media.LocalTools.make;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.engine.Studio;

/** The program as a user starts it: a process of its own with arguments, output, exit code and signals. */
@Tag("tools")
class AvoTest {
    @TempDir
    Path folder;

    /** What a run of the program said and how it ended. */
    private record Ended(int code, String out, String err) {}

    @BeforeEach
    void writeJob() throws IOException {
        make(folder.resolve("clip.mp4"), "-f lavfi -i testsrc2=s=160x90:r=25:d=1 -c:v libx264 -pix_fmt yuv420p");
        Files.writeString(
                folder.resolve("job.yaml"),
                """
                version: 1
                job: {id: one}
                assets: {clip: clip.mp4}
                video: {clips: [{asset: clip}], size: 320x180, fps: 25, fit: contain}
                outputs: [{path: out/a.mp4, preset: web-720p}]
                """);
    }

    @Test
    void makesWhatASpecSaysAndChangesNothingWhenPlanning() throws Exception {
        Ended plan = avo("plan", "job.yaml");
        assertEquals(0, plan.code(), plan.err());
        assertTrue(plan.out().contains("run   video_concat/web-720p-1 (1.0 s): new"), plan.out());
        assertFalse(Files.exists(folder.resolve("out")));

        Ended run = avo("run", "job.yaml");

        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("made out/a.mp4 (web-720p, 1.0 s, "), run.out());
        assertTrue(avo("--spec", "job.yaml", "--dry-run").out().contains("0 to run"));
    }

    @Test
    void thePlansCommandsMakeTheSameFileWhenPasted() throws Exception {
        Ended plan = avo("plan", "--json", "job.yaml");
        List<String> commands = new ArrayList<>();
        new com.fasterxml.jackson.databind.ObjectMapper()
                .readTree(plan.out())
                .path("steps")
                .forEach(step -> step.path("commands").forEach(line -> commands.add(line.asText())));

        Process shell = new ProcessBuilder("bash", "-e", "-c", String.join("\n", commands))
                .directory(folder.toFile())
                .inheritIO()
                .start();

        assertEquals(0, shell.waitFor());
        avo("run", "job.yaml");
        assertEquals(-1, Files.mismatch(folder.resolve("mux-a.mp4/result.mp4"), folder.resolve("out/a.mp4")));
    }

    @Test
    void endsWithACodeThatSaysHow() throws Exception {
        assertEquals(2, avo("run").code());
        assertEquals(2, avo("--no-such-option").code());
        assertEquals(2, avo("run", "--set", "no.such=1", "job.yaml").code());
        assertEquals(3, avo("run", "--read-only", "job.yaml").code());
        Files.writeString(folder.resolve("bad.yaml"), "version: 1\noutptus: []\n");
        Ended bad = avo("validate", "bad.yaml");
        assertEquals(2, bad.code());
        assertTrue(bad.err().contains("bad.yaml:2:1: outptus: "), bad.err());
        Files.writeString(
                folder.resolve("late.yaml"),
                Files.readString(folder.resolve("job.yaml")).replace("{asset: clip}", "{asset: clip, out: 9s}"));
        assertEquals(2, avo("run", "late.yaml").code());
        Files.createDirectories(folder.resolve("out"));
        Files.writeString(folder.resolve("out/a.mp4"), "somebody's");
        assertEquals(3, avo("run", "job.yaml").code());
        assertEquals("somebody's", Files.readString(folder.resolve("out/a.mp4")));
    }

    @Test
    void saysWhichSettingNamesAStateFolderThatCannotBeUsed() throws Exception {
        Ended run = avo("run", "--set", "state.folder=job.yaml/state", "job.yaml");

        assertEquals(2, run.code());
        assertTrue(
                run.err()
                        .startsWith(
                                "the state folder " + folder.toRealPath().resolve("job.yaml/state")
                                        + " can't be written (Not a directory); name another folder: --set state.folder=FOLDER"),
                run.err());
        assertEquals(
                2,
                avo("plan", "--set", "state.folder=job.yaml/state", "job.yaml").code());
    }

    @Test
    void theDoctorTellsAnEncoderThatIsLackingFromAPresetThatIsWrong() throws Exception {
        Path presets = Files.createDirectories(folder.resolve("presets"));
        String sound = "description: d\nformat: mp3\nextensions: [mp3]\naudio: {c:a: ENCODER, ar: RATE, ac: 2}\n";
        Files.writeString(
                presets.resolve("good.yaml"),
                sound.replace("ENCODER", "libmp3lame").replace("RATE", "48000"));
        Files.writeString(
                presets.resolve("rare.yaml"),
                sound.replace("ENCODER", "librare").replace("RATE", "48000"));

        Ended well = avo("doctor", "--set", "presets.folder=presets");
        Files.writeString(
                presets.resolve("odd.yaml"),
                sound.replace("ENCODER", "libmp3lame").replace("RATE", "47999"));
        Ended ill = avo("doctor", "--set", "presets.folder=presets");

        assertEquals(0, well.code(), well.out());
        assertTrue(well.out().contains("  ok    good "), well.out());
        assertTrue(
                well.out()
                        .contains(
                                "  lacks rare           this ffmpeg has no encoder librare: jobs with this preset fail here"),
                well.out());
        assertEquals(1, ill.code(), ill.out());
        assertTrue(ill.out().contains("  FAILS odd "), ill.out());
    }

    @Test
    void tellsHowToNameAFileThatLooksLikeAnOption() throws Exception {
        Files.copy(folder.resolve("job.yaml"), folder.resolve("-job.yaml"));

        Ended misread = avo("plan", "-job.yaml");

        assertEquals(2, misread.code());
        assertEquals(
                "avo: '-job.yaml' was read as an option, since it begins with '-'; for the file write ./-job.yaml\n",
                misread.err());
        assertEquals(0, avo("plan", "./-job.yaml").code());
    }

    @Test
    void showsOnlyStagesThatHaveSomethingToDo() throws Exception {
        List<String> stages = avo("run", "job.yaml")
                .out()
                .lines()
                .map(line -> line.split(" ")[0])
                .filter(word -> !word.equals("made") && !word.equals("report"))
                .toList();

        assertEquals(List.of("prepare", "video_concat", "mux", "finish"), stages);
    }

    @Test
    void drawsBarsOnATerminalThatNeverWrap() throws Exception {
        String narrow = "stty cols 24; " + String.join(" ", command("run", "job.yaml"));
        Process terminal = inFolder(List.of("script", "-qec", narrow, "/dev/null"), "TERM", "xterm")
                .start();

        String shown = new String(terminal.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(0, terminal.waitFor(), shown);
        assertTrue(shown.contains("█"), shown);
        long drawn = shown.split("\u001b\\[\\?7l", -1).length - 1;
        assertTrue(drawn > 3, shown);
        assertEquals(drawn, shown.split("\u001b\\[\\?7h", -1).length - 1);
        String last = shown.substring(shown.lastIndexOf("\u001b[J"));
        assertTrue(last.contains("finish") && last.contains("made out/a.mp4"), last);
    }

    @Test
    void writesPlainLinesWhereBarsCannotBeDrawn() throws Exception {
        String run = String.join(" ", command("run", "job.yaml"));
        Process terminal = inFolder(List.of("script", "-qec", run, "/dev/null"), "TERM", "dumb")
                .start();

        String dumb = new String(terminal.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String piped = avo("run", "job.yaml").out();

        for (String shown : List.of(dumb, piped)) {
            assertTrue(shown.contains("finish "), shown);
            assertFalse(shown.contains("\u001b") || shown.contains("█"), shown);
        }
    }

    @Test
    void everyCommandExplainsItselfWithExamples() throws Exception {
        for (String command : List.of(
                "run",
                "plan",
                "diff",
                "explain",
                "replay",
                "validate",
                "presets",
                "schema",
                "doctor",
                "submit",
                "jobs",
                "show",
                "watch",
                "cancel",
                "retry",
                "pause",
                "resume")) {
            Ended help = avo(command, "--help");
            assertEquals(0, help.code());
            assertTrue(help.out().contains("Example") && help.out().contains("avo " + command), help.out());
        }
    }

    @Test
    void ctrlCEndsTheEncoderAndLeavesNothing() throws Exception {
        Process program = startLong();
        ProcessHandle encoder = encoder(program);

        new ProcessBuilder("kill", "-INT", Long.toString(program.pid())).start().waitFor();

        assertTrue(program.waitFor(20, TimeUnit.SECONDS));
        assertEquals(130, program.exitValue());
        encoder.onExit().get(5, TimeUnit.SECONDS);
        assertEquals(List.of(), left());
    }

    @Test
    void aKilledProgramLeavesNoEncoderAndTheNextRunGoesOn() throws Exception {
        Process program = startLong();
        ProcessHandle encoder = encoder(program);

        program.destroyForcibly().waitFor();

        encoder.onExit().get(10, TimeUnit.SECONDS);
        assertFalse(Files.exists(folder.resolve("out")));
        Ended next = avo("run", "job.yaml");
        assertEquals(0, next.code(), next.err());
        assertEquals(List.of(), left());
    }

    @Test
    void aFilmKilledAtFourFifthsGoesOnAtTheClipItWasAt() throws Exception {
        make(folder.resolve("clip.mp4"), "-f lavfi -i testsrc2=s=192x108:r=25:d=10 -c:v libx264 -preset ultrafast");
        StringBuilder clips = new StringBuilder();
        for (int second = 0; second < 10; second++) {
            clips.append("    - {asset: clip, in: %ds, out: %ds}\n".formatted(second, second + 1));
        }
        Files.writeString(
                folder.resolve("job.yaml"),
                "version: 1\njob: {id: one}\nassets: {clip: clip.mp4}\nvideo:\n  size: 160x90\n  fps: 25\n  fit: contain\n"
                        + "  clips:\n" + clips + "outputs: [{path: out/a.mp4, preset: web-720p}]\n");
        String[] oneByOne = {"run", "--set", "encoders=1", "--set", "ffmpeg.program=" + haltingAfter(8), "job.yaml"};
        Process program = start(oneByOne);
        ProcessHandle encoder = encoder(program);

        program.destroyForcibly().waitFor();
        encoder.onExit().get(10, TimeUnit.SECONDS);
        Files.delete(folder.resolve("halting"));
        Ended next = avo(oneByOne);

        assertEquals(0, next.code(), next.err());
        List<Boolean> reused = clipsReused();
        assertEquals(8, reused.stream().filter(r -> r).count(), reused::toString);
        assertEquals(2, reused.stream().filter(r -> !r).count(), reused::toString);
        Path resumed = Files.move(folder.resolve("out/a.mp4"), folder.resolve("resumed.mp4"));
        assertEquals(
                0,
                avo("run", "--set", "encoders=1", "--set", "state.folder=" + folder.resolve("fresh"), "job.yaml")
                        .code());
        assertEquals(-1, Files.mismatch(folder.resolve("out/a.mp4"), resumed), "as if it had never been killed");
    }

    @Test
    void takesAnEditOfTheRoutesForTheNextSpecs() throws Exception {
        Path routes = folder.resolve("routes");
        Studio.copy(Path.of("routes"), routes);
        Files.writeString(
                folder.resolve("refusing.yaml"),
                """
                - route:
                    id: after-mux-refusing
                    group: stage
                    description: Refuses what was made.
                    from:
                      uri: direct:after-mux-refusing
                      steps:
                        - throwException:
                            exceptionType: java.lang.IllegalStateException
                            message: edited meanwhile
                """);
        Path editing = Files.writeString(
                folder.resolve("ffmpeg-editing"),
                "#!/bin/sh\ncp '%1$s/refusing.yaml' '%1$s/routes/after-mux-refusing.camel.yaml'\nexec ffmpeg \"$@\"\n"
                        .formatted(folder));
        assertTrue(editing.toFile().setExecutable(true));
        List<String> line = new ArrayList<>(List.of("run", "--set", "routes.folder=" + routes));
        line.addAll(List.of("--set", "routes.watch=20ms", "--set", "ffmpeg.program=" + editing));
        for (int second = 1; second <= 8; second++) {
            Files.writeString(
                    folder.resolve(second + ".yaml"),
                    "version: 1\nassets: {clip: clip.mp4}\nvideo: {clips: [{asset: clip, out: %1$d00ms}], fit: contain}\n"
                                    .formatted(second)
                            + "outputs: [{path: out/%d.mp4, preset: web-720p}]\n".formatted(second));
            line.add(second + ".yaml");
        }

        Ended run = avo(line.toArray(String[]::new));

        assertEquals(1, run.code(), run.err());
        assertTrue(Files.exists(folder.resolve("out/1.mp4")), run.err());
        assertFalse(Files.exists(folder.resolve("out/8.mp4")), run.out());
        assertTrue(run.err().contains("edited meanwhile"), run.err());
    }

    /** An ffmpeg that encodes so many clips, then says its pid and stands still as long as the file {@code halting} is there. */
    private Path haltingAfter(int clips) throws IOException {
        Files.createFile(folder.resolve("halting"));
        Path program = Files.writeString(
                folder.resolve("ffmpeg-halting"),
                """
                #!/bin/bash
                cd '%1$s' || exit 1
                case " $* " in *libx264*)
                    echo >>encodes
                    if [[ -e halting && $(wc -l <encodes) -gt %2$d ]]; then
                        echo $$ >begun.new
                        mv begun.new begun
                        exec sleep 300
                    fi ;;
                esac
                cd "$OLDPWD" || exit 1
                exec ffmpeg "$@"
                """
                        .formatted(folder, clips));
        assertTrue(program.toFile().setExecutable(true));
        return program;
    }

    /** Whether each clip of the last run's report was reused. */
    private List<Boolean> clipsReused() throws IOException {
        List<Boolean> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder.resolve("state/avo/archive"))) {
            Path report = files.filter(f -> f.endsWith("report.json"))
                    .max(Path::compareTo)
                    .orElseThrow();
            new com.fasterxml.jackson.databind.ObjectMapper()
                    .readTree(report.toFile())
                    .path("steps")
                    .forEach(step -> {
                        if (step.path("step").asText().startsWith("video_concat/web-720p-")) {
                            found.add(step.path("reused").asBoolean());
                        }
                    });
        }
        return found;
    }

    /** A job whose encoder waits until it is ended: its ffmpeg writes down that it has begun, then sleeps. */
    private Process startLong() throws Exception {
        Path begun = folder.resolve("begun");
        Path slow = Files.writeString(
                folder.resolve("ffmpeg-slow"),
                "#!/bin/bash\ncase \" $* \" in *' -version '*) exec ffmpeg \"$@\";; *libx264*) echo $$ > '" + begun
                        + ".new'; mv '" + begun + ".new' '" + begun
                        + "'; exec sleep 300;; *) exec ffmpeg \"$@\";; esac\n");
        assertTrue(slow.toFile().setExecutable(true));
        return start("run", "--set", "ffmpeg.program=" + slow, "job.yaml");
    }

    /** Waits until the encoder has said its pid; not for ever, when the program ends before. */
    private ProcessHandle encoder(Process program) throws Exception {
        Path begun = folder.resolve("begun");
        while (!Files.exists(begun)) {
            assertFalse(
                    program.waitFor(20, TimeUnit.MILLISECONDS), () -> "it ended with exit code " + program.exitValue());
        }
        return ProcessHandle.of(Long.parseLong(Files.readString(begun).strip())).orElseThrow();
    }

    /** What lies in the folder of work and of the outputs, except finished outputs. */
    private List<String> left() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path place : List.of(folder.resolve("state/avo/work"), folder.resolve("out"))) {
            if (Files.isDirectory(place)) {
                try (Stream<Path> files = Files.walk(place)) {
                    files.filter(f -> !f.equals(place) && !f.endsWith("a.mp4")).forEach(f -> found.add(f.toString()));
                }
            }
        }
        return found;
    }

    private Ended avo(String... arguments) throws Exception {
        Process process = start(arguments);
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        return new Ended(code, out, Files.readString(folder.resolve("err.txt")));
    }

    private Process start(String... arguments) throws IOException {
        return inFolder(command(arguments), "TERM", "dumb")
                .redirectError(folder.resolve("err.txt").toFile())
                .start();
    }

    private ProcessBuilder inFolder(List<String> command, String variable, String value) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("XDG_STATE_HOME", folder.resolve("state").toString());
        builder.environment().put(variable, value);
        return builder;
    }

    private static List<String> command(String... arguments) {
        Path home = Path.of("").toAbsolutePath();
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:+UseSerialGC",
                "-Davo.home=" + home,
                "-cp",
                System.getProperty("java.class.path"),
                "org.localav.orchestrator.Main"));
        command.addAll(List.of(arguments));
        return command;
    }
}
