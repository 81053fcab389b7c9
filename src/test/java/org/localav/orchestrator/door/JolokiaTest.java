package org.localav.orchestrator.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.management.ManagementFactory;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.audit.AuditCheck;
import org.localav.orchestrator.engine.Studio;
import org.localav.orchestrator.route.Lease;

/** The service's beans over Jolokia: what can be seen, what may be done, and by whom. */
class JolokiaTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String QUEUE = "local-av-orchestrator:type=Queue";

    @TempDir
    Path home;

    private Lobby lobby;

    @AfterEach
    void close() throws Exception {
        if (lobby != null) {
            lobby.close();
        }
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        for (String domain : List.of("local-av-orchestrator", "org.apache.camel", "jolokia")) {
            assertEquals(Set.of(), server.queryNames(new ObjectName(domain + ":*"), null));
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return lobby.client().send(request.build(), BodyHandlers.ofString());
    }

    private JsonNode ask(String type, String bean, String... more) throws Exception {
        var request = JSON.createObjectNode().put("type", type).put("mbean", bean);
        for (int i = 0; i < more.length; i += 2) {
            request.set(more[i], JSON.readTree(more[i + 1]));
        }
        HttpResponse<String> answer =
                send(lobby.request("/observe/jolokia").POST(BodyPublishers.ofString(request.toString())));
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body());
    }

    private JsonNode read(String bean, String attribute) throws Exception {
        JsonNode answer = ask("read", bean, "attribute", "\"" + attribute + "\"");
        assertEquals(200, answer.get("status").asInt(), answer.toString());
        return answer.get("value");
    }

    private JsonNode act(String bean, String operation, String arguments) throws Exception {
        return ask("exec", bean, "operation", "\"" + operation + "\"", "arguments", arguments);
    }

    private void assertRefused(JsonNode answer) {
        assertEquals(403, answer.get("status").asInt(), answer.toString());
        assertFalse(answer.has("stacktrace"), answer.toString());
    }

    private String route(String id) throws Exception {
        try (Lease lease = lobby.hall.studio.engine.routes().lease()) {
            return "org.apache.camel:context=" + lease.context().getManagementName() + ",name=\"" + id
                    + "\",type=routes";
        }
    }

    @Test
    @Tag("tools")
    void readsARoutesCountersAndItsDiagram() throws Exception {
        Studio.draw(home);
        lobby = new Lobby(home, Map.of("media.roots", home.toString()));
        lobby.hall.service.start();
        lobby.hall.accept("job: {id: song}\nassets: {voice: " + home.resolve("voice.wav") + "}\n"
                + "audio: {tracks: {a: [{asset: voice}]}}\noutputs: [{path: song.wav, preset: wav-master}]\n");
        lobby.hall.awaitStatus("song", "succeeded");

        assertEquals(1, read(route("mux"), "ExchangesCompleted").asInt());
        assertEquals("Started", read(route("mux"), "State").asText());
        JsonNode drawn = act(route("mux"), "dumpRouteAsXml()", "[]");
        assertTrue(drawn.get("value").asText().contains("uri=\"direct:ffmpeg-step\""), drawn.toString());
    }

    @Test
    void mayOnlyLookUnlessTheOperatorOpensIt() throws Exception {
        lobby = new Lobby(home, Map.of());

        assertRefused(act(route("mux"), "stop()", "[]"));
        assertRefused(act(QUEUE, "pause", "[]"));
        assertRefused(ask("write", route("mux"), "attribute", "\"Tracing\"", "value", "true"));
        assertRefused(ask("read", "java.lang:type=Runtime", "attribute", "\"SystemProperties\""));
        assertEquals("running", read(QUEUE, "Mode").asText());
        assertEquals(0, read("local-av-orchestrator:type=Slots", "JobsUsed").asInt());
        assertTrue(read("local-av-orchestrator:type=Health", "Ready").asBoolean());
        assertTrue(read("local-av-orchestrator:type=StepStore", "LimitBytes").asLong() > 0);
    }

    @Test
    void openedStopsAndStartsARouteAndRulesTheQueue() throws Exception {
        lobby = new Lobby(home, Map.of("jolokia.operate", "true"));
        String mux = route("mux");

        act(mux, "stop()", "[]");
        assertEquals("Stopped", read(mux, "State").asText());
        act(mux, "start()", "[]");
        assertEquals("Started", read(mux, "State").asText());

        act(QUEUE, "pause", "[]");
        assertEquals("paused", read(QUEUE, "Mode").asText());
        lobby.hall.accept(Lobby.spec("waits").replace("version: 1\n", ""));
        assertEquals(
                "waits queued, priority 5",
                act(QUEUE, "jobs", "[10]").get("value").get(0).asText());
        assertEquals(
                "cancelled", act(QUEUE, "cancel", "[\"waits\"]").get("value").asText());
        assertEquals("queued", act(QUEUE, "retry", "[\"waits\"]").get("value").asText());
        assertEquals(1, read(QUEUE, "QueuedByPriority").get("5").asInt());
        assertEquals(9, act(QUEUE, "prioritise", "[\"waits\", 9]").get("value").asInt());
        assertEquals(1, read(QUEUE, "QueuedByPriority").get("9").asInt());
        ManagementFactory.getPlatformMBeanServer()
                .invoke(new ObjectName(QUEUE), "prioritise", new Object[] {"waits", 8}, new String[] {
                    "java.lang.String", "int"
                });
        List<JsonNode> written = audit(Optional.of("waits"));
        String user = System.getProperty("user.name");
        assertTrue(written.toString().contains("\"who\":\"jolokia:token\",\"what\":\"cancelled\""), written::toString);
        assertTrue(
                written.toString().contains("\"who\":\"jmx:" + user + "\",\"what\":\"reprioritised\""),
                written::toString);
        assertTrue(act(QUEUE, "prioritise", "[\"waits\", 10]")
                .get("error")
                .asText()
                .contains("not from 0 to 9"));
        JsonNode unknown = act(QUEUE, "cancel", "[\"nobody\"]");
        assertTrue(unknown.get("error").asText().contains("'nobody'"), unknown.toString());
        act(QUEUE, "resume", "[]");
        assertEquals("running", read(QUEUE, "Mode").asText());
    }

    @Test
    void writesDownWhatWasToBeChanged() throws Exception {
        lobby = new Lobby(home, Map.of("jolokia.operate", "true"));
        String mux = route("mux");

        act(mux, "stop(long)", "[1]");
        act(mux, "start()", "[]");
        act(mux, "updateRouteFromXml", "[\"<secret/>\"]");
        act(mux.replace("mux", "nowhere"), "start()", "[]");
        ask("write", mux, "attribute", "\"Description\"", "value", "\"secret\"");
        act("local-av-orchestrator:type=StepStore", "evict", "[]");
        act(QUEUE, "pause", "[]");
        act(QUEUE, "retry", "[\"secret\"]");
        act(mux, "dumpRouteAsXml()", "[]");
        act(QUEUE, "jobs", "[10]");

        List<String> told = new ArrayList<>();
        for (JsonNode line : audit(Optional.empty())) {
            assertEquals("jolokia:token", line.get("who").asText(), line.toString());
            assertFalse(line.toString().contains("secret"), line.toString());
            String bean = line.path("bean").asText().replaceAll(".*(name=\"\\w+\"|type=[A-Z]\\w+).*", "$1");
            String done =
                    line.path("operation").asText() + line.path("attribute").asText();
            told.add(String.join(
                            " ",
                            line.get("what").asText(),
                            bean,
                            done,
                            line.path("result").asText())
                    .strip());
        }
        assertEquals(
                List.of(
                        "operated name=\"mux\" stop done",
                        "operated name=\"mux\" start done",
                        "operated name=\"mux\" updateRouteFromXml refused",
                        "operated name=\"nowhere\" start failed",
                        "operated name=\"mux\" Description refused",
                        "operated type=StepStore evict done",
                        "paused",
                        "operated type=Queue retry failed"),
                told);
    }

    private List<JsonNode> audit(Optional<String> job) throws Exception {
        List<JsonNode> lines = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        AuditCheck.read(lobby.hall.studio.workshop.places().audit(), job, texts::add);
        for (String text : texts) {
            lines.add(JSON.readTree(text));
        }
        return lines;
    }

    @Test
    void openedItStillRunsNoProgramAndWritesNoFile() throws Exception {
        lobby = new Lobby(home, Map.of("jolokia.operate", "true"));
        String context = route("mux").replaceAll("name=.*", "name=\"*\",type=context");
        String found = ask("search", context).get("value").get(0).asText();

        assertRefused(act(found, "sendBody(java.lang.String,java.lang.Object)", "[\"exec:id\", \"\"]"));
        assertRefused(act(found, "stop()", "[]"));
        assertRefused(act(
                "com.sun.management:type=HotSpotDiagnostic", "dumpHeap", "[\"" + home.resolve("heap") + "\", true]"));
        assertRefused(act("com.sun.management:type=DiagnosticCommand", "vmSystemProperties", "[]"));
        assertRefused(act(route("mux"), "updateRouteFromXml", "[\"<route/>\"]"));
    }

    @Test
    void staysClosedInAServiceThatIsReadOnly() throws Exception {
        lobby = new Lobby(home, Map.of("jolokia.operate", "true", "read_only", "true"));

        assertRefused(act(route("mux"), "stop()", "[]"));
    }

    @Test
    void wantsTheTokenAlsoAsAPasswordAndNoPageOfAnotherSite() throws Exception {
        lobby = new Lobby(home, Map.of());
        String basic = "Basic "
                + Base64.getEncoder().encodeToString(("any:" + lobby.token()).getBytes(StandardCharsets.UTF_8));

        assertEquals(
                401,
                send(lobby.request("/observe/jolokia").setHeader("Authorization", "Basic YTpi"))
                        .statusCode());
        assertEquals(
                200,
                send(lobby.request("/observe/jolokia").setHeader("Authorization", basic))
                        .statusCode());
        assertEquals(
                401,
                send(lobby.request("/api/jobs").setHeader("Authorization", basic))
                        .statusCode());
        HttpResponse<String> foreign = send(lobby.request("/observe/jolokia").header("Origin", "http://evil.example"));
        assertEquals(403, foreign.statusCode());
        assertEquals("Jolokia answers no page of another site", Lobby.detail(foreign));
    }

    @Test
    void answersThisMachineOnly() {
        assertTrue(JolokiaDoor.local("127.0.0.1"));
        assertTrue(JolokiaDoor.local("0:0:0:0:0:0:0:1"));
        assertFalse(JolokiaDoor.local("192.168.1.7"));
        assertFalse(JolokiaDoor.local("127.0.0.1.evil.example"));
    }

    @Test
    void takesWhatPagesOfThisMachineSendAndNoOthers() {
        // Hawtio passes on where its own page is from.
        assertFalse(JolokiaDoor.foreign("http://127.0.0.1:8081"));
        assertFalse(JolokiaDoor.foreign("http://localhost:8081"));
        assertFalse(JolokiaDoor.foreign("http://[::1]:8081"));
        assertTrue(JolokiaDoor.foreign("http://evil.example"));
        assertTrue(JolokiaDoor.foreign("http://localhost.evil.example"));
        assertTrue(JolokiaDoor.foreign("http://127.0.0.1.evil.example:80"));
        assertTrue(JolokiaDoor.foreign("null"));
    }
}
