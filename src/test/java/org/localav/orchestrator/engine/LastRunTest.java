package org.localav.orchestrator.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.cache.Digests;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Lock;
import org.localav.orchestrator.job.PlanView;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.spec.SpecReader;

/** What a run leaves for the next plan to be held against. */
@Tag("tools")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LastRunTest {
    private static final String SPEC =
            """
            assets: {one: one.mp4, photo: photo.png}
            audio: {tracks: {voice: [{tts: {text: "Hi.", voice: en-us}}]}}
            video: {clips: [{asset: one, audio: mute}, {asset: photo, length: 1s}], fit: contain}
            outputs: [{path: out/film.mp4, preset: tiny}]
            """;

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
        studio = new Studio(home, Map.of(), Map.of());
        for (String name : List.of("one.mp4", "two.mp4", "photo.png")) {
            Files.copy(media.resolve(name), studio.jobs.resolve(name));
        }
    }

    @AfterEach
    void close() {
        studio.close();
    }

    @Test
    void tellsOfEachStepWhatChangedSinceTheLastRunOfTheSameSpecFile() throws Exception {
        Job job = studio.run(SPEC);
        assertEquals(JobStatus.SUCCEEDED, job.status(), () -> job.failure().toString());
        Files.copy(
                media.resolve("two.mp4"),
                Files.createDirectories(home.resolve("new")).resolve("one.mp4"));
        Files.move(
                home.resolve("new/one.mp4"),
                studio.jobs.resolve("one.mp4"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        String sha256 = Digests.sha256(studio.jobs.resolve("one.mp4")).substring(0, 8);

        List<String> told = planned(SPEC.replace("Hi.", "Ho.").replace("film.mp4", "next.mp4"));

        assertEquals(
                List.of(
                        "run tts/voice-1: text changed",
                        "run audio_mix/mix: input changed: one.mp4 (sha256 " + sha256 + "…)",
                        "run video_concat/tiny-1: input changed: one.mp4 (sha256 " + sha256 + "…)",
                        "reuse video_concat/tiny-2: made before",
                        "run video_concat/tiny: needs video_concat/tiny-1",
                        "run mux/next.mp4: needs video_concat/tiny and 1 more"),
                told);
    }

    @Test
    void knowsAJobByItsIdWhereverItsSpecLies() throws Exception {
        studio.run("job: {id: film}\n" + SPEC);
        Files.move(studio.jobs.resolve("out/film.mp4"), home.resolve("film.mp4"));

        List<String> told = planned("job: {id: film}\n" + SPEC);

        assertEquals("run mux/film.mp4: made before, but the output is not there any more", told.get(told.size() - 1));
        assertTrue(planned("job: {id: other}\n" + SPEC).contains("run mux/film.mp4: new"));
    }

    @Test
    void locksAllThatTheResultsFollowFrom() throws Exception {
        Job job = studio.run(SPEC);

        Lock lock = Lock.read(studio.engine.archive(job));

        assertTrue(lock.succeeded());
        assertEquals(
                Digests.sha256(studio.output("out/film.mp4")),
                lock.outputs().get(0).sha256());
        assertEquals(studio.workshop.ffmpeg().id(), lock.tools().get("ffmpeg").build());
        assertEquals(studio.workshop.preparation().encoders(), lock.encoders());
        assertEquals(Map.of("tts.provider", "local", "tts.local.voice", "en-us"), lock.settings());
        assertEquals("libx264", ((Map<?, ?>) lock.presets().get("tiny").get("video")).get("c:v"));
        assertTrue(lock.steps().stream().allMatch(step -> step.result().isPresent()), lock::toString);
        for (Lock.LockedStep step : lock.steps()) {
            Map<String, Object> made = Map.of(
                    "kind", step.kind(), "revision", step.revision(), "recipe", step.recipe(), "tool", step.tool());
            assertEquals(step.key(), Keys.sha256(Keys.canonical(made)), step.step());
        }
    }

    @Test
    void locksSpeechThatALaterRunHadNoNeedOf() throws Exception {
        studio.run(SPEC);
        Job first = studio.run(SPEC);
        Lock.LockedStep speech = Lock.read(studio.engine.archive(first)).steps().get(0);
        org.localav.orchestrator.cache.StepStore.remove(
                home.resolve("state/steps").resolve(speech.key().substring(0, 2)));

        Job later = studio.run(SPEC);

        Optional<Lock.Result> result =
                Lock.read(studio.engine.archive(later)).steps().get(0).result();
        assertEquals(speech.result(), result);
        assertTrue(result.isPresent());
    }

    @Test
    void guessesRatherTooMuchDiskThanTooLittleFromWhatItMadeBefore() throws Exception {
        long unknown = plan(SPEC).disk().needed();
        studio.run(SPEC);
        String longer = SPEC.replace("Hi.", "Ho ho.")
                .replace("length: 1s", "length: 2s")
                .replace("film.mp4", "b.mp4");

        long needed = plan(longer).disk().needed();

        long made = studio.run(longer).steps().stream()
                .filter(step -> !step.reused())
                .mapToLong(StepReport::bytes)
                .sum();
        assertTrue(unknown > 0);
        assertTrue(needed >= made && needed < 3 * made, needed + " for " + made);
        assertEquals(0, plan(longer).disk().needed());
    }

    @Test
    void startsNothingThatIsMoreThanAllowedOrThanThereIsRoomFor() throws Exception {
        Job job = studio.run("job: {limits: {speech_characters: 2}}\n" + SPEC);
        assertEquals(JobStatus.FAILED, job.status());
        assertTrue(
                job.failure().orElseThrow().toString().contains("job.limits.speech_characters: 3 characters of speech"),
                () -> job.failure().toString());
        assertTrue(job.steps().isEmpty());
        studio.close();
        studio = new Studio(home, Map.of("disk.reserve", "100000TB"), Map.of());

        Job full = studio.run(SPEC);

        assertTrue(
                full.failure().orElseThrow().toString().contains("must stay free (disk.reserve)"),
                () -> full.failure().toString());
    }

    private PlanView plan(String text) throws Exception {
        Path spec = studio.spec("job.yaml", text);
        return PlanView.of(
                "job", studio.workshop.plan(SpecReader.read(spec), spec, new Cancellation()), studio.workshop);
    }

    private List<String> planned(String text) throws Exception {
        return plan(text).steps().stream()
                .map(step -> (step.run() ? "run " : "reuse ") + step.step() + ": " + step.reason())
                .toList();
    }
}
