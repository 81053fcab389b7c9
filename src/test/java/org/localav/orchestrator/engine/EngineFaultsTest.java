package org.localav.orchestrator.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobListener;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.process.Cancellation;

/** Jobs whose speech server or webhook receiver misbehaves. */
@Tag("tools")
class EngineFaultsTest {
    private static final String SECRET = "not a secret";
    private static final String SPOKEN =
            """
            job: {id: spoken, retry: {limit: 2, delay: 10ms, backoff: 1}}
            audio: {tracks: {voice: [{tts: {text: "Hello.", provider: openai}}]}}
            outputs: [{path: out/a.mp3, preset: mp3}]
            """;

    @TempDir
    Path folder;

    private final List<HttpExchange> told = Collections.synchronizedList(new ArrayList<>());
    private final List<byte[]> bodies = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger asked = new AtomicInteger();
    private HttpServer server;
    private Studio studio;
    private int failures;
    private int failureStatus = 500;
    private int hookStatus = 204;

    @BeforeEach
    void start() throws Exception {
        Studio.draw(folder);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        server.createContext("/v1/audio/speech", this::speak);
        server.createContext("/hook", this::hear);
        server.start();
        studio = new Studio(
                folder.resolve("home"),
                Map.of(
                        "tts.openai.base_url",
                        base() + "/v1",
                        "media.roots",
                        folder.toString(),
                        "webhook.allow",
                        "127.0.0.1"),
                Map.of("HOOK_SECRET", SECRET));
    }

    @AfterEach
    void stop() {
        studio.close();
        server.stop(0);
    }

