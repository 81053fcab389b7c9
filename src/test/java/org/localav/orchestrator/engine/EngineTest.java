package org.localav.orchestrator.engine;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.cache.Digests;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobListener;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.StageRecord;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.job.Tenure;
import org.localav.orchestrator.media.LocalTools;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.route.ReloadReport;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.stage.FailureReason;

/** Whole jobs through the project's own routes, with the installed ffmpeg and espeak-ng. */
@Tag("tools")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class EngineTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path media;

    @TempDir
    Path home;

    private Studio studio;

    @BeforeAll
    static void draw() {
        Studio.draw(media);
    }

    @BeforeEach
    void open() throws Exception {
        studio = new Studio(home, Map.of("media.roots", media.toString()), Map.of());
    }

    @AfterEach
    void close() {
        studio.close();
    }

    private static String assets(String... names) {
        return "assets:\n"
                + java.util.Arrays.stream(names)
                        .map(n -> "  " + n.substring(0, n.indexOf('.')) + ": \"" + media.resolve(n) + "\"\n")
                        .collect(Collectors.joining());
    }

    private static String film(String sentence) {
        return "job: {id: film, title: A small film}\n" + assets("one.mp4", "odd.mp4", "photo.png", "bed.wav")
                + """
                audio:
                  tracks:
                    narration:
                      - {tts: {text: "%s", voice: en-us, provider: local}, start: 200ms}
                    bed:
                      - {asset: bed, loop: true, gain: -12dB, duck: {by: narration, amount: 10dB}}
                  loudness: {integrated: -16, true_peak: -1.5}
                video:
                  clips: [{asset: one}, {asset: odd}, {asset: photo, length: 2s}]
                  fit: contain
                outputs:
                  - {path: out/film.mp4, preset: tiny}
                """
                        .formatted(sentence);
    }

    private static String picture(String id, String... clips) {
        return "job: {id: " + id + "}\n" + assets(clips) + "video: {clips: ["
                + java.util.Arrays.stream(clips)
                        .map(c -> "{asset: " + c.substring(0, c.indexOf('.')) + "}")
                        .collect(Collectors.joining(", "))
                + "], fit: contain}\noutputs: [{path: out/" + id + ".mp4, preset: tiny}]\n";
    }

    private static List<String> soundSteps(Job job) {
        return job.steps().stream()
                .filter(step -> step.stage().equals("audio_mix"))
                .map(StepReport::step)
                .toList();
    }

    @Test
    void mixesAndEncodesInOneRunWhereNoLoudnessIsAskedFor() throws Exception {
        Job job = studio.run(assets("voice.wav")
                + "audio: {tracks: {a: [{asset: voice}]}}\noutputs: [{path: out/a.m4a, preset: podcast},"
                + " {path: out/b.m4a, preset: podcast}]\n");

        assertSucceeded(job);
        assertEquals(List.of("audio_mix/mix"), soundSteps(job));
        StepReport mix = job.steps().stream()
                .filter(step -> step.step().equals("audio_mix/mix"))
                .findFirst()
                .orElseThrow();
        assertTrue(mix.measured().orElseThrow().loudness().isPresent(), "the report says how loud it is");
    }

    @Test
    void mixesOnceForOutputsThatWantOtherSound() throws Exception {
        Job job = studio.run(assets("voice.wav")
                + "audio: {tracks: {a: [{asset: voice}]}}\noutputs: [{path: out/a.m4a, preset: podcast},"
                + " {path: out/b.mp3, preset: mp3}]\n");

        assertSucceeded(job);
        assertEquals(Set.of("audio_mix/mix", "audio_mix/podcast", "audio_mix/mp3"), Set.copyOf(soundSteps(job)));
    }

    @Test
    void saysOfEachStageHowManyInputsItHasAndWhetherItUsesAGraphicsProcessor() throws Exception {
        Job job = studio.run(picture("two", "one.mp4", "odd.mp4"));

        assertSucceeded(job);
        Map<String, Object> metadata = job.record("video_concat").metadata();
        assertEquals(4L, metadata.get("inputs"));
        assertEquals(false, metadata.get("uses_gpu"));
    }

    private static void assertSucceeded(Job job) {
        assertEquals(JobStatus.SUCCEEDED, job.status(), () -> job.failure()
                .map(FailureReason::sentence)
                .orElse(""));
    }

    private static JsonNode probe(Path file) throws Exception {
        return JSON.readTree(LocalTools.FFPROBE.run(
                List.of("-v", "error", "-show_streams", "-show_format", "-of", "json", "file:" + file)));
    }

    private static double loudness(Path file) throws Exception {
        String frames = LocalTools.FFPROBE.run(List.of(
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                "amovie=" + file + ",ebur128=metadata=1",
                "-show_entries",
                "frame_tags=lavfi.r128.I",
                "-of",
                "csv=p=0"));
        List<String> lines = frames.lines().filter(l -> !l.isBlank()).toList();
        return Double.parseDouble(lines.get(lines.size() - 1));
    }

    @Test
    void makesAFilmOfSpeechMusicClipsAndAStillAndFilesWhatItDid() throws Exception {
        assertTrue(probe(media.resolve("one.mp4")).toString().contains("52.5"), "the source says where it was filmed");

        Job job = studio.run(film("Hello there."));

        assertSucceeded(job);
        Path made = studio.output("out/film.mp4");
        JsonNode facts = probe(made);
        assertEquals(4.0, facts.at("/format/duration").asDouble(), 0.1);
        assertEquals("h264", facts.at("/streams/0/codec_name").asText());
        assertEquals("aac", facts.at("/streams/1/codec_name").asText());
        assertEquals("A small film", facts.at("/format/tags/title").asText());
        assertEquals(-16, loudness(made), 0.5);
        assertFalse(facts.toString().contains("52.5"), "the place it was filmed at");
        assertFalse(facts.toString().contains("somebody"));
        Path archive = studio.engine.archive(job);
        assertTrue(Files.readString(archive.resolve("spec.yaml")).contains("Hello there."));
        assertTrue(JSON.readTree(archive.resolve("plan.json").toFile()).isObject());
        JsonNode report = JSON.readTree(archive.resolve("report.json").toFile());
        assertEquals(Digests.sha256(made), report.at("/outputs/0/sha256").asText());
        assertEquals(4, report.at("/inputs").size());
        report.at("/inputs")
                .forEach(i -> assertEquals(64, i.at("/sha256").asText().length()));
        report.at("/steps")
                .forEach(step -> assertTrue(
                        step.at("/stage").asText().equals("tts")
                                || step.at("/commands/0").asText().contains(" && ffmpeg "),
                        step::toString));
        assertEquals("succeeded", report.at("/status").asText());
    }

    @Test
    void doesNothingTwiceAndOnlyWhatAChangedSentenceNeeds() throws Exception {
        assertSucceeded(studio.run(film("Hello there.")));
        Path made = studio.output("out/film.mp4");
        Files.setLastModifiedTime(made, FileTime.fromMillis(1_000_000));

        Job second = studio.run(film("Hello there."));

        assertSucceeded(second);
        assertTrue(second.steps().stream().allMatch(StepReport::reused));
        assertEquals(FileTime.fromMillis(1_000_000), Files.getLastModifiedTime(made));
        for (String stage : List.of("tts", "audio_mix", "video_concat", "mux", "finish")) {
            assertEquals("reused", second.record(stage).status(), stage);
        }

        Files.delete(made);
        Job changed = studio.run(film("Good bye."));

        assertSucceeded(changed);
        assertTrue(changed.steps().stream()
                .filter(s -> s.stage().equals("video_concat"))
                .allMatch(StepReport::reused));
        assertEquals(
                Set.of("tts", "audio_mix", "mux"),
                changed.steps().stream()
                        .filter(s -> !s.reused())
                        .map(StepReport::stage)
                        .collect(Collectors.toSet()));
    }

    @Test
    void keepsTheLatestRunsOfAJobInTheArchive() throws Exception {
        studio.close();
        studio = new Studio(
                home.resolve("other"), Map.of("media.roots", media.toString(), "archive.runs", "2"), Map.of());
        Path archive = null;
        List<String> runs = List.of("20260101-000001-a", "20260101-000002-b", "20260101-000003-c");
        for (String run : runs) {
            Path spec = studio.spec("job.yaml", picture("again", "one.mp4"));
            Job job = studio.engine.run(
                    new Engine.Order("again", run, SpecReader.read(spec), spec, false, Tenure.ALONE),
                    new Cancellation(),
                    JobListener.NONE);
            archive = studio.engine.archive(job).getParent();
        }

        try (Stream<Path> kept = Files.list(archive)) {
            assertEquals(
                    runs.subList(1, 3),
                    kept.map(run -> run.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void listsAssetsInTheOrderOfTheSpec() throws Exception {
        Job job = studio.run(picture("ordered", "two.mp4", "photo.png", "one.mp4", "odd.mp4")
                .replace("{asset: photo}", "{asset: photo, length: 1s}"));

        assertSucceeded(job);
        assertEquals(
                List.of("two", "photo", "one", "odd"),
                List.copyOf(job.prepared().orElseThrow().assets().keySet()));
    }

    @Test
    void makesSeveralOutputsOfSoundAlone() throws Exception {
        Job job = studio.run("job: {id: sound}\n" + assets("bed.wav")
                + "audio: {tracks: {bed: [{asset: bed}]}}\n"
                + "outputs: [{path: out/a.wav, preset: wav-master}, {path: out/a.m4a, preset: podcast}]\n");

        assertSucceeded(job);
        assertEquals(
                0.8, probe(studio.output("out/a.wav")).at("/format/duration").asDouble(), 0.05);
        assertEquals(1, probe(studio.output("out/a.m4a")).at("/streams").size());
    }

    @Test
    void mixesMoreSoundsThanOneArgumentCanSay(@TempDir Path shell) throws Exception {
        LocalTools.make(studio.jobs.resolve("tick.wav"), "-f lavfi -i sine=880:r=48000:d=0.04");
        Job job = studio.run("assets: {tick: tick.wav}\naudio:\n  tracks:\n    ticks:\n"
                + "      - {asset: tick, start: auto, gap: 10ms, gain: -6dB, fade_in: 5ms, fade_out: 5ms}\n".repeat(900)
                + "outputs: [{path: out/ticks.wav, preset: wav-master}]\n");

        assertSucceeded(job);
        StepReport mix = job.steps().get(0);
        String command = mix.commands().get(0);
        assertTrue(command.contains("graph.txt"), () -> command.substring(0, 400));
        // The first begins after its gap, too: 900 times 10 ms and 40 ms.
        JsonNode facts = probe(studio.output("out/ticks.wav"));
        assertEquals(45.0, facts.at("/format/duration").asDouble(), 0.011);
        Path script = Files.writeString(shell.resolve("pasted.sh"), command);
        Process pasted = new ProcessBuilder("sh", "-e", script.toString())
                .directory(shell.toFile())
                .redirectErrorStream(true)
                .redirectOutput(shell.resolve("said.txt").toFile())
                .start();
        assertEquals(0, pasted.waitFor(), () -> "see " + shell);
        assertEquals(
                mix.sha256().orElseThrow(),
                Digests.sha256(shell.resolve(mix.step().replace('/', '-')).resolve("result.wav")));
    }

    @Test
    void makesASilentPicture() throws Exception {
        assertSucceeded(studio.run(picture("silent", "one.mp4", "odd.mp4")));

        JsonNode facts = probe(studio.output("out/silent.mp4"));
        assertEquals(1, facts.at("/streams").size());
        assertEquals(50, facts.at("/streams/0/nb_frames").asInt());
    }

    @Test
    void leavesTheProcessorToTheSoundWhilePicturesAreCopied() throws Exception {
        studio.close();
        Path log = home.resolve("calls");
        Path program = script("echo \"$(nice) $*\" >>" + log + "; exec ffmpeg \"$@\"");
        studio = new Studio(
                home.resolve("polite"),
                Map.of("media.roots", media.toString(), "ffmpeg.program", program.toString()),
                Map.of());
        String pictures = "video: {clips: [{asset: one, audio: mute}, {asset: two, audio: mute}]}\n"
                + "outputs: [{path: out/copied.mp4, preset: tiny}]\n";

        assertSucceeded(studio.run("job: {id: sound}\n" + assets("one.mp4", "two.mp4", "voice.wav") + pictures
                + "audio: {tracks: {a: [{asset: voice}]}}\n"));
        List<String> calls = Files.readAllLines(log);
        int sound = niceness(calls, "pipe:0");
        int yielding = Math.min(sound + 10, 19);

        assertEquals(yielding, niceness(calls, "parts.ffconcat"), "the join");
        assertEquals(yielding, niceness(calls, "nokey"), "the trial of its key frames");
        assertEquals(sound, niceness(calls, "-map 1:a:0"), "the mux");

        Files.delete(log);
        assertSucceeded(studio.run("job: {id: silent}\n" + assets("one.mp4", "two.mp4")
                + "video: {clips: [{asset: two}, {asset: one}]}\noutputs: [{path: out/silent.mp4, preset: tiny}]\n"));
        assertEquals(sound, niceness(Files.readAllLines(log), "parts.ffconcat"), "a join beside nothing");
    }

    /** How nice the only call was that holds this. */
    private static int niceness(List<String> calls, String held) {
        List<String> found = calls.stream().filter(call -> call.contains(held)).toList();
        assertEquals(1, found.size(), held + " in " + calls);
        return Integer.parseInt(found.get(0).substring(0, found.get(0).indexOf(' ')));
    }

    @Test
    void copiesUniformClipsWithoutEncoding() throws Exception {
        Job job = studio.run("job: {id: copied}\n" + assets("one.mp4", "two.mp4")
                + "video: {clips: [{asset: one}, {asset: two}]}\noutputs: [{path: out/c.mp4, preset: copy}]\n");

        assertSucceeded(job);
        List<String> pictures = job.steps().stream()
                .filter(s -> s.stage().equals("video_concat"))
                .flatMap(s -> s.commands().stream())
                .toList();
        assertEquals(1, pictures.size(), pictures::toString);
        assertFalse(pictures.get(0).contains("libx264"), pictures::toString);
        assertEquals(
                2.0, probe(studio.output("out/c.mp4")).at("/format/duration").asDouble(), 0.1);
    }

    @Test
    void blocksClipsThatDifferBeforeAnythingIsSpent() throws Exception {
        Job job = studio.run("job: {id: unlike}\n" + assets("one.mp4", "odd.mp4")
                + "video: {clips: [{asset: one}, {asset: odd}]}\noutputs: [{path: out/c.mp4, preset: copy}]\n");

        assertEquals(JobStatus.FAILED, job.status());
        String sentence = FailureReason.sentence(job.failure().orElseThrow());
        assertAll(
                () -> assertTrue(sentence.contains("odd"), sentence),
                () -> assertTrue(sentence.contains("96x96"), sentence),
                () -> assertTrue(sentence.contains("fit:"), sentence),
                () -> assertEquals(List.of(), job.steps()),
                () -> assertEquals(List.of(), studio.leftovers()));
    }

    @Test
    void takesAClipThatCannotBeShownForAMistakeInTheSpec() throws Exception {
        Job job = studio.run(
                assets("one.mp4", "odd.mp4", "photo.png", "bed.wav")
                        + """
                video:
                  clips:
                    - {asset: one, out: 3s}
                    - {asset: photo}
                    - {asset: odd}
                    - {asset: one, in: 1s}
                    - {asset: bed}
                    - {asset: one, length: 2s}
                outputs: [{path: out/c.mp4, preset: tiny}]
                """);

        String[] found = ((InvalidSpecException) job.failure().orElseThrow())
                .getMessage()
                .split("\n");
        assertEquals(
                List.of(
                        "job.yaml:9:25: video.clips[0].out: 'one' has pictures until 1s only; 'out' 3s is too late",
                        "job.yaml:10:7: video.clips[1]: 'photo' is a still picture; say how long it is shown,"
                                + " as in length: 5s",
                        "job.yaml:12:24: video.clips[3].in: 'one' has pictures until 1s; 'in' 1s must lie before that"
                                + " and before 'out'",
                        "job.yaml:13:15: video.clips[4].asset: 'bed' has no picture; a clip needs a video or a photo",
                        "job.yaml:14:28: video.clips[5].length: 'one' has pictures until 1s only; its end at 2s is too"
                                + " late"),
                java.util.Arrays.stream(found)
                        .map(line -> line.substring(line.indexOf("job.yaml")))
                        .toList());
    }

    @Test
    void replacesAForeignFileOnlyWithForceAndConsent() throws Exception {
        String plain = picture("film", "one.mp4");
        String forced = plain.replace("{id: film}", "{id: film, force: true}");
        Path foreign = Files.createDirectories(studio.output("out")).resolve("film.mp4");
        Files.writeString(foreign, "mine");

        Job refused = studio.run(plain);
        Job withoutConsent = studio.run(forced);

        assertTrue(refused.failure().orElseThrow() instanceof BlockedException);
        assertTrue(withoutConsent.failure().orElseThrow() instanceof BlockedException);
        assertEquals("mine", Files.readString(foreign));
        studio.close();
        Path other = home.resolve("other");
        studio = new Studio(other, Map.of("media.roots", media.toString(), "output.overwrite", "true"), Map.of());
        Path theirs = Files.createDirectories(studio.output("out")).resolve("film.mp4");
        Files.writeString(theirs, "theirs");

        assertSucceeded(studio.run(forced));

        assertEquals(1.0, probe(theirs).at("/format/duration").asDouble(), 0.05);
        assertEquals(List.of(theirs.toString()), studio.leftovers());
    }

    @Test
    void leavesNothingOfAJobThatFails() throws Exception {
        byte[] whole = Files.readAllBytes(media.resolve("one.mp4"));
        Files.write(studio.jobs.resolve("cut.mp4"), java.util.Arrays.copyOf(whole, whole.length / 2));

        Job job = studio.run("job: {id: broken}\nassets: {cut: cut.mp4}\n"
                + "video: {clips: [{asset: cut}], fit: contain}\noutputs: [{path: out/b.mp4, preset: tiny}]\n");

        assertEquals(JobStatus.FAILED, job.status());
        assertEquals(List.of(), studio.leftovers());
        assertTrue(FailureReason.sentence(job.failure().orElseThrow()).contains("cut.mp4"));
        JsonNode report =
                JSON.readTree(studio.engine.archive(job).resolve("report.json").toFile());
        assertEquals("failed", report.at("/status").asText());
    }

    @Test
    void leavesWhatStoodThereWhenAnEncoderFails() throws Exception {
        studio.close();
        Path program = script("case \"$*\" in *-progress*) exit 1;; esac; exec ffmpeg \"$@\"");
        studio = new Studio(
                home.resolve("other"),
                Map.of(
                        "media.roots", media.toString(),
                        "ffmpeg.program", program.toString(),
                        "output.overwrite", "true"),
                Map.of());
        Path before = Files.createDirectories(studio.output("out")).resolve("film.mp4");
        Files.writeString(before, "before");

        Job job = studio.run(picture("film", "one.mp4").replace("{id: film}", "{id: film, force: true}"));

        assertEquals(JobStatus.FAILED, job.status());
        assertEquals("failed", job.record("video_concat").status());
        assertEquals("rolled_back", job.record("prepare").status());
        assertEquals("before", Files.readString(before));
        assertEquals(List.of(before.toString()), studio.leftovers());
    }

    @Test
    void refusesPathsThatLeadOutOfTheRoots(@TempDir Path outside) throws Exception {
        Path secret = Files.copy(media.resolve("one.mp4"), outside.resolve("secret.mp4"));
        Files.createSymbolicLink(studio.jobs.resolve("inside.mp4"), secret);
        Files.createSymbolicLink(studio.jobs.resolve("out"), outside);
        String spec = "job: {id: out}\nassets: {a: %s}\nvideo: {clips: [{asset: a}], fit: contain}\n"
                + "outputs: [{path: %s, preset: tiny}]\n";

        Job plain = studio.run(spec.formatted(secret, "a.mp4"));
        Job linked = studio.run(spec.formatted("inside.mp4", "a.mp4"));
        Job written = studio.run(spec.formatted(media.resolve("one.mp4"), "out/a.mp4"));

        for (Job job : List.of(plain, linked, written)) {
            String sentence = FailureReason.sentence(job.failure().orElseThrow());
            assertTrue(job.failure().get() instanceof BlockedException, sentence);
            assertTrue(sentence.contains("outside the allowed folders"), sentence);
        }
        assertFalse(Files.exists(outside.resolve("a.mp4")));
    }

    @Test
    void endsTheEncoderOfACancelledJob() throws Exception {
        Slow slow = slowStudio();
        Cancellation cancellation = new Cancellation();
        CompletableFuture<Job> running = start(picture("slow", "one.mp4"), cancellation);
        ProcessHandle encoder = slow.encoder();

        cancellation.cancel("test");
        Job job = running.get(30, TimeUnit.SECONDS);

        assertEquals(JobStatus.CANCELLED, job.status());
        assertEquals("cancelled", job.record("video_concat").status());
        encoder.onExit().get(10, TimeUnit.SECONDS);
        assertEquals(List.of(), studio.leftovers());
    }

    @Test
    void endsTheRealEncoderInTheMiddleOfACancelledJob() throws Exception {
        studio.close();
        studio = new Studio(
                home.resolve("real"),
                Map.of("media.roots", media.toString() + ":" + home, "output.overwrite", "true"),
                Map.of());
        LocalTools.make(
                home.resolve("long.mp4"),
                "-f lavfi -i testsrc2=s=1280x720:r=30:d=20 -c:v libx264 -preset ultrafast -pix_fmt yuv420p");
        Path before = Files.createDirectories(studio.output("out")).resolve("a.mkv");
        Files.writeString(before, "before");
        Cancellation cancellation = new Cancellation();
        JobListener cancels = new JobListener() {
            @Override
            public void progressed(Job job, String stage, double done, double speed) {
                if (stage.equals("video_concat") && done > 0) {
                    cancellation.cancel("seen enough");
                }
            }
        };

        Job job = studio.run(
                "job: {id: long, force: true}\nassets: {long: \"" + home.resolve("long.mp4") + "\"}\n"
                        + "video: {clips: [{asset: long}], fit: contain}\n"
                        + "outputs: [{path: out/a.mkv, preset: hevc-archive}]\n",
                cancellation,
                cancels);

        assertEquals(JobStatus.CANCELLED, job.status());
        assertEquals("before", Files.readString(before));
        assertEquals(List.of(before.toString()), studio.leftovers());
        assertEquals(
                List.of(),
                ProcessHandle.current()
                        .descendants()
                        .flatMap(child -> child.info().commandLine().stream())
                        .filter(line -> line.contains(studio.home.toString()))
                        .toList());
    }

    @Test
    void followsTheRouteFilesWhileItRuns() throws Exception {
        studio.close();
        studio = new Studio(
                home.resolve("live"), Map.of("media.roots", media.toString(), "routes.watch", "20ms"), Map.of());
        Path mux = studio.home.resolve("routes/stage-mux.camel.yaml");
        String shipped = Files.readString(mux);
        Path added = Files.createDirectories(studio.home.resolve("routes/mine")).resolve("stop.camel.yaml");
        Files.writeString(
                added,
                """
                - route:
                    id: stop
                    from:
                      uri: direct:stop
                      steps:
                        - throwException:
                            exceptionType: java.lang.IllegalStateException
                            message: told by the added file
                """);
        assertLoaded("mine/stop.camel.yaml");
        Files.writeString(
                mux,
                shipped.replace(
                        "      steps:\n        - split:",
                        "      steps:\n        - to:\n            uri: direct:stop\n        - split:"));
        assertLoaded("stage-mux.camel.yaml");

        Job stopped = studio.run(picture("stopped", "one.mp4"));

        assertTrue(FailureReason.sentence(stopped.failure().orElseThrow()).contains("told by the added file"));
        Files.writeString(mux, shipped);
        assertLoaded("stage-mux.camel.yaml");
        Files.delete(added);
        assertLoaded("mine/stop.camel.yaml");
        assertSucceeded(studio.run(picture("goes", "one.mp4")));
    }

    private void assertLoaded(String file) throws InterruptedException {
        ReloadReport report = studio.reloads.poll(30, TimeUnit.SECONDS);
        assertTrue(
                report instanceof ReloadReport.Loaded loaded
                        && loaded.changedFiles().stream().anyMatch(name -> name.endsWith(file)),
                () -> file + ": " + report);
    }

    @Test
    void failsAStageThatTakesTooLong() throws Exception {
        slowStudio();

        Job job = start(
                        picture("late", "one.mp4")
                                .replace("{id: late}", "{id: late, stage_timeouts: {video_concat: 300ms}}"),
                        new Cancellation())
                .get(30, TimeUnit.SECONDS);

        assertEquals(JobStatus.FAILED, job.status());
        assertEquals(FailureReason.TIMEOUT, FailureReason.of(job.failure().orElseThrow()));
        assertEquals(List.of(), studio.leftovers());
    }

    @Test
    void refusesAJobWhoseIdIsRunning() throws Exception {
        Slow slow = slowStudio();
        Cancellation cancellation = new Cancellation();
        CompletableFuture<Job> first = start(picture("same", "one.mp4"), cancellation);
        slow.encoder();

        BlockedException refusal = assertThrows(BlockedException.class, () -> studio.run(picture("same", "one.mp4")));

        assertTrue(refusal.getMessage().contains("'same' is running already"));
        cancellation.cancel("test");
        assertEquals(JobStatus.CANCELLED, first.get(30, TimeUnit.SECONDS).status());
    }

    @Test
    void takesAnEditOfARouteForTheNextJobAndKeepsTheLastGoodOnesWhenItIsBroken() throws Exception {
        Path mux = home.resolve("routes/stage-mux.camel.yaml");
        String shipped = Files.readString(mux);
        Files.writeString(
                mux,
                shipped.replace(
                        "      steps:\n        - split:",
                        "      steps:\n        - throwException:\n            exceptionType: java.lang.IllegalStateException\n"
                                + "            message: edited\n        - split:"));
        studio.engine.routes().reloadNow();

        Job edited = studio.run(picture("edited", "one.mp4"));

        assertEquals(JobStatus.FAILED, edited.status());
        assertTrue(FailureReason.sentence(edited.failure().orElseThrow()).contains("edited"));
        Files.writeString(mux, shipped);
        studio.engine.routes().reloadNow();
        Files.writeString(mux, shipped.replace("uri: direct:mux", "urri: direct:mux"));

        studio.engine.routes().reloadNow();

        List<String> rejected = studio.engine.routes().status().rejected();
        assertTrue(
                rejected.stream().anyMatch(r -> r.matches("(?s).*stage-mux\\.camel\\.yaml:\\d+:\\d+: .*")),
                rejected::toString);
        assertSucceeded(studio.run(picture("edited", "one.mp4")));
    }

    @Test
    void letsARunningJobEndOnTheRoutesItBeganWith() throws Exception {
        AtomicReference<Job> seen = new AtomicReference<>();
        Path mux = home.resolve("routes/stage-mux.camel.yaml");
        String broken = Files.readString(mux)
                .replace(
                        "      steps:\n        - split:",
                        "      steps:\n        - throwException:\n            exceptionType: java.lang.IllegalStateException\n"
                                + "            message: edited\n        - split:");
        JobListener edits = new JobListener() {
            @Override
            public void stageChanged(Job job, StageRecord record) {
                if (record.stage().equals("video_concat") && seen.compareAndSet(null, job)) {
                    try {
                        Files.writeString(mux, broken);
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                    studio.engine.routes().reloadNow();
                }
            }
        };

        Job running = studio.run(picture("running", "one.mp4"), new Cancellation(), edits);

        assertSucceeded(running);
        assertEquals(JobStatus.FAILED, studio.run(picture("next", "two.mp4")).status());
    }

    private CompletableFuture<Job> start(String spec, Cancellation cancellation) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return studio.run(spec, cancellation, JobListener.NONE);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** An encoder that says its process id through a pipe and then makes nothing for a long time. */
    private record Slow(Path pipe) {
        ProcessHandle encoder() throws Exception {
            return ProcessHandle.of(Long.parseLong(Files.readString(pipe).strip()))
                    .orElseThrow();
        }
    }

    private Slow slowStudio() throws Exception {
        studio.close();
        Path pipe = home.resolve("started");
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
        Path program =
                script("case \"$*\" in *-progress*) echo $$ >" + pipe + "; exec sleep 600;; esac; exec ffmpeg \"$@\"");
        studio = new Studio(
                home.resolve("slow"),
                Map.of("media.roots", media.toString(), "ffmpeg.program", program.toString()),
                Map.of());
        return new Slow(pipe);
    }

    private Path script(String text) throws Exception {
        Path program = Files.writeString(home.resolve("fake-ffmpeg"), "#!/bin/sh\n" + text + "\n");
        assertTrue(program.toFile().setExecutable(true));
        return program;
    }
}
