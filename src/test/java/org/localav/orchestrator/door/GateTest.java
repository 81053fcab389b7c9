package org.localav.orchestrator.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.door.Lobby.YAML;
import static org.localav.orchestrator.door.Lobby.detail;
import static org.localav.orchestrator.door.Lobby.json;
import static org.localav.orchestrator.door.Lobby.spec;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.service.QueueState;

/** What keeps the HTTP API from those who may not use it, and from those who use it up. */
@Timeout(60)
class GateTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path home;

    private Lobby lobby;

    private void open(Map<String, String> settings) throws Exception {
        open(settings, Patience.USUAL);
    }

    private void open(Map<String, String> settings, Patience patience) throws Exception {
        lobby = new Lobby(home, settings, patience);
    }

    @AfterEach
    void close() {
        if (lobby != null) {
            lobby.close();
        }
    }

    private static String get(String host, String path, String... headers) {
        return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n"
                + String.join("", List.of(headers).stream().map(h -> h + "\r\n").toList())
                + "Connection: close\r\n\r\n";
    }

    @Test
    void makesATokenForItsOwnerOnlyAndKeepsIt() throws Exception {
        open(Map.of());
        String token = lobby.token();
        lobby.close();
        open(Map.of());

        assertEquals(token, lobby.token());
        assertEquals(43, token.length());
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("state/token"))));
    }

    @Test
    void takesATokenForExposedOnlyWhereItIsItsOwnersToHideIt() throws Exception {
        Path file = Files.writeString(home.resolve("token"), "0123456789abcdef0123456789abcdef");
        String owner = Files.getOwner(file).getName();

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        assertTrue(Token.exposed(file, owner));
        assertFalse(Token.exposed(file, "the user of a container"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r-----"));
        assertFalse(Token.exposed(file, owner));
    }

    @Test
    void wantsTheTokenForAllButHealthAndContract() throws Exception {
        open(Map.of());
        String wrong = lobby.raw(get("localhost", "/api/jobs", "Authorization: Bearer " + lobby.token() + "x"));
        String none = lobby.raw(get("localhost", "/api/nowhere"));
        String dotted = lobby.raw(get("localhost", "/api/health/../jobs"));
        String right = lobby.raw(get("localhost", "/api/jobs", "Authorization: bearer " + lobby.token()));
        String health = lobby.raw(get("localhost", "/api/health"));
        String contract = lobby.raw(get("localhost", "/openapi.yaml"));

        assertTrue(wrong.startsWith("HTTP/1.1 401 "), wrong);
        assertTrue(wrong.contains("WWW-Authenticate: Bearer realm=\"avo\""), wrong);
        assertTrue(none.startsWith("HTTP/1.1 401 "), none);
        assertTrue(dotted.startsWith("HTTP/1.1 401 "), dotted);
        assertTrue(right.startsWith("HTTP/1.1 200 "), right);
        assertTrue(health.startsWith("HTTP/1.1 200 "), health);
        assertTrue(contract.startsWith("HTTP/1.1 200 "), contract);
    }

    @Test
    void refusesANameThatOnlyPointsHere() throws Exception {
        open(Map.of("http.hosts", "studio.lan"));
        String token = "Authorization: Bearer " + lobby.token();

        String rebound = lobby.raw(get("evil.example:8080", "/api/jobs", token));
        String openOne = lobby.raw(get("evil.example", "/api/health"));
        String named = lobby.raw(get("Studio.LAN", "/api/jobs", token));
        String address = lobby.raw(get("127.0.0.1:1", "/api/jobs", token));
        String six = lobby.raw(get("[::1]:8080", "/api/jobs", token));
        String without = lobby.raw("GET /api/health HTTP/1.0\r\n\r\n");

        assertTrue(rebound.startsWith("HTTP/1.1 421 "), rebound);
        assertTrue(rebound.contains("this service is not called 'evil.example'"), rebound);
        assertTrue(openOne.startsWith("HTTP/1.1 421 "), openOne);
        assertTrue(named.startsWith("HTTP/1.1 200 "), named);
        assertTrue(address.startsWith("HTTP/1.1 200 "), address);
        assertTrue(six.startsWith("HTTP/1.1 200 "), six);
        assertTrue(without.startsWith("HTTP/1.0 421 "), without);
    }

    @Test
    void saysSoWhenThePortIsTaken() throws Exception {
        open(Map.of());
        int port = lobby.doors.port();

        IOException refused = assertThrows(
                IOException.class, () -> new Lobby(home.resolve("second"), Map.of("http.port", "" + port)));

        assertEquals(
                "the HTTP API can't be opened on 127.0.0.1:" + port
                        + " (Address already in use); end the program that has this port, or choose others by http.host and"
                        + " http.port",
                refused.getMessage());
    }

    @Test
    void onlyTellsAndPlansWhenItIsReadOnly() throws Exception {
        open(Map.of("read_only", "true"));

        HttpResponse<String> accept = lobby.post("/api/jobs", YAML, spec("a"));
        HttpResponse<String> rule = lobby.post("/api/queue", YAML, "mode: paused");
        HttpResponse<String> prune = lobby.post("/api/jobs/prune?older_than=1h");
        HttpResponse<String> plan = lobby.post("/api/plan", YAML, spec("a"));
        HttpResponse<String> list = lobby.get("/api/jobs");

        assertEquals(List.of(403, 403, 403), List.of(accept.statusCode(), rule.statusCode(), prune.statusCode()));
        assertEquals("this service is read-only: it does not accept jobs", detail(accept));
        assertEquals(422, plan.statusCode());
        assertTrue(detail(plan).contains("nowhere.wav"), detail(plan));
        assertEquals(200, list.statusCode());
    }

    @Test
    void acceptsNoMoreThanTheQueueMayHold() throws Exception {
        open(Map.of("queue.limit", "2"));
        lobby.hall.service.rule(QueueState.Mode.PAUSED);

        HttpResponse<String> first = lobby.post("/api/jobs", YAML, spec("a"));
        HttpResponse<String> second = lobby.post("/api/jobs", YAML, spec("b"));
        HttpResponse<String> third = lobby.post("/api/jobs", YAML, spec("c"));

        assertEquals(List.of(201, 201, 429), List.of(first.statusCode(), second.statusCode(), third.statusCode()));
        assertEquals("30", third.headers().firstValue("Retry-After").orElseThrow());
        assertEquals("2 jobs wait already (queue.limit); send this one again later", detail(third));
    }

    @Test
    void saysThatItsStoreCannotBeUsed() throws Exception {
        open(Map.of());
        lobby.hall.store.close();

        HttpResponse<String> accept = lobby.post("/api/jobs", YAML, spec("a"));
        HttpResponse<String> health = lobby.get("/api/health");

        assertEquals(503, accept.statusCode(), accept.body());
        assertEquals("10", accept.headers().firstValue("Retry-After").orElseThrow());
        assertEquals(503, health.statusCode());
        assertEquals("down", json(health).get("status").asText());
    }

    @Test
    void closesAConnectionThatDripsItsHead() throws Exception {
        open(Map.of(), new Patience(Duration.ofMillis(700), LONG, LONG, LONG, LONG));

        assertTrue(isCutOffWhileDripping("GET /api/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: "));
    }

    @Test
    void closesAConnectionThatDripsItsBody() throws Exception {
        open(Map.of(), new Patience(LONG, Duration.ofMillis(700), LONG, LONG, LONG));

        assertTrue(
                isCutOffWhileDripping("POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/yaml\r\n"
                        + "Authorization: Bearer " + lobby.token() + "\r\nContent-Length: 1000000\r\n\r\n"));
    }

    /** One byte at a time keeps the connection from ever being silent for long. */
    private boolean isCutOffWhileDripping(String begin) throws IOException {
        try (Socket socket = lobby.socket()) {
            OutputStream out = socket.getOutputStream();
            out.write(begin.getBytes(StandardCharsets.UTF_8));
            socket.setSoTimeout(50);
            InputStream in = socket.getInputStream();
            for (int i = 0; i < 400; i++) {
                out.write('#');
                try {
                    if (in.read() < 0) {
                        return true;
                    }
                } catch (java.net.SocketTimeoutException e) {
                    // Nothing said: go on.
                }
            }
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    @Test
    void closesAConnectionThatAsksNothingMore() throws Exception {
        open(Map.of(), new Patience(LONG, LONG, Duration.ofMillis(300), LONG, LONG));

        String answer = lobby.raw("GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n");

        assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
        lobby.hall.await("it is forgotten", () -> lobby.doors.connections().count() == 0);
    }

    @Test
    void closesAConnectionThatAsksAndAsksAndReadsNoAnswer() throws Exception {
        open(Map.of(), Patience.USUAL);
        byte[] requests = "GET /openapi.yaml HTTP/1.1\r\nHost: localhost\r\n\r\n"
                .repeat(100)
                .getBytes(StandardCharsets.UTF_8);

        assertThrows(SocketException.class, () -> {
            try (Socket socket = lobby.socket()) {
                socket.setReceiveBufferSize(4096);
                for (int i = 0; i < 2_000; i++) {
                    socket.getOutputStream().write(requests);
                }
            }
        });
        assertEquals(200, lobby.get("/api/health").statusCode());
    }

    @Test
    void keepsNoMoreConnectionsThanAllowed() throws Exception {
        open(Map.of("http.connections", "2"));
        try (Socket one = lobby.socket();
                Socket two = lobby.socket()) {
            for (Socket held : List.of(one, two)) {
                held.getOutputStream()
                        .write("GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                assertEquals('H', held.getInputStream().read());
            }

            try (Socket third = lobby.socket()) {
                assertEquals(-1, third.getInputStream().read());
            }
        }
    }

    @Test
    void endsWhatHasBegunAndTakesNothingMoreWhenItCloses() throws Exception {
        open(Map.of());
        HttpRequest request = lobby.request("/api/jobs").build();
        assertEquals(200, lobby.client().send(request, BodyHandlers.ofString()).statusCode());

        lobby.doors.close();

        assertThrows(IOException.class, () -> lobby.client().send(request, BodyHandlers.ofString()));
        assertFalse(lobby.hall.service.queue().jobs().isEmpty());
    }
}
