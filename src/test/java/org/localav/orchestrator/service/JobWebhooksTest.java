package org.localav.orchestrator.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.engine.Studio;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.webhook.Receiver;

/** What receivers hear of jobs in the service. */
@Tag("tools")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class JobWebhooksTest {
    @TempDir
    Path home;

    private Receiver receiver;
    private Hall hall;

    @BeforeEach
    void open() throws Exception {
        Studio.draw(home);
        receiver = new Receiver();
        hall = new Hall(home, Map.of("webhook.allow", "127.0.0.1", "media.roots", home.toString()));
    }

    @AfterEach
    void close() {
        hall.close();
        receiver.close();
    }

    private String job(String id, String asset) {
        return """
               job: {id: %s, tags: {owner: docs}, webhooks: [{url: "%s", events: [started, succeeded, failed, cancelled]}]}
               assets: {voice: ../%s}
               audio: {tracks: {a: [{asset: voice}]}}
               outputs: [{path: out/%s.wav, preset: wav-master}]
               """
                .formatted(id, receiver.url(), asset, id);
    }

    private JsonNode heard() throws Exception {
        return new ObjectMapper().readTree(receiver.next().body());
    }

    @Test
    void hearOfTheStartAndOfTheEnd() throws Exception {
        hall.service.start();
        hall.accept(job("song", "voice.wav"));
        hall.awaitStatus("song", "succeeded");

        Map<String, JsonNode> byType = new java.util.HashMap<>();
        for (int i = 0; i < 2; i++) {
            JsonNode message = heard();
            byType.put(message.path("type").asText(), message.path("data"));
        }

        assertEquals(Set.of("job.started", "job.succeeded"), byType.keySet());
        JsonNode ended = byType.get("job.succeeded");
        assertEquals("song", ended.path("job_id").asText());
        assertEquals("docs", ended.at("/tags/owner").asText());
        assertEquals(
                hall.studio.output("out/song.wav").toString(),
                ended.at("/outputs/0/path").asText());
        hall.await("both are kept as delivered", () -> hall.store.messages("song").stream()
                .allMatch(m -> m.status().equals("delivered")));
        assertEquals(2, hall.service.messages("song").size());
    }

    @Test
    void hearWhyAJobFailed() throws Exception {
        hall.service.start();
        hall.accept(job("song", "missing.wav"));
        hall.awaitStatus("song", "failed");

        Set<String> types = new HashSet<>();
        String error = "";
        for (int i = 0; i < 2; i++) {
            JsonNode message = heard();
            types.add(message.path("type").asText());
            error += message.at("/data/error").asText();
        }

        assertEquals(Set.of("job.started", "job.failed"), types);
        assertTrue(error.contains("there is no file"), error);
    }

    @Test
    void hearOfAJobThatIsCancelledBeforeItStarts() throws Exception {
        hall.accept(job("song", "voice.wav"));

        hall.service.cancel("song");

        JsonNode message = heard();
        assertEquals("job.cancelled", message.path("type").asText());
        assertEquals("song", message.at("/data/job_id").asText());
    }

    @Test
    void thatAreNotAllowedKeepAJobFromBeingAccepted() throws Exception {
        BlockedException blocked = assertThrows(
                BlockedException.class,
                () -> hall.accept(job("song", "voice.wav").replace("127.0.0.1", "169.254.169.254")));

        assertEquals(
                List.of(
                        "job.yaml:2:55: job.webhooks[0].url: the host is 169.254.169.254, a link-local address: no webhook"
                                + " goes there"),
                blocked.sentences());
    }
}
