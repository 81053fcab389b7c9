package org.localav.orchestrator.route;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.process.CancelledException;
import org.localav.orchestrator.speech.Fingerprint;
import org.localav.orchestrator.speech.Requests;
import org.localav.orchestrator.speech.SpeechAnswer;
import org.localav.orchestrator.speech.SpeechException;
import org.localav.orchestrator.speech.SpeechRequest;
import org.localav.orchestrator.stage.Retries;

/** The provider routes of the folder, against good servers and bad ones. */
@Timeout(60)
class SpeechProvidersTest {
    private static final String KEY = "sk-very-secret";
    private static final byte[] SOUND = "RIFF....WAVE".getBytes(StandardCharsets.US_ASCII);
    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\n";

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final Map<String, String> settings = new HashMap<>(Map.of("tts.openai.key_env", "KEY"));
    private final List<Map.Entry<String, String>> asked = new CopyOnWriteArrayList<>();
    private DefaultCamelContext context;

    @AfterEach
    void close() throws Exception {
        if (context != null) {
            context.stop();
        }
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private FaultyServer faulty(FaultyServer server) {
        open.add(server);
        settings.put("tts.openai.base_url", server.url());
        return server;
    }

    private interface Reply {
        void to(HttpExchange call) throws IOException;
    }

    /** A decent server, which is what both kinds of provider are set to. */
    private void good(Reply reply) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 50);
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "good-server");
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext("/", call -> {
            String body = new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            asked.add(Map.entry(
                    call.getRequestURI() + " " + call.getRequestHeaders().entrySet(), body));
            reply.to(call);
            call.close();
        });
        server.start();
        open.add(() -> server.stop(0));
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        settings.put("tts.openai.base_url", url + "/v1");
        settings.put("tts.http.url", url + "/say?v=2");
    }

    private static void send(HttpExchange call, int status, String type, byte[] body) throws IOException {
        call.getResponseHeaders().set("Content-Type", type);
        call.getResponseHeaders().set("X-Request-Id", "vendor-42");
        call.sendResponseHeaders(status, body.length);
        call.getResponseBody().write(body);
    }

    private DefaultCamelContext context() throws Exception {
        if (context == null) {
            var providers = new SpeechProviders(settings, Map.of("KEY", KEY), () -> {
                throw SpeechException.lasting("no local server here");
            });
            context = Generation.context("speech-test", false, camel -> {
                providers.beans().forEach((name, bean) -> camel.getRegistry().bind(name, bean));
            });
            Generation.load(context, RouteFolder.read(Path.of("routes")).only(name -> name.startsWith("tts-")));
            context.start();
        }
        return context;
    }

    private Exchange send(String provider, SpeechRequest request) throws Exception {
        return context().createProducerTemplate().send("direct:tts-" + provider, exchange -> {
            exchange.getMessage().setHeader("Left-Over", "from another step");
            exchange.getMessage().setBody(request);
        });
    }

    private SpeechAnswer speak(String provider, String text) throws Exception {
        Exchange done = send(provider, Requests.of(text, "call-" + text.hashCode(), folder));
        if (done.getException() != null) {
            throw done.getException();
        }
        assertTrue(done.getMessage().getHeaders().isEmpty());
        return done.getMessage().getBody(SpeechAnswer.class);
    }

    private SpeechException failure() throws Exception {
        return failure(Requests.of("Hello", "call-1", folder));
    }

    private SpeechException failure(SpeechRequest request) throws Exception {
        Exception thrown = send("openai", request).getException();
        SpeechException failure = assertInstanceOf(SpeechException.class, thrown);
        assertTrue(failure.getMessage().startsWith("the speech provider 'openai' "), failure.getMessage());
        assertFalse(failure.getMessage().contains(KEY), failure.getMessage());
        return failure;
    }

    @Test
    void speaksThroughAnOpenAiServer() throws Exception {
        good(call -> send(call, 200, "audio/wav; rate=22050", SOUND));

        SpeechAnswer answer = speak("openai", "Say \"this\"\\\n😀");

        assertArrayEquals(SOUND, Files.readAllBytes(answer.file()));
        assertEquals("audio/wav", answer.contentType());
        assertEquals(Optional.of("vendor-42"), answer.vendorResponseId());
        String head = asked.get(0).getKey();
        assertTrue(head.startsWith("/v1/audio/speech "), head);
        assertTrue(head.contains("Bearer " + KEY), head);
        assertTrue(head.contains("call-"), head);
        assertFalse(head.contains("Left-"), head);
        assertTrue(asked.get(0).getValue().contains("\"input\":\"Say \\\"this\\\"\\\\\\n😀\""), asked.toString());
    }

    @Test
    void speaksThroughATemplateWithBase64() throws Exception {
        settings.put("tts.http.headers", "{\"X-Key\": \"${ENV:KEY}\"}");
        settings.put("tts.http.body", "{\"say\": \"{text}\"}");
        settings.put("tts.http.sound", "/audio");
        good(call -> send(call, 200, "application/json", "{\"audio\": \"UklGRg==\"}".getBytes(StandardCharsets.UTF_8)));

        SpeechAnswer answer = speak("http", "${body} {{key}} \"x\"");

        assertEquals("RIFF", Files.readString(answer.file()));
        assertTrue(asked.get(0).getKey().startsWith("/say?v=2 "), asked.toString());
        assertTrue(asked.get(0).getKey().contains(KEY));
        assertEquals("{\"say\":\"${body} {{key}} \\\"x\\\"\"}", asked.get(0).getValue());
    }

    @Test
    void keepsToTheNumberOfCallsAtOnce() throws Exception {
        settings.put("tts.parallel.openai", "2");
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        good(call -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            send(call, 200, "audio/wav", SOUND);
            now.decrementAndGet();
        });
        context();

        List<CompletableFuture<Exchange>> calls = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            SpeechRequest request = Requests.of("Hello", "many-" + i, folder.resolve("f" + i));
            calls.add(CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return send("openai", request);
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    Executors.newCachedThreadPool()));
        }

        for (CompletableFuture<Exchange> call : calls) {
            assertEquals(null, call.get().getException());
        }
        assertTrue(most.get() <= 2, () -> most + " at once");
    }

    @Test
    void givesTheTurnBackWhenACallFails() throws Exception {
        settings.put("tts.parallel.openai", "1");
        good(call -> send(call, 400, "application/json", new byte[0]));

        assertEquals(400, failure().status());
        assertEquals(400, failure().status());
    }

    @Test
    void hidesTheKeyAServerRepeats() throws Exception {
        String body = "{\"error\": {\"message\": \"Incorrect API key provided: " + KEY + ".\"}}";
        good(call -> send(call, 401, "application/json", body.getBytes(StandardCharsets.UTF_8)));

        SpeechException failure = failure();

        assertEquals(
                "the speech provider 'openai' answered 401: Incorrect API key provided: ***.", failure.getMessage());
        assertFalse(failure.retryable());
    }

    @Test
    void waitsAsLongAsABusyServerAsks() throws Exception {
        good(call -> {
            call.getResponseHeaders().set("Retry-After", "7");
            send(call, 429, "application/json", "{\"error\": \"slow down\"}".getBytes(StandardCharsets.UTF_8));
        });

        SpeechException failure = failure();

        assertEquals(
                "the speech provider 'openai' answered 429 (it asks to wait 7 s): slow down", failure.getMessage());
        assertTrue(failure.retryable());
        assertEquals(Optional.of(Duration.ofSeconds(7)), failure.retryAfter());
        assertEquals(1, asked.size(), "the client itself must not try again");
    }

    @Test
    void followsNoRedirect() throws Exception {
        good(call -> {
            call.getResponseHeaders().set("Location", "/v1/elsewhere");
            send(call, 302, "text/html", new byte[0]);
        });

        assertEquals(302, failure().status());
        assertEquals(1, asked.size());
    }

    @Test
    void refusesAPageInsteadOfSound() throws Exception {
        good(call -> send(call, 200, "text/html; charset=utf-8", "<html>".getBytes(StandardCharsets.UTF_8)));

        SpeechException failure = failure();

        assertEquals("the speech provider 'openai' answered with text/html and not with sound", failure.getMessage());
        assertFalse(failure.retryable());
    }

    @Test
    void refusesAnEmptyAnswer() throws Exception {
        faulty(FaultyServer.saying(HEAD + "Content-Length: 0\r\n\r\n"));

        assertEquals(
                "the speech provider 'openai' answered without any sound",
                failure().getMessage());
    }

    @Test
    void noticesACutBody() throws Exception {
        faulty(FaultyServer.saying(HEAD + "Content-Length: 1000\r\n\r\nRIFF"));
        assertTrue(failure().retryable());
        context.stop();
        context = null;

        faulty(FaultyServer.saying(HEAD + "Transfer-Encoding: chunked\r\n\r\n4\r\nRIFF\r\n"));
        assertTrue(failure().retryable());
    }

    @Test
    void noticesAReset() throws Exception {
        faulty(new FaultyServer((socket, out) -> socket.setSoLinger(true, 0)));

        SpeechException failure = failure();

        assertTrue(failure.retryable());
        assertTrue(failure.getMessage().contains("could not be reached or broke off"), failure.getMessage());
    }

    @Test
    void saysThatNobodyListens() throws Exception {
        faulty(FaultyServer.saying("")).close();

        assertTrue(failure().retryable());
    }

    @Test
    void speaksTlsWhereTheAddressSaysSo() throws Exception {
        FaultyServer server = faulty(FaultyServer.saying(""));
        settings.put("tts.openai.base_url", server.url().replace("http:", "https:"));

        SpeechException failure =
                failure(Requests.withLimit(Requests.of("Hello", "tls", folder), Duration.ofSeconds(2)));

        assertEquals(List.of(), server.heads, "nothing readable was sent");
        assertTrue(failure.retryable());
    }

    @Test
    void refusesAnAnswerThatSaysItIsTooLarge() throws Exception {
        faulty(FaultyServer.dripping(HEAD + "Content-Length: 999999999\r\n\r\n", new byte[1], 50));

        assertEquals(
                "the speech provider 'openai' sends more than the 100000 bytes that tts.limit allows",
                failure().getMessage());
    }

    @Test
    void doesNotBlameTheProviderForAFullDisk() throws Exception {
        good(call -> send(call, 200, "audio/wav; rate=22050", SOUND));
        Files.createSymbolicLink(folder.resolve("answer"), Path.of("/dev/full"));

        Exception thrown =
                send("openai", Requests.of("Hello", "call-1", folder)).getException();

        assertEquals(folder.resolve("answer") + ": No space left on device", thrown.getMessage());
        assertTrue(Retries.worthwhile(thrown), "somebody may make room");
    }

    @Test
    void endsAnEndlessAnswerAtTheLimit() throws Exception {
        FaultyServer server = faulty(FaultyServer.dripping(HEAD + "\r\n", new byte[4096], 0));

        SpeechException failure = failure();

        assertTrue(failure.getMessage().endsWith("bytes that tts.limit allows"), failure.getMessage());
        assertTrue(server.left.await(20, TimeUnit.SECONDS), "the connection is given up, not read to its end");
    }

    @Test
    void endsADripAtTheDeadline() throws Exception {
        FaultyServer server = faulty(FaultyServer.dripping(HEAD + "\r\n", new byte[1], 50));

        SpeechException failure =
                failure(Requests.withLimit(Requests.of("Hello", "late", folder), Duration.ofMillis(700)));

        assertEquals("the speech provider 'openai' did not finish within 0.7 s (tts.timeout)", failure.getMessage());
        assertTrue(failure.retryable());
        assertTrue(server.left.await(20, TimeUnit.SECONDS));
    }

    @Test
    void endsSlowHeadersAtTheDeadline() throws Exception {
        faulty(FaultyServer.dripping("HTTP/1.1 200 OK\r\nX-Slow: ", new byte[] {'a'}, 50));

        assertTrue(failure(Requests.withLimit(Requests.of("Hello", "late", folder), Duration.ofMillis(700)))
                .getMessage()
                .contains("did not finish within 0.7 s"));
    }

    @Test
    void endsACallWhenCancelledAtAnyMoment() throws Exception {
        for (String head : List.of("", HEAD, HEAD + "\r\n")) {
            FaultyServer server = faulty(FaultyServer.dripping(head, "a".getBytes(StandardCharsets.US_ASCII), 20));
            SpeechRequest request = Requests.of("Hello", "cancelled-" + head.length(), folder);
            CompletableFuture<Exchange> call = new CompletableFuture<>();
            context();
            Thread caller = new Thread(() -> {
                try {
                    call.complete(send("openai", request));
                } catch (Exception e) {
                    call.completeExceptionally(e);
                }
            });
            caller.start();
            server.asked.await();

            request.cancellation().cancel("the user pressed Ctrl-C");

            Exception thrown = call.get(10, TimeUnit.SECONDS).getException();
            assertEquals(
                    "the user pressed Ctrl-C",
                    assertInstanceOf(CancelledException.class, thrown).getMessage());
            context.stop();
            context = null;
        }
    }

    @Test
    void sendsNothingWhenCancelledBefore() throws Exception {
        good(call -> send(call, 200, "audio/wav", SOUND));
        SpeechRequest request = Requests.of("Hello", "early", folder);
        request.cancellation().cancel("no longer wanted");

        assertInstanceOf(CancelledException.class, send("openai", request).getException());
        assertEquals(List.of(), asked);
    }

    @Test
    void asksAnotherServerOfAKnownKindByARouteOfItsOwn() throws Exception {
        good(call -> send(call, 200, "audio/wav", SOUND));
        settings.put("tts.groq.base_url", settings.get("tts.openai.base_url") + "/groq");
        settings.put("tts.groq.model", "orpheus");
        String route = Files.readString(Path.of("routes/tts-openai.camel.yaml")).replace("tts-openai", "tts-groq");
        Generation.load(
                context(),
                RouteFolder.read(Files.writeString(
                                Files.createDirectories(folder.resolve("own")).resolve("tts-groq.camel.yaml"), route)
                        .getParent()));

        speak("groq", "Hello");

        assertTrue(asked.get(0).getKey().startsWith("/v1/groq/audio/speech "), asked.toString());
        assertTrue(asked.get(0).getValue().contains("orpheus"));
        assertEquals(List.of("groq", "http", "local", "openai"), SpeechProviders.names(context));
        assertEquals("direct:tts-groq", SpeechProviders.endpoint(context, "groq"));
    }

    @Test
    void suggestsAProviderThatExists() throws Exception {
        DefaultCamelContext camel = context();

        var failure = assertThrows(SpeechException.class, () -> SpeechProviders.endpoint(camel, "opnai"));

        assertEquals(
                "there is no speech provider 'opnai' (a route tts-NAME in the group tts-provider); did you mean 'openai'?"
                        + " known: http, local, openai",
                failure.getMessage());
    }

    @Test
    void countsTheModelInAStepsKeyButNoSecret() {
        settings.put("tts.openai.model", "tts-1");
        String before = Fingerprint.of(settings, "openai");
        settings.put("tts.openai.key_env", "OTHER");
        String sameModel = Fingerprint.of(settings, "openai");
        settings.put("tts.openai.model", "tts-1-hd");

        assertEquals(before, sameModel);
        assertFalse(before.equals(Fingerprint.of(settings, "openai")));
        assertEquals("", Fingerprint.of(settings, "local"));
    }
}
