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
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.localav.orchestrator.cache.StepStore;

/**
 * Kills the service with {@code kill -9} again and again while jobs come in and run: once at the beginning and the end of
 * every stage and in the middle of encoding, then at random. At the end every acknowledged job must have succeeded, once,
 * with whole outputs, and nothing may be left over. {@code script/torture} runs it.
 */
final class Torture {
    private static final List<String> STAGES = List.of("prepare", "tts", "audio_mix", "video_concat", "mux", "finish");
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration ALL_DONE = Duration.ofMinutes(10);

    private final ServedAvo service;
    private final Path home;
    private final Path jobs;
    private final Random random;

    /** Acknowledged jobs, and the kind of each. */
    private final Map<String, String> acknowledged = new TreeMap<>();

    private int submitted;
    private int kills;
    private int orphans;

    private Torture(Path avo, Path home, long seed) throws IOException {
        this.service = new ServedAvo(avo, home);
        this.home = home;
        this.jobs = service.jobs;
        this.random = new Random(seed);
    }

    /** Arguments: the launcher, how many random rounds, and a seed. */
    public static void main(String[] arguments) throws Exception {
        int rounds = Integer.parseInt(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        Path home = Files.createTempDirectory("avo-torture");
        Torture torture = new Torture(Path.of(arguments[0]), home, seed);
        boolean well = false;
        try {
            well = torture.run(rounds);
        } finally {
            torture.kill();
            if (well) {
                StepStore.remove(home);
            } else {
                System.out.println("left to be looked at: " + home + " (seed " + seed + ")");
            }
        }
        System.exit(well ? 0 : 1);
    }

    private boolean run(int rounds) throws Exception {
        draw();
        service.start();
        for (String stage : STAGES) {
            for (String status : List.of("running", "succeeded")) {
                killAt(stage + " " + status, document -> stands(document, stage, status));
            }
        }
        killAt("mid-ffmpeg", document -> stands(document, "video_concat", "running") && programs(home) > 0);
        for (int round = 1; round <= rounds; round++) {
            killAtRandom(round);
        }
        return judge();
    }

    // ---- what is done to it ----

    private void killAt(String moment, Predicate<JsonNode> reached) throws Exception {
        String id = submit("film").orElseThrow();
        long end = System.nanoTime() + START.toNanos();
        boolean hit = false;
        while (!hit && System.nanoTime() < end) {
            JsonNode document = service.job(id);
            hit = reached.test(document);
            if (!hit && ServedAvo.ended(document)) {
                break;
            }
        }
        System.out.printf("kill -9 at %-24s %s%n", moment, hit ? "" : "(it had passed already)");
        kill();
        service.start();
    }

    private void killAtRandom(int round) throws Exception {
        long after = 100 + random.nextInt(3000);
        Thread killer = new Thread(() -> {
            try {
                TimeUnit.MILLISECONDS.sleep(after);
            } catch (InterruptedException e) {
                return;
            }
            try {
                kill();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        killer.start();
        int many = 1 + random.nextInt(4);
        for (int i = 0; i < many; i++) {
            submit(random.nextBoolean() ? "film" : "song");
        }
        killer.join();
        kill();
        System.out.printf("kill -9 after %d ms of round %d, %d jobs submitted%n", after, round, many);
        service.start();
    }

    /** Submits until there is an answer: with the same key, so that it is one job however often it was sent. */
    private Optional<String> submit(String kind) throws Exception {
        int number = ++submitted;
        String id = kind + "-" + number;
        String spec = Files.readString(jobs.resolve(kind + ".yaml")).replace("NUMBER", Integer.toString(number));
        for (int attempt = 0; attempt < 200; attempt++) {
            try {
                HttpResponse<String> answer = service.submit(id, spec);
                if (answer.statusCode() / 100 == 2) {
                    acknowledged.put(id, kind);
                    return Optional.of(id);
                }
                throw new IllegalStateException(answer.statusCode() + " " + answer.body());
            } catch (IOException e) {
                if (!service.alive()) {
                    kill();
                    service.start();
                }
            }
        }
        throw new IllegalStateException("job " + id + " was never accepted");
    }

    private synchronized void kill() throws InterruptedException {
        if (!service.kill()) {
            return;
        }
        kills++;
        long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
        while (programs(home) > 0 && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        orphans += programs(home);
    }

    /** Programs that work on our files. */
    private static int programs(Path home) {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return (int) all.filter(p -> p.info()
                            .commandLine()
                            .filter(line -> line.contains(home.toString()) && line.contains("ffmpeg "))
                            .isPresent())
                    .count();
        }
    }

    // ---- what it comes to ----

    private boolean judge() throws Exception {
        long end = System.nanoTime() + ALL_DONE.toNanos();
        for (String id : acknowledged.keySet()) {
            while (!ServedAvo.ended(service.job(id)) && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        int lost = 0;
        int torn = 0;
        Map<String, String> shapes = new LinkedHashMap<>();
        for (Map.Entry<String, String> job : acknowledged.entrySet()) {
            JsonNode document = service.job(job.getKey());
            if (!document.path("status").asText().equals("succeeded")) {
                System.out.println("lost: " + document);
                lost++;
                continue;
            }
            String ending = job.getValue().equals("film") ? ".mp4" : ".m4a";
            String shape = shape(jobs.resolve("out").resolve(job.getKey() + ending));
            String first = shapes.putIfAbsent(job.getValue(), shape);
            if (first != null && !first.equals(shape)) {
                System.out.println("torn: " + job.getKey() + " is " + shape + ", others are " + first);
                torn++;
            }
        }
        int duplicated = count() - acknowledged.size();
        List<Path> left = leftovers();
        left.forEach(file -> System.out.println("left over: " + file));
        System.out.printf(
                "%n%d jobs, %d kills: lost %d, duplicated %d, torn %d, orphans %d, files left over %d%n",
                acknowledged.size(), kills, lost, duplicated, torn, orphans, left.size());
        shapes.forEach((kind, shape) -> System.out.println("  " + kind + ": " + shape));
        return lost + duplicated + torn + orphans + left.size() == 0;
    }

    /** Streams with their numbers of packets, and the length. */
    private static String shape(Path file) throws Exception {
        if (!Files.isRegularFile(file)) {
            return "missing";
        }
        Process probe = new ProcessBuilder(
                        "ffprobe",
                        "-v",
                        "error",
                        "-count_packets",
                        "-show_entries",
                        "stream=codec_name,nb_read_packets,duration",
                        "-of",
                        "csv=p=0",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String text = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        probe.waitFor();
        return text.strip().replace('\n', ' ');
    }

    private int count() throws Exception {
        int count = 0;
        String cursor = "";
        do {
            JsonNode page = service.read("/api/jobs?limit=500" + cursor);
            count += page.path("jobs").size();
            cursor = page.has("next") ? "&cursor=" + page.path("next").asText() : "";
        } while (!cursor.isEmpty());
        return count;
    }

    private List<Path> leftovers() throws IOException {
        List<Path> left = new ArrayList<>();
        try (Stream<Path> out = Files.list(jobs.resolve("out"))) {
            out.filter(f -> f.getFileName().toString().startsWith(".")).forEach(left::add);
        }
        try (Stream<Path> work = Files.list(home.resolve("state/work"))) {
            work.forEach(left::add);
        }
        try (Stream<Path> notes = Files.list(home.resolve("state/processes"))) {
            notes.forEach(left::add);
        }
        return left;
    }

    private static boolean stands(JsonNode document, String stage, String status) {
        for (JsonNode record : document.path("stages")) {
            if (record.path("stage").asText().equals(stage)) {
                return record.path("status").asText().equals(status);
            }
        }
        return false;
    }

    // ---- what it is fed ----

    private void draw() throws Exception {
        service.draw("c0.mp4", "-f lavfi -i testsrc2=s=480x270:r=25:d=3");
        service.draw("c1.mp4", "-f lavfi -i testsrc=s=320x240:r=25:d=3");
        service.draw("voice.wav", "-f lavfi -i sine=300:d=2");
        Files.writeString(
                jobs.resolve("film.yaml"),
                """
                version: 1
                job: {id: film-NUMBER}
                assets: {a: c0.mp4, b: c1.mp4}
                audio: {tracks: {n: [{tts: {text: "This is number NUMBER.", voice: en-us}}]}}
                video:
                  clips: [{asset: a, out: 2s}, {asset: b}]
                  size: 640x360
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
                audio: {tracks: {n: [{asset: v, gain: -1.NUMBERdB}, {tts: {text: "One more song.", voice: en-us}}]}}
                outputs: [{path: out/song-NUMBER.m4a, preset: podcast}]
                """);
    }
}
