package org.localav.orchestrator.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
import org.localav.orchestrator.engine.Studio;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.store.Acceptance;
import org.localav.orchestrator.store.Event;
import org.localav.orchestrator.store.JobRow;

/** Jobs in the service, with the real store, routes and ffmpeg. */
@Tag("tools")
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class JobServiceTest {
    @TempDir
    static Path media;

    @TempDir
    Path home;

    private Hall hall;

    @BeforeAll
    static void draw() {
        Studio.draw(media);
    }

    @BeforeEach
    void open() throws Exception {
        open(Map.of());
    }

    private void open(Map<String, String> more) throws Exception {
        Map<String, String> settings = new java.util.HashMap<>(Map.of("media.roots", media.toString()));
        settings.putAll(more);
        hall = new Hall(home, settings);
    }

    @AfterEach
    void close() {
        hall.close();
    }

    private static String sound(String job) {
        return "job: {" + job + "}\nassets: {voice: \"" + media.resolve("voice.wav") + "\"}\n"
                + "audio: {tracks: {a: [{asset: voice}]}}\n";
    }

    private static String sound(String id, String more) {
        return sound("id: " + id + more) + "outputs: [{path: out/" + id + ".wav, preset: wav-master}]\n";
    }

    /** Encodes for longer than any test waits. */
    private static String endless(String id) {
        return "job: {id: " + id + "}\nassets: {photo: \"" + media.resolve("photo.png") + "\"}\n"
                + "video: {clips: [{asset: photo, length: 20h}], fit: contain}\n"
                + "outputs: [{path: out/" + id + ".mp4, preset: tiny}]\n";
    }

    private void awaitEncoding(String id) throws InterruptedException {
        hall.await(id + " encodes", () -> hall.store.stages(id).stream()
                .anyMatch(s -> s.stage().equals("video_concat") && s.status().equals("running")));
    }

    private List<String> events(String id) {
        return hall.service.events(Optional.of(id), 0, 1000).stream()
                .map(Event::type)
                .distinct()
                .toList();
    }

    @Test
    void runsAnAcceptedJobToItsEndAndKeepsItsHistory() throws Exception {
        hall.service.start();

        hall.accept(sound("song", ""));
        hall.awaitStatus("song", "succeeded");

        assertTrue(Files.isRegularFile(hall.studio.output("out/song.wav")));
        assertEquals(
                List.of("prepare", "audio_mix", "mux", "finish"),
                hall.service.stages("song").stream()
                        .filter(s ->
                                s.status().equals("succeeded") && !s.metadata().isEmpty()
                                        || s.stage().equals("finish"))
                        .map(s -> s.stage())
                        .toList());
        assertTrue(hall.service.report("song").orElseThrow().contains("song.wav"));
        assertEquals(List.of("accepted", "started", "stage", "succeeded"), events("song"));
    }

    @Test
    void startsTheHighestPriorityFirstThenTheOldest() throws Exception {
        hall.close();
        open(Map.of("jobs.concurrent", "1"));
        hall.accept(sound("low", ", priority: 1"));
        hall.accept(sound("first", ""));
        hall.accept(sound("second", ""));
        hall.accept(sound("high", ", priority: 9"));

        hall.service.start();
        for (String id : List.of("low", "first", "second", "high")) {
            hall.awaitStatus(id, "succeeded");
        }

        List<String> begun = hall.service.events(Optional.empty(), 0, 1000).stream()
                .filter(e -> e.type().equals("started"))
                .map(Event::jobId)
                .toList();
        assertEquals(List.of("high", "first", "second", "low"), begun);
    }

    @Test
    void letsAJobWaitVisiblyForALabelThatThisNodeLacks() throws Exception {
        hall.service.start();

        hall.accept(sound("drawn", ", labels: [gpu]"));
        hall.accept(sound("other", ""));
        hall.awaitStatus("other", "succeeded");

        JobRow waiting = hall.job("drawn");
        assertEquals("queued", waiting.status().id());
        assertEquals(
                "waits for a node with the label gpu; this one has cpu (node.labels)",
                waiting.waiting().orElse(""));
    }

    @Test
    void refusesASecondJobOfAnId() throws Exception {
        hall.accept(sound("song", ""));

        ConflictException refusal = assertThrows(ConflictException.class, () -> hall.accept(sound("song", "")));

        assertEquals(
                "there is a job 'song' already, and it is queued; give this one another id under job:, or leave the id out"
                        + " to get a new one each time",
                refusal.getMessage());
    }

    @Test
    void takesTheSameKeyWithTheSameSpecAsTheSameJob() throws Exception {
        Submission once = new Submission(
                "version: 1\n" + sound("priority: 3") + "outputs: [{path: a.wav, preset: wav-master}]\n",
                "job.yaml",
                hall.studio.jobs,
                "http",
                Optional.of("k"));

        Acceptance first = hall.service.accept(once);
        Acceptance again = hall.service.accept(once);

        assertEquals(first.job().id(), again.job().id());
        assertTrue(again instanceof Acceptance.Repeated);
    }

    @Test
    void cancelsAWaitingJobAtOnce() throws Exception {
        hall.accept(sound("song", ""));

        assertEquals("cancelled", hall.service.cancel("song").status().id());
        assertThrows(ConflictException.class, () -> hall.service.cancel("song"));
    }

    @Test
    void cancelsARunningJobWithItsProgramsWithinTwoSeconds() throws Exception {
        hall.service.start();
        hall.accept(endless("long"));
        awaitEncoding("long");

        long began = System.nanoTime();
        hall.service.cancel("long");
        hall.awaitStatus("long", "cancelled");
        Duration took = Duration.ofNanos(System.nanoTime() - began);

        assertTrue(took.compareTo(Duration.ofSeconds(4)) < 0, () -> "took " + took);
        assertEquals(List.of(), hall.studio.leftovers());
    }

    @Test
    void triesAFailedJobAgainFromWhatItHadFinished() throws Exception {
        hall.service.start();
        Path finish = hall.studio.home.resolve("routes/stage-finish.camel.yaml");
        String right = Files.readString(finish);
        reroute(finish, right.replaceAll("ref: jobs\\s+method: publish", "ref: steps\n            method: keep"));
        hall.accept(sound("song", ""));
        hall.awaitStatus("song", "failed");
        assertThrows(UnknownJobException.class, () -> hall.service.retry("nobody"));

        reroute(finish, right);
        hall.service.retry("song");
        hall.awaitStatus("song", "succeeded");

        assertEquals(2, hall.job("song").runs());
        assertEquals(
                "reused",
                hall.service.stages("song").stream()
                        .filter(s -> s.stage().equals("audio_mix"))
                        .findFirst()
                        .orElseThrow()
                        .status());
        assertThrows(ConflictException.class, () -> hall.service.retry("song"));
    }

    /** The jobs that start from now on go along other routes. */
    private void reroute(Path file, String text) throws Exception {
        String before = Files.readString(file);
        Files.writeString(file, text);
        assertFalse(before.equals(text));
        hall.studio.engine.routes().reloadNow();
    }

    @Test
    void startsNothingWhilePausedAndKeepsThatOverARestart() throws Exception {
        hall.service.start();
        hall.service.rule(QueueState.Mode.PAUSED);
        hall.accept(sound("song", ""));
        hall.close();

        open(Map.of());
        hall.service.start();
        assertEquals(QueueState.Mode.PAUSED, hall.service.queue().mode());
        assertEquals("queued", hall.job("song").status().id());

        hall.service.rule(QueueState.Mode.RUNNING);
        hall.awaitStatus("song", "succeeded");
    }

    @Test
    void makesRunningProgramsStandStillAndGoOn() throws Exception {
        hall.service.start();
        hall.accept(endless("long"));
        awaitEncoding("long");
        hall.await("an encoder runs", () -> encoders().count() > 0);

        hall.service.rule(QueueState.Mode.SUSPENDED);
        hall.await("it stands still", () -> encoders().allMatch(state -> state == 'T'));
        hall.service.rule(QueueState.Mode.RUNNING);
        hall.await("it goes on", () -> encoders().noneMatch(state -> state == 'T'));

        hall.service.rule(QueueState.Mode.SUSPENDED);
        hall.service.cancel("long");
        hall.awaitStatus("long", "cancelled");
    }

    /** The kernel's letters for the states of this process' ffmpeg children. */
    private static java.util.stream.Stream<Character> encoders() {
        return ProcessHandle.current()
                .descendants()
                .map(ProcessHandle::pid)
                .map(JobServiceTest::stat)
                .filter(stat -> stat.contains("(ffmpeg)"))
                .map(stat -> stat.charAt(stat.lastIndexOf(')') + 2));
    }

    private static String stat(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/stat"));
        } catch (java.io.IOException e) {
            return "";
        }
    }

    @Test
    void putsARunningJobBackWhenItEndsAndTakesItUpAgain() throws Exception {
        hall.service.start();
        hall.accept(endless("long"));
        awaitEncoding("long");

        hall.close();
        open(Map.of());

        JobRow again = hall.job("long");
        assertEquals("queued", again.status().id(), () -> again.error().orElse(""));
        assertEquals(List.of(), hall.studio.leftovers());
        hall.service.start();
        awaitEncoding("long");
        hall.service.cancel("long");
        hall.awaitStatus("long", "cancelled");
    }

    @Test
    void readOnlyAcceptsNothing() throws Exception {
        hall.close();
        open(Map.of("read_only", "true"));

        BlockedException refusal = assertThrows(BlockedException.class, () -> hall.accept(sound("song", "")));

        assertEquals(List.of("this service is read-only: it does not accept jobs"), refusal.sentences());
        assertFalse(hall.store.find("song").isPresent());
    }
}
