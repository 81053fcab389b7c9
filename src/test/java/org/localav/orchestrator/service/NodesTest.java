package org.localav.orchestrator.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.engine.Studio;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.service.NodeState.Standing;
import org.localav.orchestrator.store.JobRow;
import org.localav.orchestrator.store.LocalPostgres;
import org.localav.orchestrator.store.LocalRedis;
import redis.clients.jedis.Jedis;

/** Two nodes on one store and one folder of state: what is asked of one is done by the other. */
@Tag("tools")
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class NodesTest {
    @TempDir
    static Path media;

    @TempDir
    Path home;

    private final List<Hall> open = new ArrayList<>();
    private Map<String, String> common;
    private Hall one;
    private Hall two;

    @BeforeAll
    static void draw() {
        Studio.draw(media);
    }

    @BeforeEach
    void settings() throws Exception {
        common = new HashMap<>(Map.of(
                "media.roots", media.toString(),
                "store.url", LocalPostgres.common().database(),
                "state.folder", home.resolve("state").toString(),
                "lease", "3s"));
    }

    private Hall node(String name, String... more) throws Exception {
        Map<String, String> settings = new HashMap<>(common);
        settings.put("node.name", name);
        for (String setting : more) {
            settings.put(setting.split("=")[0], setting.split("=")[1]);
        }
        Hall hall = new Hall(home.resolve(name), settings);
        open.add(hall);
        hall.service.start();
        return hall;
    }

    private void two() throws Exception {
        one = node("one", "node.labels=cpu");
        two = node("two", "node.labels=cpu,gpu");
    }

    @AfterEach
    void close() {
        open.forEach(Hall::close);
    }

    private static String sound(String id, String more) {
        return "job: {id: " + id + more + "}\nassets: {voice: \"" + media.resolve("voice.wav") + "\"}\n"
                + "audio: {tracks: {a: [{asset: voice}]}}\noutputs: [{path: out/" + id + ".wav, preset: wav-master}]\n";
    }

    /** Encodes for longer than any test waits. */
    private static String endless(String id, String more) {
        return "job: {id: " + id + more + "}\nassets: {photo: \"" + media.resolve("photo.png") + "\"}\n"
                + "video: {clips: [{asset: photo, length: 20h}], fit: contain}\n"
                + "outputs: [{path: out/" + id + ".mp4, preset: tiny}]\n";
    }

    private static void awaitEncoding(Hall hall, String id) throws InterruptedException {
        hall.await(id + " encodes", () -> hall.store.stages(id).stream()
                .anyMatch(s -> s.stage().equals("video_concat") && s.status().equals("running")));
    }

    @Test
    void aJobRunsWhereItsLabelsAreAndIsSeenFromTheOther() throws Exception {
        two();

        JobRow accepted = one.accept(sound("song", ", labels: [gpu]"));
        one.awaitStatus("song", "succeeded");

        assertEquals(JobStatus.QUEUED, accepted.status());
        assertTrue(Files.isRegularFile(one.studio.output("out/song.wav")));
        assertTrue(one.service.report("song").orElseThrow().contains("song.wav"));
        assertTrue(one.service.events(Optional.of("song"), 0, 100).stream()
                .anyMatch(
                        event -> event.type().equals("started") && event.data().contains("\"two\"")));
    }

    @Test
    void aJobThatFitsNowhereSaysSoOnce() throws Exception {
        two();

        one.accept(sound("song", ", labels: [tpu]"));

        one.await(
                "it says why it waits",
                () -> one.store.find("song").orElseThrow().waiting().isPresent());
        assertEquals(
                Optional.of("waits for a node with all of the labels tpu; none at work has them (node.labels)"),
                one.job("song").waiting());
        node("three", "node.labels=tpu");
        one.awaitStatus("song", "succeeded");
        assertEquals(
                1,
                one.service.events(Optional.of("song"), 0, 100).stream()
                        .filter(event -> event.data().contains("none at work has them"))
                        .count());
    }

    @Test
    void aJobIsCancelledFromTheOtherNode() throws Exception {
        two();
        one.accept(endless("film", ", labels: [gpu]"));
        awaitEncoding(two, "film");

        one.service.cancel("film");

        one.awaitStatus("film", "cancelled");
    }

    @Test
    void progressIsHeardOnTheOtherNode() throws Exception {
        two();
        CompletableFuture<Progress> heard = new CompletableFuture<>();
        one.service.feed().watch(Optional.of("film"), new Feed.Watcher() {
            @Override
            public void news() {}

            @Override
            public void progressed(Progress progress) {
                heard.complete(progress);
            }
        });

        one.accept(endless("film", ", labels: [gpu]"));

        assertEquals("video_concat", heard.get(60, TimeUnit.SECONDS).stage());
    }

    @Test
    void whoeverWatchesIsToldOfWhatTheOtherNodeDoes() throws Exception {
        two();
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        one.service.feed().watch(Optional.of("song"), new Feed.Watcher() {
            @Override
            public void news() {
                if (one.store.find("song").orElseThrow().status() == JobStatus.SUCCEEDED) {
                    ended.complete(true);
                }
            }

            @Override
            public void progressed(Progress progress) {}
        });

        one.accept(sound("song", ", labels: [gpu]"));

        assertTrue(ended.get(60, TimeUnit.SECONDS));
    }

    @Test
    void theQueueIsPausedOnAllAtOnce() throws Exception {
        two();

        one.service.rule(QueueState.Mode.SUSPENDED);
        two.await("the other is paused", () -> two.service.mode() == QueueState.Mode.SUSPENDED);
        one.accept(sound("song", ", labels: [gpu]"));
        two.service.rule(QueueState.Mode.RUNNING);

        one.awaitStatus("song", "succeeded");
        assertEquals(QueueState.Mode.RUNNING, one.service.mode());
    }

    @Test
    void aDrainingNodeStartsNothingAndEndsWhatItRuns() throws Exception {
        two();
        two.service.drain("one", true);
        one.await("it drains", () -> one.service.node().standing() == Standing.DRAINING);

        IntStream.range(0, 4).forEach(i -> submit(one, "song" + i));
        for (int i = 0; i < 4; i++) {
            one.awaitStatus("song" + i, "succeeded");
        }

        assertFalse(one.service.events(Optional.empty(), 0, 1000).stream()
                .anyMatch(
                        event -> event.type().equals("started") && event.data().contains("\"one\"")));
        assertEquals(
                List.of("one draining", "two ready"),
                two.service.nodes().stream()
                        .map(node -> node.id() + " " + node.standing().id())
                        .toList());
        two.service.drain("one", false);
        two.service.drain("two", true);
        two.await("the other drains", () -> two.service.node().standing() == Standing.DRAINING);
        one.accept(sound("last", ""));
        one.awaitStatus("last", "succeeded");
    }

    private static void submit(Hall hall, String id) {
        try {
            hall.accept(sound(id, ""));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aNodeThatEndsGivesItsJobToTheOther() throws Exception {
        one = node("one");
        one.accept(endless("film", ""));
        awaitEncoding(one, "film");
        two = node("two");

        one.close();
        open.remove(one);

        two.await(
                "the other has it",
                () -> two.store.find("film").orElseThrow().owner().equals(Optional.of("two")));
        awaitEncoding(two, "film");
        two.service.cancel("film");
        two.awaitStatus("film", "cancelled");
    }

    @Test
    void aRollingRestartLosesAndRepeatsNothing() throws Exception {
        two();
        IntStream.range(0, 8).forEach(i -> submit(i % 2 == 0 ? one : two, "song" + i));

        one = restarted(one, "one", two);
        two = restarted(two, "two", one);

        for (int i = 0; i < 8; i++) {
            one.awaitStatus("song" + i, "succeeded");
            assertEquals(1, one.job("song" + i).runs());
        }
    }

    private Hall restarted(Hall hall, String name, Hall other) throws Exception {
        other.service.drain(name, true);
        hall.await(
                name + " has done what it had",
                () -> hall.service.node().running() == 0 && hall.service.node().standing() == Standing.DRAINING);
        hall.close();
        open.remove(hall);
        assertEquals(
                Standing.AWAY,
                other.service.nodes().stream()
                        .filter(node -> node.id().equals(name))
                        .findFirst()
                        .orElseThrow()
                        .standing());
        Hall again = node(name);
        other.service.drain(name, false);
        return again;
    }

    @Test
    void losesNothingWhenRedisIsWipedAndStartedAnew() throws Exception {
        try (LocalRedis redis = new LocalRedis()) {
            common.put("queue.url", redis.url());
            two();
            one.service.rule(QueueState.Mode.PAUSED);
            IntStream.range(0, 6).forEach(i -> submit(i % 2 == 0 ? one : two, "song" + i));

            try (Jedis client = redis.client()) {
                client.flushAll();
            }
            redis.kill();
            redis.start();
            two.service.rule(QueueState.Mode.RUNNING);

            for (int i = 0; i < 6; i++) {
                one.awaitStatus("song" + i, "succeeded");
                assertEquals(1, one.job("song" + i).runs());
            }
        }
    }
}
