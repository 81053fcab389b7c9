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
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One service that goes through something: what it was given, how often it was killed, and what came of its jobs. */
final class Ordeal {
    private static final Duration ALL_DONE = Duration.ofMinutes(10);

    final ServedAvo service;
    final Path home;
    final Path jobs;

    /** Acknowledged jobs, and the kind of each. */
    private final Map<String, String> acknowledged = new TreeMap<>();

    private int submitted;
    private int kills;
    private int orphans;
    private int leftByFailures;

    /** @param settings more of them, as {@code key=value} */
    Ordeal(Path avo, Path home, String... settings) throws Exception {
        this.service = new ServedAvo(avo, home, settings);
        this.home = home;
        this.jobs = service.jobs;
    }

    // ---- what is done to it ----

    void start() throws Exception {
        draw();
        service.start();
    }

    String submit(String kind) throws Exception {
        return submit(kind, "");
    }

    /**
     * Submits until there is an answer: with the same key, so that it is one job however often it was sent.
     *
     * @param more what else stands under {@code job:}
     */
    String submit(String kind, String more) throws Exception {
        int number = ++submitted;
        for (int attempt = 0; attempt < 200; attempt++) {
            try {
                HttpResponse<String> answer = offer(kind, number, more);
                if (answer.statusCode() / 100 == 2) {
                    return kind + "-" + number;
                }
                throw new IllegalStateException(answer.statusCode() + " " + answer.body());
            } catch (IOException e) {
                if (!service.alive()) {
                    kill();
                    service.start();
                }
            }
        }
        throw new IllegalStateException("job " + kind + "-" + number + " was never accepted");
    }

    /** The number that the next job gets. */
    int next() {
        return ++submitted;
    }

    /** Submits once; a job whose acceptance was acknowledged is held against the service. */
    HttpResponse<String> offer(String kind, int number, String more) throws Exception {
        String id = kind + "-" + number;
        String spec = Files.readString(jobs.resolve(kind + ".yaml"))
                .replace("MORE", more)
                .replace("NUMBER", Integer.toString(number));
        HttpResponse<String> answer = service.submit(id, spec);
        if (answer.statusCode() / 100 == 2) {
            acknowledged.put(id, kind);
        }
        return answer;
    }

    synchronized void kill() throws InterruptedException {
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
    static int programs(Path home) {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return (int) all.filter(p -> p.info()
                            .commandLine()
                            .filter(line -> line.contains(home.toString()) && line.contains("ffmpeg "))
                            .isPresent())
                    .count();
        }
    }

    /** Waits until a job has ended and gives its document. */
    JsonNode ended(String id) throws Exception {
        long end = System.nanoTime() + ALL_DONE.toNanos();
        JsonNode document = service.job(id);
        while (!ServedAvo.ended(document) && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(50);
            document = service.job(id);
        }
        return document;
    }

    /** Says how a job has ended; when it failed, nothing of it may be left at its outputs, and it is tried again. */
    String retried(JsonNode document) throws Exception {
        String id = document.path("id").asText();
        if (!document.path("status").asText().equals("failed")) {
            return document.path("status").asText();
        }
        leftByFailures += (int) hidden().stream()
                .filter(file -> file.getFileName().toString().contains(id + "."))
                .count();
        service.post("/api/jobs/" + id + "/retry", "");
        return ended(id).path("status").asText() + " in its second run; its first: "
                + document.path("error").asText();
    }

    // ---- what it comes to ----

    /** Prints what became of all that was acknowledged; whether all is well. */
    boolean reckon() throws Exception {
        for (String id : acknowledged.keySet()) {
            ended(id);
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
        int duplicated = service.count() - acknowledged.size();
        List<Path> left = leftovers();
        left.forEach(file -> System.out.println("left over: " + file));
        System.out.printf(
                "%n%d jobs, %d kills: lost %d, duplicated %d, torn %d, orphans %d, files left over %d%n",
                acknowledged.size(), kills, lost, duplicated, torn, orphans, left.size() + leftByFailures);
        shapes.forEach((kind, shape) -> System.out.println("  " + kind + ": " + shape));
        return lost + duplicated + torn + orphans + left.size() + leftByFailures == 0;
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

    /** Half files of publications: {@code .part} and {@code .old}. */
    private List<Path> hidden() throws IOException {
        try (Stream<Path> out = Files.list(jobs.resolve("out"))) {
            return out.filter(f -> f.getFileName().toString().startsWith(".")).toList();
        }
    }

    private List<Path> leftovers() throws IOException {
        List<Path> left = new ArrayList<>(hidden());
        try (Stream<Path> work = Files.list(home.resolve("state/work"))) {
            work.forEach(left::add);
        }
        try (Stream<Path> notes = Files.list(home.resolve("state/processes"))) {
            notes.forEach(left::add);
        }
        return left;
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
                job: {id: film-NUMBERMORE}
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
                job: {id: song-NUMBERMORE}
                assets: {v: voice.wav}
                audio: {tracks: {n: [{asset: v, gain: -1.NUMBERdB}, {tts: {text: "One more song.", voice: en-us}}]}}
                outputs: [{path: out/song-NUMBER.m4a, preset: podcast}]
                """);
        Files.writeString(
                jobs.resolve("spoken.yaml"),
                """
                version: 1
                job: {id: spoken-NUMBER, retry: {limit: 2, delay: 100ms}}
                audio: {tracks: {n: [{tts: {text: "Spoken elsewhere, number NUMBER.", provider: openai}}]}}
                outputs: [{path: out/spoken-NUMBER.m4a, preset: podcast}]
                """);
    }
}
