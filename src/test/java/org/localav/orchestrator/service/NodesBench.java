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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.store.LocalPostgres;
import org.localav.orchestrator.store.LocalRedis;
import redis.clients.jedis.Jedis;

/**
 * Measures several nodes on one PostgreSQL and Redis: how much sooner three end jobs that wait more than they work, how soon a
 * job starts behind ten thousand that can't, and what a job costs both servers. {@code script/bench nodes} runs it.
 */
final class NodesBench {
    private static final int JOBS = 30;
    private static final int QUEUED = 10_000;
    private static final int STARTS = 30;

    /** How long a sentence takes to be spoken: no processor of this machine is needed for it. */
    private static final Duration SPEAKING = Duration.ofSeconds(6);

    private final Path avo;
    private final Path home;
    private final LocalPostgres postgres = new LocalPostgres();
    private final LocalRedis redis = new LocalRedis();
    private final HttpServer speech;

    private NodesBench(Path avo, Path home) throws Exception {
        this.avo = avo;
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
        NodesBench bench = new NodesBench(Path.of(arguments[0]), home);
        try {
            double one = bench.together(1);
            double three = bench.together(3);
            System.out.printf("three nodes take %.2f of the time of one%n", three / one);
            bench.starts();
        } finally {
            bench.speech.stop(0);
            bench.redis.close();
            bench.postgres.close();
            StepStore.remove(home);
        }
        System.exit(0);
    }

    private List<ServedAvo> nodes(int count, String url, Path folder, String... more) throws Exception {
        List<ServedAvo> nodes = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            List<String> settings = new ArrayList<>(List.of(
                    "node.name=node-" + i,
                    "store.url=" + url,
                    "queue.url=" + redis.url(),
                    "jobs.concurrent=1",
                    "submit.roots=" + folder,
                    "tts.http.url=http://127.0.0.1:" + speech.getAddress().getPort() + "/"));
            settings.addAll(List.of(more));
            ServedAvo node = new ServedAvo(
                    List.of(avo.toString()),
                    folder.resolve("node-" + i),
                    folder.resolve("shared"),
                    settings.toArray(String[]::new));
            node.start();
            nodes.add(node);
        }
        return nodes;
    }

    /** Seconds from the first job's start to the last one's end. */
    private double together(int count) throws Exception {
        String url = postgres.database();
        Path folder = Files.createDirectory(home.resolve(count + "-nodes"));
        List<ServedAvo> nodes = nodes(count, url, folder);
        ServedAvo door = nodes.get(0);
        submit(door, folder, "warm", count);
        ended(door, count);
        long[] before = cost(url);
        door.post("/api/queue", "{\"mode\": \"paused\"}");
        submit(door, folder, "job", JOBS);
        long began = System.nanoTime();
        door.post("/api/queue", "{\"mode\": \"running\"}");
        ended(door, count + JOBS);
        double seconds = (System.nanoTime() - began) / 1e9;
        long[] after = cost(url);
        System.out.printf(
                "%d nodes: %d jobs in %.1f s; a job: %.1f transactions, %.1f rows written, %.1f KB in PostgreSQL, %.1f Redis commands%n",
                count,
                JOBS,
                seconds,
                (after[0] - before[0]) / (double) JOBS,
                (after[1] - before[1]) / (double) JOBS,
                (after[2] - before[2]) / 1024.0 / JOBS,
                (after[3] - before[3]) / (double) JOBS);
        end(nodes);
        return seconds;
    }

    private static void submit(ServedAvo door, Path folder, String name, int count) throws Exception {
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
    private static void ended(ServedAvo door, int count) throws Exception {
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
    private long[] cost(String url) throws Exception {
        // PostgreSQL's counters lag by up to a second.
        pause(Duration.ofSeconds(2));
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        """
                        SELECT xact_commit, tup_inserted + tup_updated + tup_deleted, pg_database_size(current_database())
                        FROM pg_stat_database WHERE datname = current_database()""");
                Jedis client = redis.client()) {
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
        String url = postgres.database();
        Path folder = Files.createDirectory(home.resolve("queue"));
        List<ServedAvo> nodes = nodes(3, url, folder);
        ServedAvo door = nodes.get(0);
        fill(url);
        Files.copy(home.resolve("voice.wav"), folder.resolve("voice.wav"));
        submit(door, folder, "warm", 3);
        ended(door, 3);
        long[] millis = new long[STARTS];
        for (int i = 0; i < STARTS; i++) {
            submitOne(door, folder, i);
            JsonNode job = door.job("start-" + i);
            while (job.path("started_at").isMissingNode()) {
                pause(Duration.ofMillis(5));
                job = door.job("start-" + i);
            }
            millis[i] = Duration.between(
                            Instant.parse(job.path("created_at").asText()),
                            Instant.parse(job.path("started_at").asText()))
                    .toMillis();
            ended(door, 3 + i + 1);
        }
        Arrays.sort(millis);
        System.out.printf(
                "with %d jobs waiting, a job starts after %d ms (median), %d ms (nine of ten), %d ms (longest)%n",
                QUEUED, millis[STARTS / 2], millis[STARTS * 9 / 10], millis[STARTS - 1]);
        end(nodes);
    }

    private static void end(List<ServedAvo> nodes) throws InterruptedException {
        for (ServedAvo node : nodes) {
            node.kill();
        }
    }

    private static void submitOne(ServedAvo door, Path folder, int number) throws Exception {
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
