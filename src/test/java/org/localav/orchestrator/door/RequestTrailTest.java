package org.localav.orchestrator.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.audit.AuditCheck;
import org.localav.orchestrator.log.Logs;
import org.localav.orchestrator.store.Event;

/** Request ids and traces at the HTTP API, and log levels that are changed there. */
class RequestTrailTest {
    private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    @TempDir
    Path home;

    private Lobby lobby;

    private void open(Map<String, String> settings) throws Exception {
        lobby = new Lobby(home, settings);
    }

    @AfterEach
    void close() {
        Logs.level("org.localav.test", "");
        lobby.close();
    }

    private static String id(HttpResponse<String> answer) {
        return answer.headers().firstValue("X-Request-Id").orElse("none");
    }

    @Test
    void everyAnswerHasTheClientsRequestIdOrOneOfOurOwn() throws Exception {
        open(Map.of());

        assertEquals("mine-1", id(lobby.get("/api/queue", "X-Request-Id", "mine-1")));
        assertEquals("mine-2", id(lobby.get("/api/jobs/nobody", "X-Request-Id", "mine-2")));
        assertTrue(id(lobby.get("/api/queue")).matches("[0-9a-f-]{36}"));
        for (String insane : List.of("a b", "x".repeat(129), "\"quoted\"", "<b>")) {
            assertTrue(id(lobby.get("/api/queue", "X-Request-Id", insane)).matches("[0-9a-f-]{36}"), insane);
        }
        String refused = lobby.raw("GET /api/queue HTTP/1.1\r\nHost: evil.example\r\nX-Request-Id: mine-3\r\n"
                + "Connection: close\r\n\r\n");
        assertTrue(refused.contains("X-Request-Id: mine-3") || refused.contains("x-request-id: mine-3"), refused);
    }

    @Test
    void aJobKeepsTheIdAndTheTraceOfItsRequest() throws Exception {
        open(Map.of());

        lobby.post("/api/jobs", Lobby.YAML, Lobby.spec("a"), "X-Request-Id", "mine-1", "traceparent", PARENT);
        lobby.post("/api/jobs", Lobby.YAML, Lobby.spec("b"), "traceparent", "00-nonsense");
        lobby.post("/api/jobs/a/cancel");

        Event accepted = lobby.hall.service.events(Optional.of("a"), 0, 1).get(0);
        var data = new ObjectMapper().readTree(accepted.data());
        assertEquals("mine-1", data.get("request_id").asText());
        assertEquals(PARENT, data.get("traceparent").asText());
        Event other = lobby.hall.service.events(Optional.of("b"), 0, 1).get(0);
        assertTrue(!other.data().contains("traceparent"), other.data());
        StringBuilder audit = new StringBuilder();
        AuditCheck.read(home.resolve("state/audit"), Optional.of("a"), line -> audit.append(line)
                .append('\n'));
        assertTrue(
                audit.toString()
                        .matches("(?s).*\"who\":\"http:token\",\"what\":\"accepted\",\"job_id\":\"a\","
                                + "\"request_id\":\"mine-1\".*\"what\":\"cancelled\".*"),
                audit.toString());
    }

    private HttpResponse<String> put(String body) throws Exception {
        return lobby.send(
                "PUT",
                "/api/log-level",
                lobby.request("/api/log-level")
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString(body)));
    }

    @Test
    void changesLogLevelsWhileItRuns() throws Exception {
        open(Map.of());

        HttpResponse<String> changed = put("{\"level\": \"debug\", \"logger\": \"org.localav.test\"}");

        assertEquals(200, changed.statusCode());
        assertEquals("debug", Logs.levels().get("org.localav.test"));
        assertEquals(
                "debug",
                Lobby.json(lobby.get("/api/log-level"))
                        .get("levels")
                        .get("org.localav.test")
                        .asText());
        assertEquals(422, put("{\"level\": \"loud\"}").statusCode());
        assertTrue(Files.readString(AuditCheckFiles.last(home)).contains("\"what\":\"log_level\""));
        String stranger = lobby.raw("PUT /api/log-level HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
                + "Connection: close\r\n\r\n");
        assertTrue(stranger.startsWith("HTTP/1.1 401"), stranger);
    }

    @Test
    void aReadOnlyServiceChangesNoLogLevel() throws Exception {
        open(Map.of("read_only", "true"));

        assertEquals(
                403,
                put("{\"level\": \"debug\", \"logger\": \"org.localav.test\"}").statusCode());
        assertTrue(!Logs.levels().containsKey("org.localav.test"));
    }

    /** Where the audit log is written now. */
    private static final class AuditCheckFiles {
        static Path last(Path home) throws Exception {
            try (var files = Files.list(home.resolve("state/audit"))) {
                return files.filter(file -> file.toString().endsWith(".jsonl"))
                        .sorted()
                        .reduce((a, b) -> b)
                        .orElseThrow();
            }
        }
    }
}
