package org.localav.orchestrator.service;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.store.NewJob;
import org.localav.orchestrator.store.SqlJobStore;

/**
 * Measures the service from outside: durable accepts over HTTP, what it adds to a job beside its programs, how soon a job
 * starts, many waiting jobs in a small heap, what it burns when there is nothing to do, and how soon it is up again. {@code script/bench service}
 * runs it.
 */
final class ServiceBench {
    private static final int CONNECTIONS = 16;
    private static final int ACCEPTED = 10_000;
    private static final int WARMING = 15_000;
    private static final int TINY = 100;
    private static final int FILES = 10_000;
    private static final int WAITING = WARMING + ACCEPTED + FILES;
    private static final int KEPT = 100_000;

    private final Path avo;
    private final ServedAvo service;

    private ServiceBench(Path avo, ServedAvo service) {
        this.avo = avo;
        this.service = service;
    }

    public static void main(String[] arguments) throws Exception {
        Path home = Files.createTempDirectory("avo-bench");
        Path avo = Path.of(arguments[0]);
        ServedAvo service = new ServedAvo(avo, home, "jobs.concurrent=1");
        try {
            service.draw("voice.wav", "-f lavfi -i sine=300:d=0.2");
            service.start();
            ServiceBench bench = new ServiceBench(avo, service);
            bench.overhead();
            bench.idle("with nothing to do");
            bench.accepts();
            bench.inbox();
            bench.idle("with " + WAITING + " jobs waiting");
            bench.restart();
        } finally {
            service.kill();
            StepStore.remove(home);
        }
        System.exit(0);
    }

    private static String spec(String id, String gain) {
        return """
                version: 1
                job: {id: %s}
                assets: {v: voice.wav}
                audio: {tracks: {n: [{asset: v, gain: %sdB}]}}
                outputs: [{path: out/%s.wav, preset: wav-master}]
                """
                .formatted(id, gain, id);
    }

    private void pause(String mode) throws Exception {
        HttpResponse<String> answer = service.post("/api/queue", "{\"mode\": \"" + mode + "\"}");
        if (answer.statusCode() / 100 != 2) {
            throw new IllegalStateException(answer.body());
        }
    }

    private void accepts() throws Exception {
        pause("paused");
        // The first ones warm both virtual machines up, the client's too.
        accepts("the first", "warm", WARMING);
        accepts("the next", "load", ACCEPTED);
    }

    private void accepts(String which, String name, int count) throws InterruptedException {
        long[] took = new long[count];
        double seconds = submitAll(name, took);
        Arrays.sort(took);
        System.out.printf(
                "durable accepts over HTTP, %d connections, %s %d: %.0f a second; median %.1f ms, p99 %.1f ms, longest %.1f ms%n",
                CONNECTIONS,
                which,
                count,
                count / seconds,
                took[count / 2] / 1e6,
                took[count * 99 / 100] / 1e6,
                took[count - 1] / 1e6);
    }

    /** Submits as many jobs as {@code took} has room for how long each takes (ns), and returns how long all did (s). */
    private double submitAll(String name, long[] took) throws InterruptedException {
        AtomicInteger next = new AtomicInteger();
        Thread[] clients = IntStream.range(0, CONNECTIONS)
                .mapToObj(c -> new Thread(() -> submitAll(name, next, took)))
                .toArray(Thread[]::new);
        long began = System.nanoTime();
        for (Thread client : clients) {
            client.start();
        }
        for (Thread client : clients) {
            client.join();
        }
        return seconds(began);
    }

