package org.localav.orchestrator.service;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.localav.orchestrator.cache.StepStore;

/**
 * Kills the service with {@code kill -9} again and again while jobs come in and run: once at the beginning and the end of
 * every stage and in the middle of encoding, then at random; then lets its speech server, a webhook's receiver and its
 * disks fail. At the end every acknowledged job must have succeeded, once, with whole outputs, and nothing may be left
 * over. {@code script/torture} runs it.
 */
final class Torture {
    private static final List<String> STAGES = List.of("prepare", "tts", "audio_mix", "video_concat", "mux", "finish");
    private static final Duration START = Duration.ofSeconds(60);

    private final Ordeal ordeal;
    private final ServedAvo service;
    private final Random random;

    private Torture(Ordeal ordeal, long seed) {
        this.ordeal = ordeal;
        this.service = ordeal.service;
        this.random = new Random(seed);
    }

    /** Arguments: the launcher, how many random rounds, and a seed. */
    public static void main(String[] arguments) throws Exception {
        Path avo = Path.of(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        Path home = Files.createTempDirectory("avo-torture");
        boolean well = false;
        try {
            boolean killed = new Torture(new Ordeal(avo, home.resolve("killed")), seed).kills(rounds);
            boolean deserted = SickServers.run(avo, home.resolve("deserted"));
            boolean full = FullDisks.run(avo, home.resolve("full"));
            well = killed && deserted && full;
        } finally {
            if (well) {
                StepStore.remove(home);
            } else {
                System.out.println("left to be looked at: " + home + " (seed " + seed + ")");
            }
        }
        System.exit(well ? 0 : 1);
    }

    private boolean kills(int rounds) throws Exception {
        try {
            ordeal.start();
            for (String stage : STAGES) {
                for (String status : List.of("running", "succeeded")) {
                    killAt(stage + " " + status, document -> stands(document, stage, status));
                }
            }
            killAt(
                    "mid-ffmpeg",
                    document -> stands(document, "video_concat", "running") && Ordeal.programs(ordeal.home) > 0);
            for (int round = 1; round <= rounds; round++) {
                killAtRandom(round);
            }
            return ordeal.reckon();
        } finally {
            ordeal.kill();
        }
    }

    private void killAt(String moment, Predicate<JsonNode> reached) throws Exception {
        String id = ordeal.submit("film");
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
        ordeal.kill();
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
                ordeal.kill();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        killer.start();
        int many = 1 + random.nextInt(4);
        for (int i = 0; i < many; i++) {
            ordeal.submit(random.nextBoolean() ? "film" : "song");
        }
        killer.join();
        ordeal.kill();
        System.out.printf("kill -9 after %d ms of round %d, %d jobs submitted%n", after, round, many);
        service.start();
    }

    static boolean stands(JsonNode document, String stage, String status) {
        for (JsonNode record : document.path("stages")) {
            if (record.path("stage").asText().equals(stage)) {
                return record.path("status").asText().equals(status);
            }
        }
        return false;
    }
}
