package org.localav.orchestrator.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.cache.Digests;
import org.localav.orchestrator.cache.Eviction;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobListener;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.StageRecord;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.stage.FailureReason;

/** What jobs make of results in the step store that rot, and what an eviction leaves them. */
@Tag("tools")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KeptResultsTest {
    @TempDir
    static Path media;

    @TempDir
    Path home;

    @BeforeAll
    static void draw() {
        Studio.draw(media);
    }

    @Test
    void makesADamagedClipAgainAndTheOutputRight() throws Exception {
        try (Studio studio = studio("20GB")) {
            succeeded(studio.run(film("first", "one", "odd")));
            Path clip = stored(studio, "segment").get(0);
            flip(clip);

            Job again = succeeded(studio.run(film("second", "odd", "one")));

            assertEquals(Set.of(keyOf(clip)), run(again, "segment"));
            Path right = studio.output("out/second.mp4");
            byte[] repaired = Files.readAllBytes(right);
            Files.delete(right);
            Files.move(studio.workshop.places().steps(), home.resolve("steps-put-away"));
            succeeded(studio.run(film("second", "odd", "one")));
            assertEquals(Files.readAllBytes(right).length, repaired.length);
            assertTrue(java.util.Arrays.equals(Files.readAllBytes(right), repaired));
        }
    }

    @Test
    void makesADamagedJoinAgainFromTheClipsThatAreWhole() throws Exception {
        try (Studio studio = studio("20GB")) {
            succeeded(studio.run(film("film", "one", "odd")));
            Path output = studio.output("out/film.mp4");
            byte[] first = Files.readAllBytes(output);
            Path join = stored(studio, "join").get(0);
            flip(join);
            Files.delete(output);

            Job again = succeeded(studio.run(film("film", "one", "odd")));

            assertEquals(Set.of(), run(again, "segment"));
            assertEquals(Set.of(keyOf(join)), run(again, "join"));
            assertTrue(java.util.Arrays.equals(first, Files.readAllBytes(output)));
        }
    }

    @Test
    void anEvictionTakesNothingFromARunningJobAndEverythingWhenItHasEnded() throws Exception {
        try (Studio studio = studio("1B")) {
            JobListener evicting = new JobListener() {
                @Override
                public void stageChanged(Job job, StageRecord record) {
                    try {
                        studio.workshop.store().prune(new Eviction.Goal(0, Optional.empty(), false));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            };

            succeeded(studio.run(film("film", "one", "odd"), new Cancellation(), evicting));
        }

        try (Studio studio = studio("1B")) {
            assertEquals(0, studio.workshop.store().statistics().entries());
        }
    }

    @Test
    void aFetchedAssetIsFetchedOnceAndReadOnce() throws Exception {
        byte[] clip = Files.readAllBytes(media.resolve("one.mp4"));
        AtomicInteger asked = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            exchange.sendResponseHeaders(200, clip.length);
            try (var body = exchange.getResponseBody()) {
                body.write(clip);
            }
        });
        server.start();
        try (Studio studio = new Studio(home, Map.of("remote.hosts", "127.0.0.1"), Map.of())) {
            String spec = "assets:\n  far: {url: \"http://127.0.0.1:"
                    + server.getAddress().getPort()
                    + "/one.mp4\", sha256: \"" + Digests.sha256(media.resolve("one.mp4"))
                    + "\"}\nvideo: {clips: [{asset: far}], fit: contain}\n";
            succeeded(studio.run(spec + "outputs: [{path: out/a.mp4, preset: tiny}]\n"));
            Path kept = stored(studio, "remote").get(0);
            Object changed = Files.getAttribute(kept, "unix:ctime");

            succeeded(studio.run(spec + "outputs: [{path: out/b.mp4, preset: tiny}]\n"));

            assertEquals(1, asked.get());
            assertEquals(changed, Files.getAttribute(kept, "unix:ctime"), "only what was touched is read again");
        } finally {
            server.stop(0);
        }
    }

    private Studio studio(String limit) throws Exception {
        return new Studio(home, Map.of("media.roots", media.toString(), "steps.limit", limit), Map.of());
    }

    private static String film(String id, String... clips) {
        return "job: {id: " + id + "}\nassets:\n"
                + Stream.of(clips)
                        .map(c -> "  " + c + ": \"" + media.resolve(c + ".mp4") + "\"\n")
                        .collect(Collectors.joining())
                + "video: {clips: ["
                + Stream.of(clips).map(c -> "{asset: " + c + "}").collect(Collectors.joining(", "))
                + "], fit: contain}\noutputs: [{path: out/" + id + ".mp4, preset: tiny}]\n";
    }

    private static Job succeeded(Job job) {
        assertEquals(JobStatus.SUCCEEDED, job.status(), () -> job.failure()
                .map(FailureReason::sentence)
                .orElse(""));
        return job;
    }

    private static Set<String> run(Job job, String kind) {
        Set<String> ofKind = job.prepared().orElseThrow().plan().steps().stream()
                .filter(s -> s.recipe().kind().equals(kind))
                .map(s -> s.key())
                .collect(Collectors.toSet());
        return job.steps().stream()
                .filter(s -> !s.reused())
                .map(StepReport::key)
                .filter(ofKind::contains)
                .collect(Collectors.toSet());
    }

    private static List<Path> stored(Studio studio, String kind) throws IOException {
        try (Stream<Path> files = Files.walk(studio.workshop.places().steps())) {
            return files.filter(f -> f.getFileName().toString().matches("result\\..*|asset"))
                    .filter(f -> studio.workshop
                            .store()
                            .find(keyOf(f))
                            .orElseThrow()
                            .kind()
                            .equals(kind))
                    .toList();
        }
    }

    private static String keyOf(Path result) {
        return result.getParent().getFileName().toString();
    }

    private static void flip(Path file) throws IOException {
        FileTime modified = Files.getLastModifiedTime(file);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, modified);
    }
}
