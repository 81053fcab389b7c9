package org.localav.orchestrator.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps the service from taking and running jobs, made to happen, and what it says of it. */
class HealthTest {
    @TempDir
    Path home;

    private Lobby lobby;
    private Path ffmpeg;

    private void open(String... settings) throws Exception {
        ffmpeg = home.resolve("ffmpeg");
        Files.createSymbolicLink(ffmpeg, Path.of("/bin/true"));
        Files.createDirectories(home.resolve("inbox"));
        Map<String, String> all = new HashMap<>(Map.of("ffmpeg.program", ffmpeg.toString()));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        lobby = new Lobby(home, all);
    }

    @AfterEach
    void close() {
        lobby.close();
    }

    private void assertReady(int status, String list, String sentence) throws Exception {
        HttpResponse<String> answer = lobby.get("/api/health/ready");
        JsonNode said = Lobby.json(answer);
        assertEquals(status, answer.statusCode(), answer.body());
        assertEquals(status == 200 ? "up" : "down", said.get("status").asText());
        assertTrue(said.path(list).path(0).asText().contains(sentence), answer.body());
    }

    /** What was found a moment ago still counts; a look at it is asked for until it does not. */
    private void assertGetsReady(boolean ready) throws Exception {
        lobby.hall.await(
                ready ? "it is ready" : "it is not ready",
                () -> lobby.observatory.health().state().ready() == ready);
    }

    @Test
    void isReadyAndAliveWhenNothingIsWrong() throws Exception {
        open();

        assertEquals(
                "{\n  \"status\" : \"up\"\n}", lobby.get("/api/health/ready").body());
        assertEquals(
                "{\n  \"status\" : \"up\"\n}", lobby.get("/api/health/live").body());
        assertTrue(lobby.get("/observe/metrics").body().contains("local_av_orchestrator_ready 1.0"));
    }

    @Test
    void aMissingFfmpegIsNamedUntilItIsThereAgain() throws Exception {
        open();
        assertGetsReady(true);
        Files.delete(ffmpeg);
        assertGetsReady(false);

        assertReady(503, "causes", ffmpeg + " is not a program that can be run (ffmpeg.program)");
        assertEquals(200, lobby.get("/api/health/live").statusCode());
        String metrics = lobby.get("/observe/metrics").body();
        assertTrue(metrics.contains("local_av_orchestrator_ready 0.0"), metrics);
        assertTrue(metrics.contains("local_av_orchestrator_health{check=\"programs\"} 0.0"), metrics);

        Files.createSymbolicLink(ffmpeg, Path.of("/bin/true"));
        assertGetsReady(true);
    }

    @Test
    void aDiskWithLessRoomThanAskedForIsNamed() throws Exception {
        open("health.disk_free", "1000TB");

        assertReady(503, "causes", "less than health.disk_free asks for (1000TB); make room");
    }

    @Test
    void anInboxThatIsGoneIsNamed() throws Exception {
        open();
        Files.delete(home.resolve("inbox"));
        assertGetsReady(false);

        assertReady(503, "causes", "the inbox " + home.resolve("inbox") + " is not there; make the folder");
    }

    @Test
    void aLockedJobStoreIsNamedBeforeTheLockIsGivenUp() throws Exception {
        open();
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + home.resolve("state/jobs/jobs.db"));
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");

            assertReady(503, "causes", "looking at the store takes longer than 3 s: another program has locked it");

            statement.execute("ROLLBACK");
        }
        assertGetsReady(true);
    }

    @Test
    void aJobStoreThatCannotBeWrittenIsNamed() throws Exception {
        open();
        lobby.hall.store.close();

        assertReady(503, "causes", "the job store " + home.resolve("state/jobs/jobs.db"));
    }

    @Test
    void aRefusedEditOfTheRoutesIsAWarning() throws Exception {
        open();
        Files.writeString(home.resolve("routes/job.camel.yaml"), "- route: {nonsense: true}");
        lobby.hall.studio.engine.routes().reloadNow();

        assertReady(200, "warnings", "the latest edit of the routes is refused, jobs run along the ones before: ");
    }
}
