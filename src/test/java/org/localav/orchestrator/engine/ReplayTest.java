package org.localav.orchestrator.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobListener;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.settings.Settings;

/** An archived run made again, to the byte, or why not. */
@Tag("tools")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ReplayTest {
    private static final String SPEC =
            """
            job: {id: film, title: A film, webhooks: [{url: "http://127.0.0.1:9/", events: [succeeded]}]}
            assets: {one: one.mp4, photo: photo.png}
            audio: {tracks: {voice: [{tts: {text: "Hi.", voice: en-us}}]}, loudness: {integrated: -20}}
            video: {clips: [{asset: one, audio: mute}, {asset: photo, length: 1s}], fit: contain}
            outputs: [{path: out/film.mp4, preset: tiny}]
            """;

    @TempDir
    static Path media;

    @TempDir
    Path home;

    private Studio studio;
    private Path run;

    @BeforeAll
    static void draw() {
        Studio.draw(media);
    }

    @BeforeEach
    void run() throws Exception {
        studio = new Studio(home, Map.of("webhook.allow", "127.0.0.1"), Map.of());
        for (String name : List.of("one.mp4", "photo.png")) {
            Files.copy(media.resolve(name), studio.jobs.resolve(name));
        }
        Job job = studio.run(SPEC);
        assertEquals(JobStatus.SUCCEEDED, job.status(), () -> job.failure().toString());
        run = studio.engine.archive(job);
    }

    @AfterEach
    void close() {
        studio.close();
    }

    @Test
    void makesTheSameBytesAgainWhateverBecameOfPresetsSpecAndStore() throws Exception {
        Files.writeString(
                home.resolve("presets/tiny.yaml"),
                Files.readString(home.resolve("presets/tiny.yaml")).replace("ultrafast", "veryfast"));
        Files.delete(studio.jobs.resolve("job.yaml"));
        StepStore.remove(home.resolve("state/steps"));

        Replay.Outcome outcome = replay(studio.workshop, false);

        assertTrue(outcome.identical(), outcome::toString);
        assertEquals(-1, Files.mismatch(studio.output("out/film.mp4"), home.resolve("again/out/film.mp4")));
        assertEquals(List.of(), outcome.job().messages());
    }

    @Test
    void takesWhatTheStoreHasUnlessAllIsToBeMadeAfresh() throws Exception {
        long reused = reused(replay(studio.workshop, false));
        StepStore.remove(home.resolve("again"));

        Replay.Outcome fresh = replay(studio.workshop, true);

        assertTrue(fresh.identical(), fresh::toString);
        assertEquals(1, reused(fresh), "speech alone");
        assertTrue(reused > 1);
    }

    @Test
    void leavesNothingBehindAndTheJobsHistoryAsItWas() throws Exception {
        List<Path> before = studio.workshop.runs().runs("film");

        replay(studio.workshop, false);

        assertEquals(before, studio.workshop.runs().runs("film"));
        try (var left = Files.list(home.resolve("state"))) {
            assertFalse(left.anyMatch(path -> path.getFileName().toString().startsWith("replay")));
        }
    }

    @Test
    void saysWhichInputChangedOrIsMissing() throws Exception {
        Files.copy(media.resolve("two.mp4"), studio.jobs.resolve("one.mp4"), StandardCopyOption.REPLACE_EXISTING);
        Files.delete(studio.jobs.resolve("photo.png"));

        List<String> why = refused(studio.workshop);

        assertEquals(2, why.size());
        assertTrue(why.get(0).startsWith("input changed: one ("), why::toString);
        assertTrue(why.get(1).startsWith("input missing: photo ("), why::toString);
    }

    @Test
    void saysThatFfmpegIsAnotherBuild() throws Exception {
        Path other = Files.writeString(
                home.resolve("ffmpeg-other"),
                "#!/bin/sh\n[ \"$1\" = -version ] && { echo 'ffmpeg version 9.9 somebody'; exit; }\nexec ffmpeg \"$@\"\n");
        assertTrue(other.toFile().setExecutable(true));

        List<String> why = refused(workshop(Map.of("ffmpeg.program", other.toString())));

        assertEquals(1, why.size());
        assertTrue(
                why.get(0).contains("ffmpeg is another build: the run had ")
                        && why.get(0).contains("this is 9.9 ("),
                why::toString);
    }

    @Test
    void saysWhichSentenceWouldHaveToBeAskedForAgain() throws Exception {
        StepStore.remove(home.resolve("state/steps"));
        StepStore.remove(run.resolve("speech"));

        assertEquals(
                List.of(
                        "tts/voice-1: what was said is neither in the step store nor in the archive; the provider 'local'"
                                + " would have to be asked again, and may answer with other bytes"),
                refused(studio.workshop));
    }

    @Test
    void refusesARunThatWasTamperedWithOrDidNotSucceed() throws Exception {
        Files.writeString(run.resolve("spec.yaml"), "version: 1\n" + SPEC.replace("Hi.", "Ho."));
        assertTrue(refused(studio.workshop).get(0).contains("spec.yaml was changed since the run"));
        Path lock = run.resolve("lock.json");
        Files.writeString(lock, Files.readString(lock).replace("\"succeeded\"", "\"failed\""));

        assertEquals(
                "the run failed, so it has no outputs to be made again",
                refused(studio.workshop).get(0));
    }

    private static long reused(Replay.Outcome outcome) {
        return outcome.job().steps().stream().filter(step -> step.reused()).count();
    }

    private Replay.Outcome replay(Workshop workshop, boolean fresh) throws Exception {
        return new Replay(run, workshop, "test")
                .make(home.resolve("again"), fresh, new Cancellation(), JobListener.NONE);
    }

    private List<String> refused(Workshop workshop) {
        return assertThrows(BlockedException.class, () -> replay(workshop, false))
                .sentences();
    }

    private Workshop workshop(Map<String, String> more) throws Exception {
        Map<String, String> all =
                new java.util.HashMap<>(studio.workshop.settings().values());
        all.putAll(more);
        return new Workshop(Settings.read(Map.of(), all), Map.of());
    }
}