    private String base() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void speak(HttpExchange exchange) throws IOException {
        boolean fails = asked.incrementAndGet() <= failures;
        byte[] answer =
                fails ? "busy".getBytes(StandardCharsets.UTF_8) : Files.readAllBytes(folder.resolve("voice.wav"));
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("Content-Type", fails ? "text/plain" : "audio/wav");
        exchange.getResponseHeaders().set("x-request-id", "vendor-1");
        exchange.sendResponseHeaders(fails ? failureStatus : 200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    private void hear(HttpExchange exchange) throws IOException {
        bodies.add(exchange.getRequestBody().readAllBytes());
        told.add(exchange);
        exchange.sendResponseHeaders(hookStatus, -1);
        exchange.close();
    }

    @Test
    void asksAgainWhenASpeechServerIsBusy() throws Exception {
        failures = 2;

        Job job = studio.run(SPOKEN);

        assertEquals(JobStatus.SUCCEEDED, job.status(), () -> job.failure().toString());
        assertEquals(3, asked.get());
        assertEquals(3, job.record("tts").attempts());
        assertEquals("vendor-1", job.steps().get(0).facts().get("vendor_response_id"));
        assertEquals(64, job.steps().get(0).facts().get("text_sha256").length());
    }

    @Test
    void givesUpAfterItsLimitAndKeepsWhyInTheReport() throws Exception {
        failures = 9;

        Job job = studio.run(SPOKEN);

        assertEquals(JobStatus.FAILED, job.status(), () -> asked + " " + job.notes());
        assertEquals(3, asked.get());
        JsonNode report = new ObjectMapper()
                .readTree(studio.engine.archive(job).resolve("report.json").toFile());
        assertTrue(report.at("/failure/sentence").asText().contains("500"), report.at("/failure")::toString);
        assertEquals(List.of(), studio.leftovers());
    }

    @Test
    void doesNotAskAgainForWhatWasRefused() throws Exception {
        failures = 9;
        failureStatus = 400;

        Job job = studio.run(SPOKEN);

        assertEquals(JobStatus.FAILED, job.status());
        assertEquals(1, asked.get());
    }

    @Test
    void saysWhatIsWrongWithAResultAlthoughFfmpegEndedWell() throws Exception {
        Path halving = folder.resolve("ffmpeg");
        Files.writeString(
                halving,
                """
                #!/bin/bash
                ffmpeg "$@" || exit
                file=${*: -1}
                [[ $file != *.wav ]] || truncate -s 1000 "${file#file:}"
                """);
        Files.setPosixFilePermissions(halving, PosixFilePermissions.fromString("rwx------"));
        try (Studio bad = new Studio(
                folder.resolve("bad"),
                Map.of("media.roots", folder.toString(), "ffmpeg.program", halving.toString()),
                Map.of())) {
            Job job = bad.run(
                    """
                    assets: {bed: ../../bed.wav}
                    audio: {tracks: {music: [{asset: bed}]}}
                    outputs: [{path: out/a.wav, preset: wav-master}]
                    """);

            assertEquals(JobStatus.FAILED, job.status());
            String why = job.failure().orElseThrow().getMessage();
            assertTrue(why.contains("ffmpeg ended well, but"), why);
            assertEquals(List.of(), bad.leftovers());
        }
    }

    @Test
    void failsRatherThanCutSpeechOff() throws Exception {
        Job job = studio.run(
                """
                assets: {one: ../../one.mp4}
                audio: {tracks: {voice: [{tts: {text: "Hello.", provider: openai}, start: 700ms}]}}
                video: {clips: [{asset: one}]}
                outputs: [{path: out/a.mp4, preset: tiny}]
                """);

        assertEquals(JobStatus.FAILED, job.status());
        String why = job.failure().orElseThrow().getMessage();
        assertTrue(why.contains("audio.tracks.voice[0] ends at 1.30 s, but the picture ends at 1.00 s"), why);
    }

    @Test
    void tellsAWebhookOnceWithASignature() throws Exception {
        Job job = studio.run(
                """
                job: {webhooks: [{url: "%s/hook", events: [succeeded], secret_env: HOOK_SECRET}]}
                assets: {bed: ../../bed.wav}
                audio: {tracks: {music: [{asset: bed}]}}
                outputs: [{path: out/a.mp3, preset: mp3}]
                """
                        .formatted(base()));

        assertEquals(JobStatus.SUCCEEDED, job.status(), () -> job.failure().toString());
        assertEquals(1, told.size(), job.notes()::toString);
        var headers = told.get(0).getRequestHeaders();
        String signed = headers.getFirst("webhook-id") + "." + headers.getFirst("webhook-timestamp") + "."
                + new String(bodies.get(0), StandardCharsets.UTF_8);
        assertEquals("v1," + hmac(signed), headers.getFirst("webhook-signature"));
        JsonNode message = new ObjectMapper().readTree(bodies.get(0));
        assertEquals("job.succeeded", message.path("type").asText());
        assertEquals(64, message.at("/data/outputs/0/sha256").asText().length());
    }

    @Test
    void tellsAWebhookOfAFailureAndOnlyOfWhatItAskedFor() throws Exception {
        failures = 9;
        failureStatus = 400;

        studio.run(SPOKEN.replace(
                "id: spoken",
                "id: spoken, webhooks: [{url: \"%s/hook\", events: [failed]}, {url: \"%s/hook\", events: [succeeded]}]"
                        .formatted(base(), base())));

        assertEquals(1, told.size());
        assertTrue(new String(bodies.get(0), StandardCharsets.UTF_8).contains("job.failed"));
    }

    @Test
    void tellsAWebhookOfTheStartAndOfTheEnd() throws Exception {
        studio.run(SPOKEN.replace(
                "id: spoken",
                "id: spoken, webhooks: [{url: \"%s/hook\", events: [started, succeeded]}]".formatted(base())));

        List<String> types = bodies.stream()
                .map(b -> new String(b, StandardCharsets.UTF_8).replaceAll(".*\"type\":\"([^\"]*)\".*", "$1"))
                .sorted()
                .toList();
        assertEquals(List.of("job.started", "job.succeeded"), types);
        assertEquals(
                2,
                told.stream()
                        .map(t -> t.getRequestHeaders().getFirst("webhook-id"))
                        .distinct()
                        .count());
    }

    @Test
    void notesAWebhookThatWasNotTold() throws Exception {
        hookStatus = 500;

        Job job = studio.run(SPOKEN.replace(
                "id: spoken", "id: spoken, webhooks: [{url: \"%s/hook\", events: [succeeded]}]".formatted(base())));

        assertEquals(JobStatus.SUCCEEDED, job.status());
        assertEquals(3, told.size());
        assertEquals(List.of("the webhook at 127.0.0.1 was not told job.succeeded: it answered 500"), job.notes());
    }

    @Test
    void aWebhookThatHangsDoesNotHoldUpCtrlC() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Cancellation cancellation = new Cancellation();
            CountDownLatch ended = new CountDownLatch(1);
            Thread ctrlC = new Thread(() -> {
                try {
                    mute.accept();
                    cancellation.cancel("the program was asked to end");
                    ended.await();
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            ctrlC.start();

            Job job = studio.run(
                    SPOKEN.replace(
                            "id: spoken",
                            "id: spoken, webhooks: [{url: \"http://127.0.0.1:%d/\", events: [succeeded]}]"
                                    .formatted(mute.getLocalPort())),
                    cancellation,
                    JobListener.NONE);

            ended.countDown();
            ctrlC.join();
            assertEquals(JobStatus.SUCCEEDED, job.status());
            Duration afterwards = Duration.between(job.endedAt().orElseThrow(), Instant.now());
            assertTrue(afterwards.compareTo(Duration.ofSeconds(8)) < 0, afterwards::toString);
            assertEquals(
                    List.of("the webhook at 127.0.0.1 was not told job.succeeded: there was no time left"),
                    job.notes());
        }
    }

    @Test
    void isBlockedByAWebhookThatLeadsInside() throws Exception {
        Job job = studio.run(SPOKEN.replace(
                "id: spoken", "id: spoken, webhooks: [{url: \"http://10.0.0.1/\"}, {url: \"http://127.0.0.2/\"}]"));

        List<String> sentences = ((BlockedException) job.failure().orElseThrow()).sentences();
        assertEquals(2, sentences.size());
        assertTrue(
                sentences
                        .get(0)
                        .contains("job.yaml:2:36: job.webhooks[0].url: the host is 10.0.0.1, a private address"),
                sentences.get(0));
        assertEquals(0, asked.get());
    }

    private static String hmac(String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    }
}
