package org.localav.orchestrator.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.localav.orchestrator.Main;
import org.localav.orchestrator.store.LocalPostgres;

/** Two nodes as processes of their own, one of which is killed, or stands still and comes back, as owner or as helper. */
@Tag("tools")
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class NodeLossTest {
    private static final Duration LEASE = Duration.ofSeconds(4);

    @TempDir
    Path home;

    private ServedAvo one;
    private ServedAvo two;

    @BeforeEach
    void given() throws Exception {
        String url = LocalPostgres.common().database();
        one = node("one", url);
        two = node("two", url);
        one.draw("photo.png", "-f lavfi -i testsrc2=s=320x180 -frames:v 1");
    }

    private ServedAvo node(String name, String url) throws Exception {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Davo.home=" + Path.of("").toAbsolutePath(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName());
        return new ServedAvo(
                command,
                home.resolve(name),
                home.resolve("shared"),
                "node.name=" + name,
                "store.url=" + url,
                "lease=" + LEASE.toSeconds() + "s",
                "encoders=1",
                "jobs.concurrent=1");
    }

    @AfterEach
    void end() throws Exception {
        signal("CONT", one);
        signal("CONT", two);
        one.kill();
        two.kill();
    }

    private static void signal(String name, ServedAvo node) throws Exception {
        if (node.alive()) {
            new ProcessBuilder("kill", "-" + name, Long.toString(node.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
        }
    }

    /** One short clip, which is made first, and one that takes so long. */
    private static String film(String id, String length) {
        return "version: 1\njob: {id: " + id + "}\nassets: {photo: photo.png}\n"
                + "video:\n  size: 320x180\n  fps: 25\n  fit: contain\n  clips:\n"
                + "    - {asset: photo, length: 1s}\n    - {asset: photo, length: " + length + "}\n"
                + "outputs: [{path: out/" + id + ".mp4, preset: web-720p}]\n";
    }

    private static void await(String what, Callable<Boolean> so) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (!so.call()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static JsonNode stage(ServedAvo node, String id, String stage) throws Exception {
        return StreamSupport.stream(node.job(id).path("stages").spliterator(), false)
                .filter(s -> s.path("stage").asText().equals(stage))
                .findFirst()
                .orElse(MissingNode.getInstance());
    }

    private static boolean runs(ServedAvo seenFrom, String id, String owner) throws Exception {
        JsonNode job = seenFrom.job(id);
        return job.path("node").asText().equals(owner)
                && stage(seenFrom, id, "video_concat").path("status").asText().equals("running");
    }

    @Test
    void aDeadNodesJobGoesOnElsewhereFromItsLastFinishedStep() throws Exception {
        one.start();
        one.submit("1", film("film", "20h"));
        await("one runs it", () -> runs(one, "film", "one"));
        int steps = stage(one, "film", "prepare")
                .path("metadata")
                .path("steps_to_run")
                .asInt();
        await("a clip is done", () -> Files.exists(home.resolve("shared/steps")) && entries() > 0);
        two.start();

        Instant killed = Instant.now();
        one.kill();
        await("two runs it", () -> runs(two, "film", "two"));

        Instant started = Instant.parse(two.job("film").path("started_at").asText());
        assertTrue(
                Duration.between(killed, started).compareTo(LEASE.multipliedBy(2)) <= 0,
                Duration.between(killed, started).toString());
        int left = stage(two, "film", "prepare")
                .path("metadata")
                .path("steps_to_run")
                .asInt();
        assertTrue(left > 0 && left < steps, left + " of " + steps + " steps are left");
    }

    private long entries() throws Exception {
        try (var files = Files.find(home.resolve("shared/steps"), 3, (path, a) -> path.endsWith("entry.json"))) {
            return files.count();
        }
    }

    @Test
    void aNodeThatStoodStillPublishesNothingWhenItComesBack() throws Exception {
        one.start();
        one.submit("1", film("film", "2h"));
        await("one runs it", () -> runs(one, "film", "one"));
        // At once: a quick machine makes the film while another node starts.
        signal("STOP", one);
        two.start();

        await(
                "it has succeeded elsewhere",
                () -> two.job("film").path("status").asText().equals("succeeded"));
        Path output = one.jobs.resolve("out/film.mp4");
        Object published = Files.readAttributes(output, java.nio.file.attribute.BasicFileAttributes.class)
                .fileKey();
        JsonNode before = two.job("film");
        signal("CONT", one);
        await("it has noticed", () -> Files.readString(one.log()).contains("its jobs went to others"));
        await("it is a node again", () -> one.read("/api/nodes")
                .path("nodes")
                .findValuesAsText("status")
                .equals(List.of("ready", "ready")));
        await(
                "it runs nothing",
                () -> one.read("/api/nodes")
                                .path("nodes")
                                .path(0)
                                .path("running")
                                .asInt()
                        == 0);

        assertEquals(before, two.job("film"));
        assertEquals(
                published,
                Files.readAttributes(output, java.nio.file.attribute.BasicFileAttributes.class)
                        .fileKey());
        try (var files = Files.list(output.getParent())) {
            assertEquals(List.of(output), files.toList());
        }
    }

    /** Two clips of one job, one of which the other node encodes when it is lost. */
    @ParameterizedTest
    @ValueSource(strings = {"KILL", "STOP"})
    void aHelperThatIsLostCostsTheJobOnlyTime(String signal) throws Exception {
        one.start();
        two.start();
        one.draw("long.mp4", "-f lavfi -i testsrc2=s=640x360:r=25:d=8 -c:v libx264 -preset ultrafast");
        one.submit(
                "1",
                """
                version: 1
                job: {id: film}
                assets: {long: long.mp4}
                video:
                  size: 1280x720
                  fps: 60
                  fit: contain
                  clips: [{asset: long, in: 0s, out: 4s}, {asset: long, in: 4s, out: 8s}]
                outputs: [{path: out/film.mp4, preset: web-720p}]
                """);
        await("one of them has it", () -> !one.job("film").path("node").asText().isEmpty());
        ServedAvo owner = one.job("film").path("node").asText().equals("one") ? one : two;
        ServedAvo helper = owner == one ? two : one;
        await("the other helps", () -> Files.readString(helper.log()).contains("encodes video_concat/"));

        signal(signal, helper);

        await("it succeeds", () -> owner.job("film").path("status").asText().equals("succeeded"));
        JsonNode report = owner.read("/api/jobs/film/report");
        assertEquals(
                8.0,
                report.path("outputs").path(0).path("measured").path("duration").asDouble(),
                0.05);
        assertEquals(
                List.of(owner == one ? "one" : "two"),
                report.path("steps").findValuesAsText("node").stream()
                        .distinct()
                        .toList());
        if (signal.equals("STOP")) {
            JsonNode before = owner.job("film");
            signal("CONT", helper);
            // Its ffmpeg may have ended while it stood still: then it finds that nobody waits for the result.
            await("it has given up", () -> Files.readString(helper.log())
                    .matches("(?s).*(encodes nothing more for job film|for job film is in the step store).*"));
            assertEquals(before, owner.job("film"));
        }
    }
}
