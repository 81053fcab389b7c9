package org.localav.orchestrator.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.process.ProcessLimits;
import org.localav.orchestrator.process.Processes;
import org.localav.orchestrator.speech.Requests;
import org.localav.orchestrator.speech.SpeechAnswer;
import org.localav.orchestrator.speech.SpeechException;
import org.localav.orchestrator.speech.SpeechRequest;

@Tag("tools")
@Timeout(60)
class SpeechServerTest {
    @TempDir
    static Path folder;

    private static SpeechServer server;
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static SpeechServer server(String program, int port) {
        return new SpeechServer(
                () -> RouteFolder.read(Path.of("routes")),
                new Processes(ProcessLimits.DEFAULT, folder.resolve("pids")),
                new SpeechServer.Settings(port, 2, program));
    }

    @BeforeAll
    static void start() {
        server = server("espeak-ng", 0);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpRequest.Builder request(SpeechServer from) throws SpeechException {
        return HttpRequest.newBuilder(URI.create(from.baseUrl() + "/audio/speech"))
                .header("Content-Type", "application/json");
    }

    private static HttpResponse<byte[]> post(String json) throws Exception {
        return CLIENT.send(request(server).POST(BodyPublishers.ofString(json)).build(), BodyHandlers.ofByteArray());
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    @Test
    void speaksInWavAndLeavesNoFile() throws Exception {
        List<Path> before = voices();
        HttpResponse<byte[]> english = post("{\"input\": \"Welcome to the tour.\", \"voice\": \"en-us\"}");
        HttpResponse<byte[]> chinese = post("{\"input\": \"欢迎。\", \"voice\": \"cmn\"}");

        assertEquals(200, english.statusCode(), () -> text(english));
        assertEquals("audio/wav", english.headers().firstValue("Content-Type").orElseThrow());
        assertEquals("RIFF", new String(english.body(), 0, 4, StandardCharsets.US_ASCII));
        assertTrue(english.body().length > 40_000, "about a second of 22.05 kHz in 16 bit");
        assertTrue(chinese.body().length > 20_000);
        assertFalse(english.headers().firstValue("Content-Type").orElseThrow().contains("json"));
        assertEquals(before, voices());
    }

    /** The folders of requests, of other processes too. */
    private static List<Path> voices() throws Exception {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(f -> f.getFileName().toString().startsWith("avo-voice"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void removesWhatAKilledProcessHasLeft() throws Exception {
        Path left = Files.createTempDirectory("avo-voice");
        Path used = Files.createTempDirectory("avo-voice");
        Files.writeString(left.resolve("text"), "left by a killed process");
        Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofHours(1))));

        try (SpeechServer fresh = server("espeak-ng", 0)) {
            fresh.baseUrl();

            assertFalse(Files.exists(left));
            assertTrue(Files.exists(used), "another process may speak now");
        } finally {
            Files.delete(used);
        }
    }

    @Test
    void speaksFasterAndTakesNothingForAnOption() throws Exception {
        int plain = post("{\"input\": \"-f /etc/passwd is only a text\"}").body().length;
        int fast = post("{\"input\": \"-f /etc/passwd is only a text\", \"speed\": 2}")
                .body()
                .length;

        assertTrue(plain > 80_000, () -> "spoken: " + plain);
        assertTrue(fast < plain * 0.7, () -> fast + " of " + plain);
    }

    @Test
    void refusesInOpenAisShape() throws Exception {
        HttpResponse<byte[]> refused = post("{\"input\": \"a\", \"voice\": \"en-uss\"}");

        assertEquals(400, refused.statusCode());
        assertEquals(
                "application/json", refused.headers().firstValue("Content-Type").orElseThrow());
        assertTrue(
                text(refused).startsWith("{\"error\":{\"message\":\"there is no voice 'en-uss'; did you mean 'en-us'?"),
                text(refused));
    }

    @Test
    void turnsAwayWhatIsNoRequest() throws Exception {
        List<HttpResponse<byte[]>> refused = List.of(
                CLIENT.send(request(server).GET().build(), BodyHandlers.ofByteArray()),
                CLIENT.send(
                        HttpRequest.newBuilder(URI.create(server.baseUrl() + "/audio/nothing"))
                                .POST(BodyPublishers.ofString("{}"))
                                .build(),
                        BodyHandlers.ofByteArray()),
                CLIENT.send(
                        request(server)
                                .setHeader("Content-Type", "text/plain")
                                .POST(BodyPublishers.ofString("{\"input\": \"a\"}"))
                                .build(),
                        BodyHandlers.ofByteArray()),
                post("{\"input\": \"" + "a".repeat(70_000) + "\"}"),
                post(""));

        assertEquals(
                List.of(405, 404, 415, 413, 400),
                refused.stream().map(HttpResponse::statusCode).toList());
        for (HttpResponse<byte[]> response : refused) {
            assertEquals(
                    "application/json",
                    response.headers().firstValue("Content-Type").orElseThrow());
            assertEquals(
                    "invalid_request_error",
                    new ObjectMapper()
                            .readTree(response.body())
                            .at("/error/type")
                            .asText(),
                    () -> text(response));
        }
    }

    @Test
    void speaksManyAtOnce() throws Exception {
        var requests = Stream.iterate(1, i -> i + 1)
                .limit(12)
                .map(i -> CLIENT.sendAsync(sentence("Sentence number " + i), BodyHandlers.ofByteArray()))
                .toList();

        assertEquals(
                List.of(200),
                requests.stream().map(r -> r.join().statusCode()).distinct().toList());
    }

    private static HttpRequest sentence(String text) {
        try {
            return request(server)
                    .POST(BodyPublishers.ofString("{\"input\": \"" + text + "\"}"))
                    .build();
        } catch (SpeechException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void isStartedByTheFirstSentenceOfItsProvider() throws Exception {
        try (SpeechServer lazy = server("espeak-ng", 0)) {
            var providers = new SpeechProviders(Map.of(), Map.of(), lazy);
            DefaultCamelContext context = Generation.context("speech-local-test", false, camel -> {
                providers.beans().forEach((name, bean) -> camel.getRegistry().bind(name, bean));
            });
            try {
                Generation.load(context, RouteFolder.read(Path.of("routes")).only(name -> name.startsWith("tts-")));
                context.start();
                assertFalse(lazy.running());

                SpeechRequest request = Requests.in(
                        Requests.of("Hi.", "one", folder.resolve("spoken")), Optional.empty(), Optional.of("de"));
                Exchange spoken = context.createProducerTemplate()
                        .send("direct:tts-local", exchange -> exchange.getMessage()
                                .setBody(request));

                assertNull(spoken.getException());
                Path file = spoken.getMessage().getBody(SpeechAnswer.class).file();
                assertEquals("RIFF", new String(Files.readAllBytes(file), 0, 4, StandardCharsets.US_ASCII));
                assertTrue(lazy.running());
            } finally {
                context.stop();
            }
        }
    }

    @Test
    void saysWhatIsMissingWhenTheProgramIs() throws Exception {
        try (SpeechServer mute = server("no-such-espeak", 0)) {
            HttpResponse<String> response = CLIENT.send(
                    request(mute)
                            .POST(BodyPublishers.ofString("{\"input\": \"a\"}"))
                            .build(),
                    BodyHandlers.ofString());

            assertEquals(501, response.statusCode());
            assertTrue(response.body().contains("no-such-espeak is not installed"), response.body());
        }
    }

    @Test
    void saysWhenItsPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                SpeechServer late = server("espeak-ng", taken.getLocalPort())) {
            var failure = assertThrows(SpeechException.class, late::baseUrl);

            assertTrue(
                    failure.getMessage().contains(":" + taken.getLocalPort() + " (speech.port)"), failure.getMessage());
            assertFalse(late.running());
        }
    }
}
