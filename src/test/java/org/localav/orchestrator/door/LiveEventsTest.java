package org.localav.orchestrator.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.door.Lobby.YAML;
import static org.localav.orchestrator.door.Lobby.json;
import static org.localav.orchestrator.door.Lobby.spec;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.engine.Studio;

/** Server-sent events over real sockets. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LiveEventsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path home;

    private Lobby lobby;

    @BeforeEach
    void open() throws Exception {
        lobby = new Lobby(
                home,
                Map.of("media.roots", home.toString()),
                new Patience(LONG, LONG, LONG, Duration.ofMillis(200), Duration.ofMillis(800)));
    }

    @AfterEach
    void close() {
        lobby.close();
    }

    /** A client that follows a stream line by line. */
    private final class Follower implements AutoCloseable {
        private final HttpResponse<java.io.InputStream> answer;
        private final BufferedReader lines;

        Follower(String path, String... headers) throws Exception {
            var request = lobby.request(path);
            if (headers.length > 0) {
                request.headers(headers);
            }
            answer = lobby.client().send(request.build(), BodyHandlers.ofInputStream());
            lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
        }

        /** The next line that begins so; null at the end of the stream. */
        String next(String begin) throws IOException {
            String line = lines.readLine();
            while (line != null && !line.startsWith(begin)) {
                line = lines.readLine();
            }
            return line;
        }

        List<String> rest(String begin) throws IOException {
            List<String> found = new ArrayList<>();
            for (String line = next(begin); line != null; line = next(begin)) {
                found.add(line);
            }
            return found;
        }

        @Override
        public void close() throws IOException {
            answer.body().close();
        }
    }

    private void accept(String id) throws Exception {
        assertEquals(201, lobby.post("/api/jobs", YAML, spec(id)).statusCode());
    }

    @Test
    void tellsAJobFromItsBeginningAndEndsWithIt() throws Exception {
        accept("short");
        try (Follower follower = new Follower("/api/jobs/short/events")) {
            assertEquals(
                    "text/event-stream; charset=utf-8",
                    follower.answer.headers().firstValue("Content-Type").get());
            assertEquals("retry: 2000", follower.next("retry"));
            String id = follower.next("id: ");
            assertEquals("event: accepted", follower.next("event: "));
            String data = follower.next("data: ");
            assertTrue(
                    data.startsWith("data: {\"number\":" + id.substring(4) + ",\"job_id\":\"short\",\"at\":\""), data);

            lobby.post("/api/jobs/short/cancel");

            assertEquals(List.of("event: cancelled"), follower.rest("event: "));
        }
    }

    @Test
    void goesOnAfterTheLastEventAClientHasSeen() throws Exception {
        accept("resumed");
        lobby.post("/api/jobs/resumed/cancel");
        lobby.post("/api/jobs/resumed/retry");
        String first;
        String last = "";
        try (Follower follower = new Follower("/api/jobs/resumed/events")) {
            first = follower.next("id: ").substring(4);
        }
        lobby.post("/api/jobs/resumed/cancel");

        try (Follower again = new Follower("/api/jobs/resumed/events", "Last-Event-ID", first)) {
            List<String> lines = again.rest("");
            assertEquals(
                    List.of("event: cancelled", "event: retried", "event: cancelled"),
                    lines.stream().filter(l -> l.startsWith("event: ")).toList());
            last = lines.stream()
                    .filter(l -> l.startsWith("id: "))
                    .reduce("", (a, b) -> b)
                    .substring(4);
        }
        HttpResponse<String> over = lobby.get("/api/jobs/resumed/events", "Last-Event-ID", last);
        HttpResponse<String> wrong =
                lobby.client().send(lobby.request("/api/events?after=yesterday").build(), BodyHandlers.ofString());

        assertEquals(204, over.statusCode());
        assertEquals(400, wrong.statusCode());
    }

    @Test
    void tellsAllJobsFromNowOn() throws Exception {
        accept("before");
        try (Follower follower = new Follower("/api/events")) {
            follower.next("retry");

            accept("after");

            String data = follower.next("data: ");
            assertTrue(data.contains("\"job_id\":\"after\""), data);
            assertEquals(": ", follower.next(": "), "the heartbeat");
        }
    }

    @Test
    void sendsMoreEventsThanAreReadAtOnce() throws Exception {
        for (int i = 0; i < 250; i++) {
            lobby.hall.accept(spec("many-" + i).replace("version: 1\n", ""));
        }

        try (Follower follower = new Follower("/api/events?after=0")) {
            long before = 0;
            for (int i = 0; i < 250; i++) {
                long number = Long.parseLong(follower.next("id: ").substring(4));
                assertTrue(number > before);
                before = number;
            }
        }
    }

    @Test
    void dropsAClientThatNeverReadsWhileOthersGoOn() throws Exception {
        accept("noisy");
        try (Socket deaf = lobby.socket();
                Follower follower = new Follower("/api/events")) {
            deaf.setReceiveBufferSize(2048);
            follower.next("retry");
            deaf.getOutputStream()
                    .write(("GET /api/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + lobby.token()
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            assertEquals('H', deaf.getInputStream().read());
            String note = "{\"text\":\"" + "x".repeat(20_000) + "\"}";
            for (int i = 0; i < 600; i++) {
                lobby.hall.store.happened("noisy", "note", note);
            }

            accept("heard");
            String heard = follower.next("event: accepted");
            lobby.hall.await(
                    "the deaf client is dropped", () -> lobby.doors.live().count() == 1);

            assertEquals("event: accepted", heard);
            accept("still-heard");
            assertEquals("event: accepted", follower.next("event: accepted"));
        }
        lobby.hall.await("nobody follows", () -> lobby.doors.live().count() == 0);
    }

    @Test
    void endsStreamsWhenTheServiceEnds() throws Exception {
        try (Follower follower = new Follower("/api/events")) {
            follower.next("retry");

            lobby.doors.close();

            assertNull(follower.next("id: "));
        }
    }

    @Test
    @Tag("tools")
    void showsARunningJobToItsEndAndThenItsReport() throws Exception {
        Studio.draw(home);
        String film = "version: 1\njob: {id: film}\nassets: {photo: photo.png}\n"
                + "video: {clips: [{asset: photo, length: 20s}], fit: contain}\n"
                + "outputs: [{path: out/film.mp4, preset: tiny}]\n";
        HttpResponse<String> plan = lobby.post("/api/jobs?dry_run=true&folder=" + home, YAML, film);
        lobby.hall.service.start();
        lobby.post("/api/jobs?folder=" + home, YAML, film);

        List<String> told;
        try (Follower follower = new Follower("/api/jobs/film/events")) {
            told = follower.rest("event: ");
        }
        HttpResponse<String> shown = lobby.get("/api/jobs/film");
        HttpResponse<String> report = lobby.get("/api/jobs/film/report");

        HttpResponse<String> page = lobby.get("/api/jobs/film/report.html");

        assertEquals(200, plan.statusCode(), plan.body());
        assertEquals(
                "text/html; charset=utf-8",
                page.headers().firstValue("Content-Type").orElseThrow());
        assertTrue(page.headers()
                .firstValue("Content-Security-Policy")
                .orElseThrow()
                .contains("style-src 'sha256-"));
        assertEquals(13, page.body().split("data:image/jpeg;base64,", -1).length, page.body());
        assertTrue(json(plan).get("to_run").asInt() > 0);
        assertEquals("event: accepted", told.get(0));
        assertEquals("event: succeeded", told.get(told.size() - 1));
        assertTrue(told.contains("event: stage"));
        assertFalse(json(shown).get("stages").isEmpty());
        assertEquals(
                home.resolve("out/film.mp4").toRealPath().toString(),
                json(shown).get("outputs").get(0).get("file").asText());
        assertEquals("succeeded", json(report).get("status").asText());
    }
}
