package org.localav.orchestrator.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.audit.AuditCheck;
import org.localav.orchestrator.engine.Studio;
import org.localav.orchestrator.trace.Caller;
import org.localav.orchestrator.trace.TraceParent;

/** What a job leaves behind for others to follow: spans, audit lines and ids, with real receivers of each. */
@Tag("tools")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TrailTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";
    private static final String SENTENCE = "Unspeakable words.";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path home;

    private final Queue<Span> spans = new ConcurrentLinkedQueue<>();
    private final Map<String, String> asked = new ConcurrentHashMap<>();
    private HttpServer server;

    @BeforeEach
    void listen() throws Exception {
        Studio.draw(home);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", this::trace);
        server.createContext("/speech", this::speak);
        server.createContext("/hook", exchange -> {
            note("hook", exchange);
            answer(exchange, new byte[0]);
        });
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
    }

    private void trace(HttpExchange exchange) throws IOException {
        ExportTraceServiceRequest.parseFrom(exchange.getRequestBody()).getResourceSpansList().stream()
                .flatMap(resource -> resource.getScopeSpansList().stream())
                .forEach(scope -> spans.addAll(scope.getSpansList()));
        answer(exchange, new byte[0]);
    }

    private void speak(HttpExchange exchange) throws IOException {
        note("speech", exchange);
        exchange.getResponseHeaders().set("Content-Type", "audio/wav");
        exchange.getResponseHeaders().set("X-Request-Id", "vendor-9");
        answer(exchange, Files.readAllBytes(home.resolve("voice.wav")));
    }

    private void note(String call, HttpExchange exchange) {
        for (String name : List.of("traceparent", "X-Request-Id")) {
            asked.put(
                    call + " " + name,
                    String.valueOf(exchange.getRequestHeaders().getFirst(name)));
        }
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        exchange.getRequestBody().readAllBytes();
        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String address(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private Hall hall(Map<String, String> environment) throws Exception {
        return new Hall(
                home,
                Map.of(
                        "media.roots", home.toString(),
                        "webhook.allow", "127.0.0.1",
                        "tts.http.url", address("/speech")),
                environment);
    }

    private String spoken() {
        return "job: {id: spoken, webhooks: [{url: \"" + address("/hook?sig=s3cret") + "\", events: [succeeded]}]}\n"
                + "audio: {tracks: {a: [{tts: {text: \"" + SENTENCE + "\", provider: http}}]}}\n"
                + "outputs: [{path: out/spoken.wav, preset: wav-master}]\n";
    }

    private static final String FAILING =
            "job: {id: failing}\nassets: {a: nowhere.wav}\naudio: {tracks: {a: [{asset: a}]}}\n"
                    + "outputs: [{path: out/failing.wav, preset: wav-master}]\n";

    private void accept(Hall hall, String spec, String requestId) throws Exception {
        try (Caller.Scope client = new Caller("http:token", requestId, TraceParent.read(PARENT)).enter()) {
            hall.accept(spec);
        }
    }

    private static String hex(com.google.protobuf.ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    private Span span(String job, String name) {
        List<Span> jobs = named("job").stream()
                .filter(span -> attribute(span, "avo.job_id").equals(job))
                .toList();
        assertEquals(1, jobs.size());
        return name.equals("job")
                ? jobs.get(0)
                : named(name).stream()
                        .filter(span -> ancestors(span).contains(jobs.get(0).getSpanId()))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("no " + name + " of " + job));
    }

    private List<com.google.protobuf.ByteString> ancestors(Span span) {
        List<com.google.protobuf.ByteString> found = new ArrayList<>();
        Map<com.google.protobuf.ByteString, Span> all =
                spans.stream().collect(Collectors.toMap(Span::getSpanId, one -> one));
        for (Span one = span; one != null; one = all.get(one.getParentSpanId())) {
            found.add(one.getParentSpanId());
        }
        return found;
    }

    private List<Span> named(String name) {
        return spans.stream().filter(span -> span.getName().equals(name)).toList();
    }

    private static String attribute(Span span, String name) {
        return span.getAttributesList().stream()
                .filter(attribute -> attribute.getKey().equals(name))
                .map(attribute -> attribute.getValue().getStringValue())
                .findFirst()
                .orElse("");
    }

    @Test
    void exportsJobStageAndStepInTheTraceThatTheRequestCameWith() throws Exception {
        try (Hall hall = hall(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", address("")))) {
            hall.service.start();
            accept(hall, spoken(), "req-1");
            accept(hall, FAILING, "req-2");
            hall.awaitStatus("spoken", "succeeded");
            hall.awaitStatus("failing", "failed");
            hall.await("the webhook is told", () -> asked.containsKey("hook traceparent"));
        }

        assertTrue(spans.stream().allMatch(span -> hex(span.getTraceId()).equals(TRACE)));
        assertTrue(named("accept").stream()
                .allMatch(span -> hex(span.getParentSpanId()).equals("00f067aa0ba902b7")));
        Span job = span("spoken", "job");
        assertTrue(named("accept").stream().anyMatch(span -> span.getSpanId().equals(job.getParentSpanId())));
        for (String stage : List.of("prepare", "tts", "audio_mix", "mux", "finish")) {
            assertEquals(job.getSpanId(), span("spoken", "stage " + stage).getParentSpanId(), stage);
        }
        Span step = span("spoken", "step speech");
        assertEquals(span("spoken", "stage tts").getSpanId(), step.getParentSpanId());
        assertEquals("succeeded", attribute(step, "avo.status"));
        assertEquals(
                span("spoken", "stage mux").getSpanId(),
                span("spoken", "step mux").getParentSpanId());
        assertEquals(Status.StatusCode.STATUS_CODE_UNSET, job.getStatus().getCode());
        assertEquals("00-" + TRACE + "-" + hex(step.getSpanId()) + "-01", asked.get("speech traceparent"));
        assertTrue(asked.get("hook traceparent").startsWith("00-" + TRACE + "-"), asked.toString());

        Span failed = span("failing", "stage prepare");
        assertEquals(Status.StatusCode.STATUS_CODE_ERROR, failed.getStatus().getCode());
        assertEquals("invalid_input", failed.getStatus().getMessage());
        assertEquals("failed", attribute(span("failing", "job"), "avo.status"));
        assertFalse(spans.toString().contains("Unspeakable"));
    }

    @Test
    void passesTheTraceOnAndExportsNothingUnlessAsked() throws Exception {
        try (Hall hall = hall(Map.of())) {
            hall.service.start();
            accept(hall, spoken(), "req-1");
            hall.awaitStatus("spoken", "succeeded");
            hall.await("the webhook is told", () -> asked.containsKey("hook traceparent"));

            assertEquals(PARENT, asked.get("speech traceparent"));
            assertEquals(PARENT, asked.get("hook traceparent"));
            assertEquals(
                    "req-1",
                    JSON.readTree(hall.service.report("spoken").orElseThrow())
                            .get("request_id")
                            .asText());
            assertEquals(
                    "req-1",
                    JSON.readTree(hall.service
                                    .events(Optional.of("spoken"), 0, 1)
                                    .get(0)
                                    .data())
                            .get("request_id")
                            .asText());
        }
        assertTrue(spans.isEmpty());
    }

    @Test
    void leavesAWholeAuditLogWithoutTextOrSignature() throws Exception {
        Path folder = home.resolve("state/audit");
        Map<String, JsonNode> of = new HashMap<>();
        String outcome;
        try (Hall hall = hall(Map.of())) {
            hall.service.start();
            accept(hall, spoken(), "req-1");
            hall.awaitStatus("spoken", "succeeded");
            hall.await("the delivery is written down", () -> read(folder).contains("webhook_delivered"));
            accept(hall, FAILING, "req-2");
            hall.awaitStatus("failing", "failed");
            hall.service.rule(QueueState.Mode.PAUSED);
            hall.service.retry("failing");
            hall.service.cancel("failing");
            hall.service.logLevel("org.localav.nothing", "warn");
            hall.service.prune(java.time.Duration.ZERO);
            outcome = hall.studio.output("out/spoken.wav").toString();
        }

        String text = read(folder);
        assertEquals(List.of(), AuditCheck.of(folder).problems());
        assertFalse(text.contains("Unspeakable") || text.contains("s3cret"), text);
        List<String> what = new ArrayList<>();
        for (String line : text.lines().toList()) {
            JsonNode entry = JSON.readTree(line);
            what.add(entry.get("what").asText() + " " + entry.path("job_id").asText());
            of.put(what.get(what.size() - 1), entry);
        }
        assertTrue(
                what.containsAll(List.of(
                        "accepted spoken",
                        "started spoken",
                        "speech_bought spoken",
                        "published spoken",
                        "succeeded spoken",
                        "webhook_delivered spoken",
                        "failed failing",
                        "paused ",
                        "retried failing",
                        "cancelled failing",
                        "log_level ",
                        "pruned spoken")),
                what.toString());
        assertEquals("http:token", of.get("accepted spoken").get("who").asText());
        assertEquals("req-1", of.get("succeeded spoken").get("request_id").asText());
        JsonNode bought = of.get("speech_bought spoken");
        assertEquals(asked.get("speech X-Request-Id"), bought.get("request_id").asText());
        assertEquals("vendor-9", bought.get("vendor_response_id").asText());
        assertEquals(SENTENCE.length(), bought.get("characters").asInt());
        assertEquals(64, bought.get("text_sha256").asText().length());
        assertEquals("req-1", of.get("published spoken").get("request_id").asText());
        JsonNode output = of.get("published spoken").get("outputs").get(0);
        assertEquals(outcome, output.get("path").asText());
        assertEquals(64, output.get("sha256").asText().length());
        assertEquals(
                asked.get("hook X-Request-Id"),
                of.get("webhook_delivered spoken").get("request_id").asText());
    }

    private static String read(Path folder) {
        StringBuilder all = new StringBuilder();
        try {
            AuditCheck.read(folder, Optional.empty(), line -> all.append(line).append('\n'));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return all.toString();
    }
}
