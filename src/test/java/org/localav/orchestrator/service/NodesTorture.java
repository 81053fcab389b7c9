package org.localav.orchestrator.service;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.store.LocalPostgres;
import org.localav.orchestrator.store.LocalRedis;
import redis.clients.jedis.Jedis;

/**
 * Several nodes, to which everything happens that can for a while, while jobs come in: nodes are killed, or stand still for
 * longer than their lease; Redis is killed or wiped, PostgreSQL killed; the network between a node and either is cut. Then every
 * acknowledged job must have succeeded, once, with whole outputs. {@code script/torture --nodes 3} runs it.
 */
final class NodesTorture {
    private static final Duration LEASE = Duration.ofSeconds(6);
    private static final Duration ALL_DONE = Duration.ofMinutes(5);

    private final Path home;
    private final Path jobs;
    private final Random random;
    private final LocalPostgres postgres = new LocalPostgres();
    private final LocalRedis redis = new LocalRedis();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, String> acknowledged = new ConcurrentHashMap<>();
    private final Map<String, Integer> done = new TreeMap<>();
    private final ExecutorService restarts = Executors.newCachedThreadPool();

    private record Node(ServedAvo avo, FaultProxy store, FaultProxy queue) {}

    private interface Fault {
        void happen() throws Exception;
    }

    private NodesTorture(Path avo, Path home, int nodes, long seed) throws Exception {
        this.home = home;
        this.jobs = Files.createDirectories(home.resolve("jobs"));
        this.random = new Random(seed);
        String url = postgres.database();
        for (int i = 1; i <= nodes; i++) {
            FaultProxy store = new FaultProxy(postgres.port());
            FaultProxy queue = new FaultProxy(redis.port());
            ServedAvo served = new ServedAvo(
                    List.of(avo.toString()),
                    home.resolve("node-" + i),
                    home.resolve("shared"),
                    "node.name=node-" + i,
                    "store.url=" + url.replace(":" + postgres.port() + "/", ":" + store.port() + "/"),
                    "queue.url=redis://127.0.0.1:" + queue.port() + "/0",
                    "lease=" + LEASE.toSeconds() + "s",
                    "jobs.concurrent=1",
                    "submit.roots=" + jobs);
            this.nodes.add(new Node(served, store, queue));
        }
    }

    /** Arguments: the launcher, how many nodes, for how many seconds, and a seed. */
    public static void main(String[] arguments) throws Exception {
        long seed = Long.parseLong(arguments[3]);
        Path home = Files.createTempDirectory("avo-torture");
        NodesTorture torture = new NodesTorture(Path.of(arguments[0]), home, Integer.parseInt(arguments[1]), seed);
        boolean well = false;
        try {
            well = torture.run(Duration.ofSeconds(Long.parseLong(arguments[2])));
        } finally {
            torture.end();
            if (well) {
                StepStore.remove(home);
            } else {
                System.out.println("left to be looked at: " + home + " (seed " + seed + ")");
            }
        }
        System.exit(well ? 0 : 1);
    }