    private void submitAll(String name, AtomicInteger next, long[] took) {
        try {
            for (int i = next.getAndIncrement(); i < took.length; i = next.getAndIncrement()) {
                String id = name + "-" + i;
                long began = System.nanoTime();
                HttpResponse<String> answer = service.submit(id, spec(id, "0"));
                took[i] = System.nanoTime() - began;
                if (answer.statusCode() != 201) {
                    throw new IllegalStateException(answer.statusCode() + " " + answer.body());
                }
            }
        } catch (java.io.IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Specs that are moved into the inbox as fast as it goes, until all of them are jobs. */
    private void inbox() throws Exception {
        Path prepared = Files.createDirectory(service.home.resolve("prepared"));
        for (int i = 0; i < FILES; i++) {
            Files.writeString(prepared.resolve(i + ".yaml"), spec("file-" + i, "0"));
        }
        long began = System.nanoTime();
        for (int i = 0; i < FILES; i++) {
            Files.move(prepared.resolve(i + ".yaml"), service.home.resolve("inbox/" + i + ".yaml"));
        }
        while (service.read("/api/queue").at("/jobs/queued").asInt() < WAITING) {
            TimeUnit.MILLISECONDS.sleep(200);
        }
        System.out.printf("%d files put into the inbox at once: jobs after %.1f s%n", FILES, seconds(began));
    }

    private void overhead() throws Exception {
        for (int i = 0; i < TINY; i++) {
            service.submit("tiny-" + i, spec("tiny-" + i, "-" + (i / 10.0)));
        }
        List<Double> overheads = new ArrayList<>();
        List<Double> gaps = new ArrayList<>();
        Instant before = null;
        for (int i = 0; i < TINY; i++) {
            JsonNode job = service.job("tiny-" + i);
            while (!ServedAvo.ended(job)) {
                TimeUnit.MILLISECONDS.sleep(20);
                job = service.job("tiny-" + i);
            }
            if (!job.path("status").asText().equals("succeeded")) {
                throw new IllegalStateException(job.toString());
            }
            Instant started = Instant.parse(job.path("started_at").asText());
            Instant ended = Instant.parse(job.path("ended_at").asText());
            double programs = 0;
            JsonNode report = service.read("/api/jobs/tiny-" + i + "/report");
            for (String kind : List.of("steps", "trials")) {
                for (JsonNode program : report.path(kind)) {
                    programs += program.path("took").asDouble() * 1000;
                }
            }
            // The first ones warm the virtual machine up.
            if (i >= TINY / 5) {
                overheads.add(Duration.between(started, ended).toNanos() / 1e6 - programs);
                gaps.add(Duration.between(before, started).toNanos() / 1e6);
            }
            before = ended;
        }
        overheads.sort(null);
        gaps.sort(null);
        System.out.printf(
                "%d tiny jobs: a job takes %.0f ms (median; p90 %.0f ms) more than its programs%n",
                TINY, overheads.get(overheads.size() / 2), overheads.get(overheads.size() * 9 / 10));
        System.out.printf(
                "from the end of one job to the start of the next: median %.0f ms, longest %.0f ms%n",
                gaps.get(gaps.size() / 2), gaps.get(gaps.size() - 1));
    }

    private void idle(String when) throws Exception {
        TimeUnit.SECONDS.sleep(5);
        long before = ticks();
        long began = System.nanoTime();
        TimeUnit.SECONDS.sleep(10);
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(
                "%s: %.2f %% of a core; resident %d MB%n", when, (ticks() - before) / seconds, resident() / 1024);
    }

    /** Processor time used so far, in hundredths of a second. */
    private long ticks() throws Exception {
        String stat = Files.readString(Path.of("/proc/" + service.pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    private long resident() throws Exception {
        return Files.readAllLines(Path.of("/proc/" + service.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElse(0);
    }

    /** Ends it, and starts it again with {@value #KEPT} jobs in its store. */
    private void restart() throws Exception {
        long began = System.nanoTime();
        int exit = service.end();
        System.out.printf("SIGTERM ends it after %.2f s with %d%n", seconds(began), exit);
        Path state = service.home.resolve("state");
        try (SqlJobStore store = SqlJobStore.open(state)) {
            IntStream.range(WAITING, KEPT).parallel().forEach(i -> store.accept(kept("kept-" + i)));
        }
        began = System.nanoTime();
        SqlJobStore.open(state).close();
        double opened = seconds(began);
        double full = started(service);
        ServedAvo fresh = new ServedAvo(avo, Files.createDirectory(service.home.resolve("fresh")));
        try {
            fresh.start();
            fresh.end();
            System.out.printf(
                    "a store of %d jobs is opened and closed in %.2f s; a service with them answers %.2f s after its start,"
                            + " an empty one after %.2f s%n",
                    KEPT, opened, full, started(fresh));
        } finally {
            fresh.kill();
        }
    }

    private static double started(ServedAvo service) throws Exception {
        long began = System.nanoTime();
        service.start();
        return seconds(began);
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    private NewJob kept(String id) {
        return new NewJob(
                id,
                5,
                List.of(),
                Map.of(),
                Optional.empty(),
                "http",
                spec(id, "0"),
                "job.yaml",
                service.jobs,
                false,
                Instant.now(),
                Optional.empty(),
                Map.of());
    }
}
