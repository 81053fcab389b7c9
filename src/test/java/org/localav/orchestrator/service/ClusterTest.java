package org.localav.orchestrator.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.Main;

/** script/cluster: what it starts works together, and ends with it. */
@Tag("tools")
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class ClusterTest {
    private static final Path SCRIPT = Path.of("script/cluster");

    @TempDir
    Path home;

    /** Where another user runs PostgreSQL for root, that one must come through. */
    @BeforeEach
    void letThrough() {
        assertTrue(home.toFile().setExecutable(true, false));
    }

    /** A program that starts what the tests were compiled from. */
    private Path avo() throws Exception {
        Path avo = home.resolve("avo");
        Files.writeString(
                avo,
                "#!/bin/sh\nexec '" + Path.of(System.getProperty("java.home"), "bin", "java")
                        + "' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC '-Davo.home="
                        + Path.of("").toAbsolutePath()
                        + "' -cp '" + System.getProperty("java.class.path") + "' " + Main.class.getName()
                        + " \"$@\"\n");
        assertTrue(avo.toFile().setExecutable(true));
        return avo;
    }

    private static void awaitEnd(List<ProcessHandle> programs) throws Exception {
        for (ProcessHandle program : programs) {
            program.onExit().get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void itsNodesShareJobsAndEndWithIt() throws Exception {
        List<ProcessHandle> programs;
        try (LocalCluster cluster = new LocalCluster(
                home.resolve("set"), "--nodes", "2", "--for", "200", "--avo", avo().toString(), "--set", "lease=5s")) {
            AvoClient one = cluster.node(1);
            AvoClient two = cluster.node(2);
            String spec =
                    """
                    version: 1
                    job: {id: song}
                    audio: {tracks: {n: [{tts: {text: "Hello.", voice: en-us}}]}}
                    outputs: [{path: song.wav, preset: wav-master}]
                    """;

            assertEquals(
                    201,
                    one.submit("song", spec, cluster.folder.resolve("outputs")).statusCode());
            while (!ServedAvo.ended(two.job("song"))) {
                TimeUnit.MILLISECONDS.sleep(50);
            }

            assertEquals("succeeded", two.job("song").path("status").asText());
            assertTrue(Files.isRegularFile(cluster.folder.resolve("outputs/song.wav")));
            assertEquals(
                    List.of("node-1", "node-2"),
                    one.read("/api/nodes").path("nodes").findValuesAsText("id"));
            for (AvoClient node : List.of(one, two)) {
                for (String path : List.of("report", "log", "outputs/1")) {
                    assertEquals(200, node.get("/api/jobs/song/" + path).statusCode(), path);
                }
                assertTrue(node.get("/observe/metrics").body().contains("local_av_orchestrator_job_queue_depth 0.0"));
            }
            assertTrue(cluster.redis().info("persistence").contains("aof_enabled:1"));
            String status = LocalCluster.call("status", cluster.folder.toString());
            assertTrue(status.lines().filter(line -> line.endsWith(" well")).count() >= 4, status);
            programs = cluster.programs();
        }

        awaitEnd(programs);
    }

    @Test
    void nothingOutlivesItWhenItIsKilled() throws Exception {
        LocalCluster cluster = new LocalCluster(home.resolve("set"), "--nodes", "0", "--for", "100");
        List<ProcessHandle> programs = cluster.programs();

        cluster.whole().destroyForcibly();

        awaitEnd(programs);
        assertTrue(programs.size() > 4, programs::toString);
    }

    /** The cluster as a shell starts it in the foreground, which Ctrl-C reaches with all that it has started. */
    private Process foreground(Path script, String... options) throws Exception {
        List<String> line = new ArrayList<>(
                List.of("env", "--default-signal=INT", "setsid", script.toString(), "run", folder().toString()));
        line.addAll(List.of(options));
        return new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("said").toFile())
                .start();
    }

    private Path folder() {
        return home.resolve("set");
    }

    /** All programs that work in its folder: each one that it starts does. */
    private List<Path> atWork() throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : all) {
                try {
                    if (Files.readSymbolicLink(process.resolve("cwd")).startsWith(folder())) {
                        found.add(process);
                    }
                } catch (IOException e) {
                    // It has ended, or is somebody else's.
                }
            }
        }
        return found;
    }

    private void awaitAtWork(Process cluster, int least) throws Exception {
        while (atWork().size() < least) {
            assertTrue(cluster.isAlive(), () -> said());
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private String said() {
        try {
            return Files.readString(home.resolve("said"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void ctrlCEndsAllThatItHasStarted() throws Exception {
        Process cluster = foreground(SCRIPT, "--nodes", "1", "--for", "200", "--avo", avo().toString());
        while (!Files.exists(folder().resolve("ready"))) {
            assertTrue(cluster.isAlive(), () -> said());
            TimeUnit.MILLISECONDS.sleep(20);
        }
        List<ProcessHandle> programs = cluster.descendants().toList();
        assertTrue(atWork().size() >= 3, () -> said());

        assertEquals(
                0,
                new ProcessBuilder("kill", "-INT", "--", "-" + cluster.pid())
                        .start()
                        .waitFor());

        assertTrue(cluster.waitFor(60, TimeUnit.SECONDS), () -> said());
        assertEquals(List.of(), atWork());
        assertEquals(List.of(), programs.stream().filter(ProcessHandle::isAlive).toList());
    }

    @Test
    void beingEndedWhileItStartsLeavesNothingBehind() throws Exception {
        Process cluster = foreground(SCRIPT, "--nodes", "0", "--for", "200", "--avo", avo().toString());
        awaitAtWork(cluster, 1);

        cluster.destroy();

        assertTrue(cluster.waitFor(60, TimeUnit.SECONDS), () -> said());
        assertEquals(List.of(), atWork());
        assertFalse(Files.exists(folder().resolve("ready")));
    }

    @Test
    void comesUpInACheckoutThatHasFetchedNoTools() throws Exception {
        Path checkout = Files.createDirectories(home.resolve("checkout"));
        Path script = Files.copy(
                SCRIPT, Files.createDirectories(checkout.resolve("script")).resolve("cluster"));
        Files.createSymbolicLink(checkout.resolve("ops"), Path.of("ops").toAbsolutePath());

        Process cluster = foreground(script, "--nodes", "0", "--for", "1", "--avo", avo().toString());

        assertEquals(0, cluster.waitFor(), () -> said());
        assertEquals(List.of(), atWork());
    }

    @Test
    void endsWhenItsTimeIsOverAndStartsAgainOnTheSameFolder() throws Exception {
        LocalCluster cluster = new LocalCluster(home.resolve("set"), "--nodes", "0", "--for", "2");

        awaitEnd(cluster.programs());

        try (LocalCluster again = new LocalCluster(home.resolve("set"), "--nodes", "0", "--for", "100")) {
            assertThrows(IllegalStateException.class, () -> LocalCluster.call("up", again.folder.toString()));
        }
    }
}