    private boolean run(Duration time) throws Exception {
        draw();
        for (Node node : nodes) {
            node.avo().start();
        }
        long end = System.nanoTime() + time.toNanos();
        Thread submitting = new Thread(() -> submitUntil(end), "submitting");
        submitting.start();
        while (System.nanoTime() < end) {
            harm();
            TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(2_000));
        }
        submitting.join();
        mendAll();
        return judge();
    }

    // ---- what is done to them ----

    private void harm() throws Exception {
        Node node = nodes.get(random.nextInt(nodes.size()));
        switch (random.nextInt(8)) {
            case 0, 1 ->
                happens("kill -9 of a node", () -> {
                    node.avo().kill();
                    restarts.execute(() -> start(node));
                });
            case 2 ->
                happens("node stands still", () -> {
                    signal("STOP", node);
                    later(
                            LEASE.toMillis() / 2 + random.nextInt((int) LEASE.toMillis() * 2),
                            () -> signal("CONT", node));
                });
            case 3 ->
                happens("Redis wiped", () -> {
                    try (Jedis client = redis.client()) {
                        client.flushAll();
                    }
                });
            case 4 ->
                happens("Redis killed", () -> {
                    redis.kill();
                    redis.start();
                });
            case 5 ->
                happens("PostgreSQL killed", () -> {
                    postgres.kill();
                    postgres.start();
                });
            case 6 -> happens("node cut from Redis", () -> cut(node.queue()));
            default -> happens("node cut from PostgreSQL", () -> cut(node.store()));
        }
    }

    private void happens(String what, Fault fault) throws Exception {
        done.merge(what, 1, Integer::sum);
        fault.happen();
    }

    private void cut(FaultProxy network) {
        network.cut();
        boolean closing = random.nextBoolean();
        later(500 + random.nextInt((int) LEASE.toMillis() * 2), () -> network.mend(closing));
    }

    private void later(long millis, Fault fault) {
        restarts.execute(() -> {
            try {
                TimeUnit.MILLISECONDS.sleep(millis);
                fault.happen();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static void signal(String name, Node node) throws Exception {
        if (node.avo().alive()) {
            new ProcessBuilder("kill", "-" + name, Long.toString(node.avo().pid()))
                    .start()
                    .waitFor();
        }
    }

    /** A start fails while its network is cut or the store is down; it is tried again. */
    private void start(Node node) {
        for (int tries = 0; tries < 20; tries++) {
            try {
                node.avo().start();
                return;
            } catch (Exception e) {
                try {
                    node.avo().kill();
                    TimeUnit.SECONDS.sleep(1);
                } catch (InterruptedException interrupted) {
                    return;
                }
            }
        }
        throw new IllegalStateException(
                "a node does not start; see " + node.avo().log());
    }

    private void mendAll() throws Exception {
        restarts.shutdown();
        if (!restarts.awaitTermination(3, TimeUnit.MINUTES)) {
            throw new IllegalStateException("what was begun did not end");
        }
        for (Node node : nodes) {
            node.store().mend(false);
            node.queue().mend(false);
            signal("CONT", node);
            if (!node.avo().alive()) {
                start(node);
            }
        }
    }

    private void end() throws Exception {
        restarts.shutdownNow();
        for (Node node : nodes) {
            signal("CONT", node);
            node.avo().kill();
        }
        redis.close();
        postgres.close();
    }

    // ---- what they are fed ----

    private void submitUntil(long end) {
        int number = 0;
        while (System.nanoTime() < end) {
            try {
                submit(++number % 3 == 0 ? "film" : "song", number);
                TimeUnit.MILLISECONDS.sleep(700);
            } catch (InterruptedException e) {
                return;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Submits to whoever answers: with the same key, so that it is one job however often it was sent. */
    private void submit(String kind, int number) throws Exception {
        String id = kind + "-" + number;
        String spec = Files.readString(jobs.resolve(kind + ".yaml")).replace("NUMBER", Integer.toString(number));
        for (int attempt = 0; attempt < 300; attempt++) {
            Node node = nodes.get((number + attempt) % nodes.size());
            try {
                HttpResponse<String> answer = node.avo().submit(id, spec, jobs);
                if (answer.statusCode() / 100 == 2) {
                    acknowledged.put(id, kind);
                    return;
                }
                if (answer.statusCode() < 500) {
                    throw new IllegalStateException(answer.statusCode() + " " + answer.body());
                }
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        throw new IllegalStateException("job " + id + " was never accepted");
    }

    private void draw() throws Exception {
        ServedAvo first = nodes.get(0).avo();
        first.draw("c0.mp4", "-f lavfi -i testsrc2=s=320x180:r=25:d=2");
        first.draw("voice.wav", "-f lavfi -i sine=300:d=2");
        try (Stream<Path> drawn = Files.list(first.jobs)) {
            for (Path file : drawn.toList()) {
                Files.move(file, jobs.resolve(file.getFileName()));
            }
        }
        Files.writeString(
                jobs.resolve("film.yaml"),
                """
                version: 1
                job: {id: film-NUMBER}
                assets: {a: c0.mp4}
                audio: {tracks: {n: [{tts: {text: "This is number NUMBER.", voice: en-us}}]}}
                video:
                  clips: [{asset: a}, {asset: a, out: 1s}]
                  size: 320x180
                  fps: 25
                  fit: contain
                  filters: ["eq=gamma=1.NUMBER"]
                outputs: [{path: out/film-NUMBER.mp4, preset: web-720p}]
                """);
        Files.writeString(
                jobs.resolve("song.yaml"),
                """
                version: 1
                job: {id: song-NUMBER}
                assets: {v: voice.wav}
                audio: {tracks: {n: [{asset: v, gain: -1.NUMBERdB}]}}
                outputs: [{path: out/song-NUMBER.m4a, preset: podcast}]
                """);
    }

    // ---- what it comes to ----

    private boolean judge() throws Exception {
        long end = System.nanoTime() + ALL_DONE.toNanos();
        int lost = 0;
        int duplicated = 0;
        int torn = 0;
        for (String id : acknowledged.keySet()) {
            while (!ServedAvo.ended(job(id)) && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
            JsonNode document = job(id);
            if (!document.path("status").asText().equals("succeeded")) {
                System.out.println("lost: " + document);
                lost++;
                continue;
            }
            String fault = fault(id, document);
            if (!fault.isEmpty()) {
                System.out.println("torn: " + id + ": " + fault);
                torn++;
            }
            long ends = ends(id);
            if (ends != 1) {
                System.out.println("duplicated: " + id + " succeeded " + ends + " times");
                duplicated++;
            }
        }
        int foreign = nodes.get(0).avo().count() - acknowledged.size();
        List<Path> left = leftovers();
        left.forEach(file -> System.out.println("left over: " + file));
        done.forEach((what, times) -> System.out.printf("  %-28s %d%n", what, times));
        System.out.printf(
                "%n%d jobs on %d nodes: lost %d, duplicated %d, torn %d; files left over %d%n",
                acknowledged.size(), nodes.size(), lost, duplicated + foreign, torn, left.size());
        return lost + duplicated + foreign + torn + left.size() == 0;
    }

    private JsonNode job(String id) throws Exception {
        return nodes.get(0).avo().job(id);
    }

    private long ends(String id) throws Exception {
        HttpResponse<String> events = nodes.get(0).avo().get("/api/jobs/" + id + "/events");
        return events.body().lines().filter("event: succeeded"::equals).count();
    }

    /** The output must be what the report says, to the byte, and play. */
    private String fault(String id, JsonNode document) throws Exception {
        Path file = jobs.resolve("out").resolve(id + (id.startsWith("film") ? ".mp4" : ".m4a"));
        if (!Files.isRegularFile(file)) {
            return "there is no " + file;
        }
        String sha256 = org.localav.orchestrator.cache.Digests.sha256(file);
        String said = document.path("outputs").path(0).path("sha256").asText();
        if (!sha256.equals(said)) {
            return "its output has " + sha256 + ", the report says " + said;
        }
        Process decoding = new ProcessBuilder(
                        "ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i", file.toString(), "-f", "null", "-")
                .redirectErrorStream(true)
                .start();
        String words = new String(decoding.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return decoding.waitFor() == 0 ? "" : "it can't be played: " + words;
    }

    private List<Path> leftovers() throws IOException {
        List<Path> left = new ArrayList<>();
        Map<Path, String> folders = new LinkedHashMap<>();
        folders.put(jobs.resolve("out"), ".");
        for (Node node : nodes) {
            Path own = home.resolve("shared/nodes").resolve(node.avo().home.getFileName());
            folders.put(own.resolve("work"), "");
            folders.put(own.resolve("processes"), "");
        }
        for (Map.Entry<Path, String> folder : folders.entrySet()) {
            if (Files.isDirectory(folder.getKey())) {
                try (Stream<Path> files = Files.list(folder.getKey())) {
                    files.filter(f -> f.getFileName().toString().startsWith(folder.getValue()))
                            .forEach(left::add);
                }
            }
        }
        return left;
    }
}
