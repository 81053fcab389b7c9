package org.localav.orchestrator.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.localav.orchestrator.cache.StepStore;
import redis.clients.jedis.Jedis;

/**
 * Measures several nodes on one PostgreSQL and Redis: how much sooner three end jobs that wait more than they work, how soon a
 * job starts behind ten thousand that can't, and what a job costs both servers. {@code script/bench nodes} runs it.
 */
final class NodesBench {
    private static final int JOBS = 30;
    private static final int QUEUED = 10_000;
    private static final int STARTS = 30;
    private static final int CLIPS = 12;

    /** How long a sentence takes to be spoken: no processor of this machine is needed for it. */
    private static final Duration SPEAKING = Duration.ofSeconds(6);

    private final Path home;
    private final HttpServer speech;

    private NodesBench(Path home) throws Exception {
        this.home = home;
        Path voice = home.resolve("voice.wav");
        new ProcessBuilder("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "sine=300:d=1", voice.toString())
                .inheritIO()
                .start()
                .waitFor();
        byte[] sound = Files.readAllBytes(voice);
        speech = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        speech.setExecutor(Executors.newCachedThreadPool());
        speech.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            pause(SPEAKING);
            exchange.getResponseHeaders().set("Content-Type", "audio/wav");
            exchange.sendResponseHeaders(200, sound.length);
            exchange.getResponseBody().write(sound);
            exchange.close();
        });
        speech.start();
    }

    private static void pause(Duration time) {
        try {
            TimeUnit.MILLISECONDS.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path home = Files.createTempDirectory("avo-bench");
        // PostgreSQL runs as another user where this one is root.
        home.toFile().setExecutable(true, false);
        NodesBench bench = new NodesBench(home);
        try {
            if (List.of(arguments).contains("film")) {
                double one = bench.film(1);
                double two = bench.film(2);
                System.out.printf("two nodes encode a film in %.2f of the time of one%n", two / one);
                return;
            }
            if (!List.of(arguments).contains("starts")) {
                double one = bench.together(1);
                double three = bench.together(3);
                System.out.printf("three nodes take %.2f of the time of one%n", three / one);
            }
            bench.starts();
        } finally {
            bench.speech.stop(0);
            StepStore.remove(home);
        }
        System.exit(0);
    }

    private LocalCluster cluster(int nodes, String name) throws Exception {
        return new LocalCluster(
                home.resolve(name),
                "--nodes",
                Integer.toString(nodes),
                "--for",
                "900",
                "--set",
                "jobs.concurrent=1",
                "--set",
                "encoders=1",
                "--set",
                "tts.http.url=http://127.0.0.1:" + speech.getAddress().getPort() + "/");
    }

    /** Seconds from the first job's start to the last one's end. */
    private double together(int count) throws Exception {
        try (LocalCluster cluster = cluster(count, count + "-nodes")) {
            AvoClient door = cluster.node(1);
            Path outputs = cluster.folder.resolve("outputs");
            submit(door, outputs, "warm", count);
            ended(door, count);
            long[] before = cost(cluster);
            door.post("/api/queue", "{\"mode\": \"paused\"}");
            submit(door, outputs, "job", JOBS);
            long began = System.nanoTime();
            door.post("/api/queue", "{\"mode\": \"running\"}");
            ended(door, count + JOBS);
            double seconds = (System.nanoTime() - began) / 1e9;
            long[] after = cost(cluster);
            System.out.printf(
                    "%d nodes: %d jobs in %.1f s; a job: %.1f transactions, %.1f rows written, %.1f KB in PostgreSQL, %.1f Redis commands%n",
                    count,
                    JOBS,
                    seconds,
                    (after[0] - before[0]) / (double) JOBS,
                    (after[1] - before[1]) / (double) JOBS,
                    (after[2] - before[2]) / 1024.0 / JOBS,
                    (after[3] - before[3]) / (double) JOBS);
            return seconds;
        }
    }

    /** Seconds that one job of {@link #CLIPS} clips takes to encode where each node encodes one at a time on one thread. */
    private double film(int count) throws Exception {
        try (LocalCluster cluster = cluster(count, "film-" + count)) {
            Path outputs = cluster.folder.resolve("outputs");
            new ProcessBuilder(("ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=1280x720:r=25:d=" + 5 * CLIPS
                                    + " -c:v libx264 -preset ultrafast " + outputs.resolve("long.mp4"))
                            .split(" "))
                    .inheritIO()
                    .start()
                    .waitFor();
            StringBuilder spec = new StringBuilder(
                    """
                    version: 1
                    job: {id: film}
                    assets: {long: %s}
                    outputs: [{path: out/film.mp4, preset: web-720p}]
                    video:
                      filters: ["eq=contrast=1.05"]
                      clips:
                    """
                            .formatted(outputs.resolve("long.mp4")));
            for (int i = 0; i < CLIPS; i++) {
                spec.append("    - {asset: long, in: %ds, out: %ds}%n".formatted(5 * i, 5 * i + 5));
            }
            AvoClient door = cluster.node(1);
            if (door.submit("film", spec.toString(), outputs).statusCode() / 100 != 2) {
                throw new IllegalStateException("the film was not accepted");
            }
            ended(door, 1);
            List<String> makers =
                    door.read("/api/jobs/film/report").path("steps").findValuesAsText("node");
            double seconds = StreamSupport.stream(
                            door.job("film").path("stages").spliterator(), false)
                    .filter(stage -> stage.path("stage").asText().equals("video_concat"))
                    .mapToDouble(stage -> Duration.between(
                                            Instant.parse(
                                                    stage.path("started_at").asText()),
                                            Instant.parse(stage.path("ended_at").asText()))
                                    .toMillis()
                            / 1000.0)
                    .sum();
            System.out.printf("%d nodes: %d clips in %.1f s, made by %s%n", count, CLIPS, seconds, makers);
            return seconds;
        }
    }

    private static void submit(AvoClient door, Path folder, String name, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            String id = name + "-" + i;
            String spec =
                    """
                    version: 1
                    job: {id: %s}
                    audio: {tracks: {n: [{tts: {text: "This is %s.", provider: http}}]}}
                    outputs: [{path: out/%s.wav, preset: wav-master}]
                    """
                            .formatted(id, id, id);
            if (door.submit(id, spec, folder).statusCode() / 100 != 2) {
                throw new IllegalStateException("job " + id + " was not accepted");
            }
        }
    }

    /** Waits until so many have succeeded; asked seldom, because asking is work, too. */
    private static void ended(AvoClient door, int count) throws Exception {
        JsonNode jobs = door.read("/api/queue").path("jobs");
        while (jobs.path("succeeded").asInt() < count) {
            if (jobs.path("failed").asInt() > 0) {
                throw new IllegalStateException("a job has failed: " + door.read("/api/jobs?state=failed"));
            }
            pause(Duration.ofMillis(200));
            jobs = door.read("/api/queue").path("jobs");
        }
    }

    /** Transactions, rows written, bytes; commands. */
    private static long[] cost(LocalCluster cluster) throws Exception {
        // PostgreSQL's counters lag by up to a second.
        pause(Duration.ofSeconds(2));
        try (Connection connection = DriverManager.getConnection(cluster.database());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        """
                        SELECT xact_commit, tup_inserted + tup_updated + tup_deleted, pg_database_size(current_database())
                        FROM pg_stat_database WHERE datname = current_database()""");
                Jedis client = cluster.redis()) {
            row.next();
            long commands = client.info("stats")
                    .lines()
                    .filter(line -> line.startsWith("total_commands_processed:"))
                    .mapToLong(line -> Long.parseLong(line.split(":")[1].strip()))
                    .sum();
            return new long[] {row.getLong(1), row.getLong(2), row.getLong(3), commands};
        }
    }

    /** From the acceptance of a job to its claim, on idle nodes, with many jobs in the queue that can't start. */
    private void starts() throws Exception {
        try (LocalCluster cluster = cluster(3, "queue")) {
            AvoClient door = cluster.node(1);
            Path outputs = cluster.folder.resolve("outputs");
            fill(cluster.database());
            Files.copy(home.resolve("voice.wav"), outputs.resolve("voice.wav"));
            submit(door, outputs, "warm", 3);
            ended(door, 3);
            long[] millis = new long[STARTS];
            for (int i = 0; i < STARTS; i++) {
                submitOne(door, outputs, i);
                ended(door, 3 + i + 1);
                JsonNode job = door.job("start-" + i);
                millis[i] = Duration.between(
                                Instant.parse(job.path("created_at").asText()),
                                Instant.parse(job.path("started_at").asText()))
                        .toMillis();
            }
            System.out.println("one after the other: " + Arrays.toString(millis));
            Arrays.sort(millis);
            System.out.printf(
                    "with %d jobs waiting, a job starts after %d ms (median), %d ms (nine of ten), %d ms (longest)%n",
                    QUEUED, millis[STARTS / 2], millis[STARTS * 9 / 10], millis[STARTS - 1]);
        }
    }

    private static void submitOne(AvoClient door, Path folder, int number) throws Exception {
        String spec =
                """
                version: 1
                job: {id: start-%d}
                assets: {v: %s}
                audio: {tracks: {n: [{asset: v}]}}
                outputs: [{path: out/start-%d.wav, preset: wav-master}]
                """
                        .formatted(number, folder.resolve("voice.wav"), number);
        if (door.submit("start-" + number, spec, folder).statusCode() / 100 != 2) {
            throw new IllegalStateException("not accepted");
        }
    }

    private static void fill(String url) throws Exception {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    """
                    INSERT INTO jobs (id, status, priority, labels, tags, origin, spec_name, folder, overwrite, created_at, waiting)
                    SELECT 'wait-' || i, 'queued', i % 10, '["none"]', '{}', 'http', 'job.yaml', '/tmp', false, 0,
                        'waits for a node with all of the labels none; none at work has them (node.labels)'
                    FROM generate_series(1, """
                            + QUEUED + ") i");
            statement.execute("ANALYZE jobs");
        }
    }
}
