package org.localav.orchestrator.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.plan.SpeechRecipe;
import org.localav.orchestrator.process.CancelledException;
import org.localav.orchestrator.speech.SpeechException;

/** Sentences from the step to the step store, along the shipped routes. */
@Tag("tools")
@Timeout(60)
class SpeechBeansTest {
    @TempDir
    Path folder;

    private final Map<String, String> settings = new HashMap<>();
    private SpeechBench bench;
    private HttpServer vendor;
    private final AtomicInteger asked = new AtomicInteger();

    @AfterEach
    void close() {
        if (bench != null) {
            bench.close();
        }
        if (vendor != null) {
            vendor.stop(0);
        }
    }

    private SpeechBench bench() throws Exception {
        bench = new SpeechBench(folder, settings, Map.of("OPENAI_API_KEY", "sk-very-secret"), Map.of());
        return bench;
    }

    /** Answers every request with the same bytes. */
    private void vendor(byte[] sound) throws IOException {
        vendor = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        vendor.createContext("/v1/audio/speech", call -> {
            call.getRequestBody().readAllBytes();
            asked.incrementAndGet();
            call.getResponseHeaders().set("Content-Type", "audio/wav");
            call.getResponseHeaders().set("X-Request-Id", "req-42");
            call.sendResponseHeaders(200, sound.length);
            call.getResponseBody().write(sound);
            call.close();
        });
        vendor.start();
        settings.put(
                "tts.openai.base_url", "http://127.0.0.1:" + vendor.getAddress().getPort() + "/v1");
    }

    private static SpeechRecipe sentence(String provider, String text) {
        return SpeechBench.sentence(provider, text);
    }

    @Test
    void keepsASentenceWithWhatTheAuditWantsAndWithoutItsText() throws Exception {
        StepStore.Entry entry = bench().speak(sentence("local", "Welcome to the tour."));

        assertTrue(entry.measured().duration().toMillis() > 500, entry.toString());
        assertEquals("local", entry.facts().get("provider"));
        assertEquals(Keys.sha256("Welcome to the tour."), entry.facts().get("text_sha256"));
        assertTrue(entry.facts().get("request_id").length() >= 32, entry.toString());
        assertFalse(entry.facts().toString().contains("Welcome"), entry.toString());
        assertEquals(entry.facts(), bench.job.steps().get(0).facts());
    }

    @Test
    void recordsTheVendorsResponseId() throws Exception {
        Path wav = bench().speak(sentence("local", "One.")).file();
        byte[] sound = Files.readAllBytes(wav);
        bench.close();
        vendor(sound);

        StepStore.Entry entry = bench().speak(sentence("openai", "One."));

        assertEquals("req-42", entry.facts().get("vendor_response_id"));
    }

    @Test
    void leavesNothingInTheJobsFolder() throws Exception {
        bench().speak(sentence("local", "Tidy."));

        try (Stream<Path> left = Files.walk(bench.job.work())) {
            assertEquals(List.of(), left.filter(Files::isRegularFile).toList());
        }
    }

    @Test
    void speaksChineseWhereOnlyTheLanguageIsNamed() throws Exception {
        SpeechRecipe chinese = new SpeechRecipe("local", Optional.empty(), Optional.of("cmn"), 1, "欢迎。", "wav");

        assertTrue(bench().speak(chinese).measured().duration().toMillis() > 200);
    }

    @Test
    void speaksFasterWhenAskedTo() throws Exception {
        String text = "The quick brown fox jumps over the lazy dog.";
        Duration usual = bench().speak(sentence("local", text)).measured().duration();

        Duration fast = bench.speak(new SpeechRecipe("local", Optional.empty(), Optional.empty(), 2, text, "wav"))
                .measured()
                .duration();

        assertTrue(fast.multipliedBy(4).compareTo(usual.multipliedBy(3)) < 0, usual + " and " + fast);
    }

    @Test
    void buysNothingThatTheStoreHoldsByNow() throws Exception {
        Path wav = bench().speak(sentence("local", "One.")).file();
        byte[] sound = Files.readAllBytes(wav);
        bench.close();
        vendor(sound);
        SpeechRecipe bought = sentence("openai", "Bought once.");

        bench().speak(bought);
        bench.speak(bought);

        assertEquals(1, asked.get());
        assertTrue(bench.job.steps().get(0).reused());
    }

    @Test
    void namesTheNearestProvider() throws Exception {
        bench();

        SpeechException e = assertThrows(SpeechException.class, () -> bench.speak(sentence("opnai", "Hello.")));

        assertTrue(e.getMessage().contains("did you mean 'openai'?"), e.getMessage());
        assertFalse(e.retryable());
    }

    @Test
    void refusesSoundThatCannotBePlayed() throws Exception {
        vendor("this is no sound at all".getBytes(StandardCharsets.UTF_8));
        bench();

        SpeechException e = assertThrows(SpeechException.class, () -> bench.speak(sentence("openai", "Hello.")));

        assertTrue(e.getMessage().contains("that is no sound"), e.getMessage());
        assertFalse(bench.workshop.store().holds(Keys.of(sentence("openai", "Hello."), "")));
    }

    @Test
    void givesItsTurnBackWhenAProviderFails() throws Exception {
        settings.put("tts.parallel.openai", "1");
        try (FaultyServer faulty =
                FaultyServer.saying("HTTP/1.1 500 Oops\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")) {
            settings.put("tts.openai.base_url", faulty.url());
            bench();

            for (int i = 0; i < 3; i++) {
                SpeechException e =
                        assertThrows(SpeechException.class, () -> bench.speak(sentence("openai", "Hello.")));
                assertEquals(500, e.status(), e.getMessage());
                assertTrue(e.retryable());
            }
        }
    }

    @Test
    void endsARequestInFlightWhenTheJobIsCancelled() throws Exception {
        String head = "HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\n\r\n";
        try (FaultyServer dripping = FaultyServer.dripping(head, new byte[] {0}, 50)) {
            settings.put("tts.openai.base_url", dripping.url());
            bench();
            CompletableFuture<StepStore.Entry> spoken = CompletableFuture.supplyAsync(() -> {
                try {
                    return bench.speak(sentence("openai", "Hello."));
                } catch (CancelledException e) {
                    throw e;
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            assertTrue(dripping.asked.await(20, TimeUnit.SECONDS));

            bench.cancellation.cancel("stopped by a test");

            // CompletableFuture turns the CancellationException of a task into its own.
            Exception e = assertThrows(Exception.class, () -> spoken.get(20, TimeUnit.SECONDS));
            assertTrue(
                    e instanceof java.util.concurrent.CancellationException
                            || e instanceof ExecutionException
                                    && e.getCause() instanceof java.util.concurrent.CancellationException,
                    e.toString());
            assertTrue(dripping.left.await(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void checkingTheRoutesFindsEveryBeanOfSpeech() throws Exception {
        bench();

        RouteCheck.Findings found = RouteCheck.check(folder.resolve("routes"), bench.beans()::prepare);

        assertEquals(List.of(), found.faults());
    }
}
