package org.localav.orchestrator.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.cli.ScriptedService.brokenEvents;
import static org.localav.orchestrator.cli.ScriptedService.event;
import static org.localav.orchestrator.cli.ScriptedService.events;
import static org.localav.orchestrator.cli.ScriptedService.json;
import static org.localav.orchestrator.cli.ScriptedService.lost;
import static org.localav.orchestrator.cli.ScriptedService.stage;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.settings.InvalidSettingException;
import org.localav.orchestrator.settings.Settings;
import picocli.CommandLine;

/** The commands that ask a service, against answers as the service gives them. */
class ServerCommandsTest {
    private static final String JOB =
            """
            {"id":"one","status":"%s","title":"A \\u001b[31mtour","tags":{"project":"tour"},"labels":["cpu"],"priority":7,
             "origin":"http","spec_name":"job.yaml","folder":"/media/tour","created_at":"2026-11-24T03:00:00Z",
             "started_at":"2026-11-24T03:00:01Z","ended_at":"2026-11-24T03:00:03.5Z","runs":1,"cancelling":false%s}""";

    @TempDir
    Path folder;

    private ScriptedService service;
    private StringWriter out;
    private StringWriter err;

    @BeforeEach
    void start() throws IOException {
        service = new ScriptedService();
    }

    @AfterEach
    void stop() {
        service.close();
    }

    private int avo(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--server");
        all.add(service.url());
        return avoAt(all);
    }

    private int avoAt(List<String> arguments) {
        out = new StringWriter();
        err = new StringWriter();
        CommandLine line = Avo.commandLine();
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return line.execute(arguments.toArray(String[]::new));
    }

    private Path spec() throws IOException {
        return Files.writeString(folder.resolve("a job.yaml"), "version: 1\n");
    }

    private String accepting() {
        return "POST /api/jobs?name=a+job.yaml&folder=" + Server.encoded(folder.toString());
    }

    @Test
    void submitsASpecWithItsFolderAndPrintsTheId() throws IOException {
        service.on(accepting(), 201, JOB.formatted("queued", ""));

        int code = avo("submit", spec().toString());

        assertEquals(0, code, err.toString());
        assertEquals("one\n", out.toString());
        var request = service.requests.get(0);
        assertEquals("version: 1\n", request.body());
        assertEquals("application/yaml", request.headers().getFirst("Content-Type"));
    }

    @Test
    void asksAgainUnderTheSameKeyWhenTheAnswerIsLost() throws IOException {
        service.on(accepting(), lost()).on(accepting(), lost()).on(accepting(), json(200, JOB.formatted("queued", "")));

        int code = avo("submit", spec().toString());

        assertEquals(0, code, err.toString());
        assertEquals("one\n", out.toString());
        List<String> keys = service.requests.stream()
                .map(r -> r.headers().getFirst("Idempotency-Key"))
                .toList();
        assertEquals(3, keys.size());
        assertEquals(1, keys.stream().distinct().count());
    }

    @Test
    void saysWhatIsWrongInASpecByTheNameTheUserGaveIt() throws IOException {
        service.on(
                accepting(),
                422,
                """
                {"type":"urn:x","title":"The spec can't be used","status":422,"detail":"2 things are wrong; see violations",
                 "violations":[{"file":"a job.yaml","line":2,"column":1,"path":"outptus","message":"unknown; is it outputs?"},
                               {"file":"a job.yaml","line":0,"column":0,"path":"","message":"there is nothing to make"}]}""");

        int code = avo("submit", spec().toString(), folder.resolve("none.yaml").toString());

        assertEquals(2, code);
        assertEquals(
                """
                FOLDER/a job.yaml:2:1: outptus: unknown; is it outputs?
                FOLDER/a job.yaml: there is nothing to make
                FOLDER/none.yaml: there is no such file
                """,
                err.toString().replace(folder.toString(), "FOLDER"));
        assertEquals("", out.toString());
    }

    @Test
    void whatTheOperatorForbidsIsBlocked() throws IOException {
        service.on(
                accepting(),
                403,
                "{\"type\":\"urn:x\",\"title\":\"x\",\"status\":403,\"detail\":\"/tmp lies outside of submit.roots\"}");

        assertEquals(3, avo("submit", spec().toString()));

        assertEquals("blocked: /tmp lies outside of submit.roots\n", err.toString());
    }

    @Test
    void anUnknownJobIsAWrongArgumentAndAConflictAFailure() {
        service.on("POST /api/jobs/no/cancel", 404, "{\"detail\":\"there is no job 'no'\"}");
        service.on(
                "POST /api/jobs/one/cancel", 202, JOB.formatted("running", "").replace("false", "true"));
        service.on("POST /api/jobs/one/retry", 409, "{\"detail\":\"job 'one' is running\"}");

        assertEquals(2, avo("cancel", "no", "one"));
        assertEquals("avo: there is no job 'no'\n", err.toString());
        assertEquals("one: cancelling\n", out.toString());
        assertEquals(1, avo("retry", "one"));
        assertEquals("avo: job 'one' is running\n", err.toString());
    }

    @Test
    void givesJobsAnotherPriority() {
        service.on("POST /api/jobs/one/priority", 200, JOB.formatted("queued", ""));
        service.on("POST /api/jobs/two/priority", 409, "{\"detail\":\"job 'two' is running\"}");

        assertEquals(1, avo("priority", "9", "one", "two"));
        assertEquals("{\"priority\":9}", service.requests.get(0).body());
        assertTrue(out.toString().startsWith("one: priority "), out.toString());
        assertEquals("avo: job 'two' is running\n", err.toString());
    }

    @Test
    void printsALinkThatOpensTheDashboard() {
        service.on("POST /api/session/code", 200, "{\"code\":\"abc\",\"path\":\"/#code=abc\"}");

        assertEquals(0, avo("dashboard"));
        assertEquals(service.url() + "/#code=abc\n", out.toString());
    }

    @Test
    void whereNoServiceAnswersOneSentenceSaysHowToStartIt() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }

        int code = avoAt(List.of("jobs", "--server", "127.0.0.1:" + port));

        assertEquals(1, code);
        assertEquals(
                "avo: no service answers at http://127.0.0.1:" + port + "; is it running? 'avo serve' starts it\n",
                err.toString());
    }

    @Test
    void anotherProgramOnThePortIsToldFromTheService() {
        service.on("GET /api/jobs?limit=50", 404, "<html>nginx</html>").on("GET /api/jobs/one", 200, "hello");

        assertEquals(2, avo("jobs"));
        assertTrue(err.toString().contains("is not this service: it answered 404"), err.toString());
        assertEquals(1, avo("show", "one"));
        assertTrue(err.toString().contains("is not this service: its answer is no JSON"), err.toString());
    }

    @Test
    void listsJobsOverSeveralPagesWithoutWhatCouldSteerATerminal() {
        String waiting = JOB.formatted("queued", ",\"waiting\":\"waits for a node with the label gpu\"");
        service.on(
                        "GET /api/jobs?limit=500&state=queued&state=failed&tag=project%3Aa+b",
                        200, "{\"jobs\":[" + JOB.formatted("failed", "") + "],\"next\":\"k2\"}")
                .on(
                        "GET /api/jobs?limit=500&state=queued&state=failed&tag=project%3Aa+b&cursor=k2",
                        200, "{\"jobs\":[" + waiting + "]}");

        int code = avo("jobs", "--state", "queued,failed", "--tag", "project=a b", "--limit", "900");

        assertEquals(0, code, err.toString());
        List<String> lines = out.toString().lines().toList();
        assertEquals("JOB  STATE       PRIORITY   AGE  TITLE", lines.get(0));
        assertTrue(lines.get(1).matches("one {2}failed {13}7 {2} *\\d+[smhd] {2}A \ufffd\\[31mtour"), lines.get(1));
        assertTrue(lines.get(2).endsWith("A \ufffd[31mtour (waits for a node with the label gpu)"), lines.get(2));
    }

    @Test
    void listsIdsOrJsonForScripts() throws IOException {
        service.on("GET /api/jobs?limit=1", 200, "{\"jobs\":[" + JOB.formatted("failed", "") + "],\"next\":\"k\"}");

        assertEquals(0, avo("jobs", "-q", "--limit", "1"));
        assertEquals("one\n", out.toString());
        assertEquals("there are more; --limit 10 shows more of them\n", err.toString());
        assertEquals(0, avo("jobs", "--json", "--limit", "1"));
        assertEquals(
                "one",
                Server.JSON
                        .readTree(out.toString())
                        .path("jobs")
                        .path(0)
                        .path("id")
                        .asText());
    }

    @Test
    void prunesByDays() {
        service.on("POST /api/jobs/prune?older_than=720h", 200, "{\"count\":2,\"jobs\":[\"a\",\"b\"]}");

        assertEquals(0, avo("jobs", "prune", "--older-than", "30d"), () -> err.toString());

        assertEquals("forgot 2 jobs\n", out.toString());
    }

    @Test
    void showsAllAboutAJob() {
        service.on(
                        "GET /api/jobs/one",
                        200,
                        JOB.formatted(
                                "failed",
                                """
                                ,"error":"the speech server is down","stages":[
                                 {"job_id":"one","stage":"prepare","status":"succeeded","started_at":"2026-11-24T03:00:00Z",
                                  "ended_at":"2026-11-24T03:00:00.2Z","attempts":1,"metadata":{"inputs":1}},
                                 {"job_id":"one","stage":"tts","status":"failed","attempts":3,"error":"it answered 500",
                                  "metadata":{"inputs":0}},
                                 {"job_id":"one","stage":"mux","status":"reused","attempts":1,"metadata":{}}],
                                "outputs":[{"file":"/media/out.mp4","preset":"web-720p","sha256":"ab","bytes":2048,
                                 "measured":{"duration":1.25},"already":false}]"""))
                .on(
                        "GET /api/jobs/one/deliveries",
                        200,
                        """
                        {"messages":[{"id":"msg_1","job_id":"one","url":"https://ci.example/hook","type":"job.failed","body":"{}",
                          "created_at":"2026-11-24T03:00:04Z","status":"pending","tries":1,"next_try":"2026-11-24T03:05:04Z"}],
                         "deliveries":[{"message_id":"msg_1","job_id":"one","url":"https://ci.example/hook","attempt":1,
                          "at":"2026-11-24T03:00:04Z","took_ms":12,"code":503,"error":null}]}""");

        assertEquals(0, avo("show", "one"), () -> err.toString());

        String text = out.toString();
        assertTrue(text.startsWith("job one: A \ufffd[31mtour\n  state     failed after 2.5 s\n"), text);
        assertTrue(text.contains("  tags      project=tour\n"), text);
        assertTrue(text.contains("  spec      /media/tour/job.yaml (http)\n"), text);
        assertTrue(
                text.endsWith(
                        """
                          error     the speech server is down
                        stages
                          prepare       succeeded 0.2 s
                          tts           failed, 3 attempts: it answered 500
                        outputs
                          made /media/out.mp4 (web-720p, 1.3 s, 2.0 KB)
                        webhooks
                          job.failed     pending to https://ci.example/hook (1 try, next try 2026-11-24T03:05:04Z)
                        deliveries
                          2026-11-24T03:00:04Z try 1 to https://ci.example/hook: answered 503 after 12 ms
                        """),
                text);
    }

    @Test
    void followsAJobOverALostConnectionWithoutTellingAnythingTwice() {
        service.on("GET /api/jobs/one", json(200, JOB.formatted("running", "")))
                .on(
                        "GET /api/jobs/one",
                        json(
                                200,
                                JOB.formatted(
                                        "succeeded",
                                        ",\"outputs\":[{\"file\":\"/x/a.mp4\",\"preset\":\"tiny\",\"bytes\":5,"
                                                + "\"measured\":{\"duration\":1.0},\"already\":true}]")))
                .on(
                        "GET /api/jobs/one/events",
                        brokenEvents(
                                "retry: 1\n\n",
                                event(1, "accepted", "{}"),
                                event(4, "started", "{}"),
                                stage(7, "prepare", "succeeded"),
                                "event: progress\ndata: {\"job_id\":\"one\",\"stage\":\"tts\",\"done\":0.5,\"speed\":0}\n\n",
                                "id: 8\nevent: stage\ndata: {\"cut"))
                .on("GET /api/jobs/one/events", events(stage(8, "mux", "succeeded")))
                .on("GET /api/jobs/one/events", json(503, "{\"detail\":\"the service is starting\"}"))
                .on(
                        "GET /api/jobs/one/events",
                        events(": \n\n", event(9, "note", "{\"text\":\"hm\"}"), event(10, "succeeded", "{}")));

        int code = avo("watch", "one");

        assertEquals(0, code, err.toString());
        assertEquals(
                """
                started
                prepare succeeded 1.5 s
                mux succeeded 1.5 s
                note: hm
                unchanged /x/a.mp4 (tiny, 1.0 s, 5 B)
                """,
                out.toString());
        assertEquals(2, err.toString().lines().count(), err.toString());
        List<String> seen = service.requests.stream()
                .filter(r -> r.line().endsWith("/events"))
                .map(r -> String.valueOf(r.headers().getFirst("Last-Event-ID")))
                .toList();
        assertEquals(List.of("null", "7", "8", "8"), seen);
    }

    @Test
    void endsWithTheCodeThatARunWouldHaveHad() throws IOException {
        String failure =
                "{\"failure\":{\"kind\":\"%s\",\"sentence\":\"no\",\"command\":\"ffmpeg -y\",\"last_lines\":[\"Bad\"]}}";
        service.on(accepting(), 201, JOB.formatted("queued", ""))
                .on("GET /api/jobs/one/events", events(event(2, "failed", "{}")))
                .on("GET /api/jobs/one", 200, JOB.formatted("failed", ",\"error\":\"ffmpeg ended with 1\""))
                .on("GET /api/jobs/one/report", json(200, failure.formatted("failed")))
                .on("GET /api/jobs/one/report", json(200, failure.formatted("blocked")))
                .on("GET /api/jobs/one/report", json(200, failure.formatted("invalid_spec")))
                .on("GET /api/jobs/one/report", json(404, "{\"detail\":\"none\"}"));

        assertEquals(1, avo("submit", "--wait", spec().toString()));
        assertEquals("failed: ffmpeg ended with 1\n  command: ffmpeg -y\n  | Bad\n", err.toString());
        assertEquals(3, avo("submit", "--wait", spec().toString()));
        assertEquals("blocked: ffmpeg ended with 1\n", err.toString());
        assertEquals(2, avo("submit", "--wait", spec().toString()));
        assertEquals(1, avo("submit", "--wait", spec().toString()));
    }

    @Test
    void aCancelledJobEndsTheWatchingAsCancelled() {
        service.on("GET /api/jobs/one", 200, JOB.formatted("cancelled", ""))
                .on("GET /api/jobs/one/events", events(event(2, "cancelled", "{}")));

        assertEquals(130, avo("watch", "--json", "one"));

        assertEquals(2, out.toString().lines().count(), out.toString());
    }

    @Test
    void listsNodesAndDrainsThem() {
        String node =
                "{\"id\":\"%s\",\"status\":\"%s\",\"labels\":[\"cpu\",\"gpu\"],\"seen_at\":\"" + java.time.Instant.now()
                        + "\",\"slots\":{\"jobs\":2,\"encoders\":4},\"running\":1,\"versions\":{\"avo\":\"1.2\"}}";
        service.on("GET /api/nodes", json(200, "{\"nodes\":[" + node.formatted("one", "ready") + "]}"));
        service.on("POST /api/nodes/one/drain", json(200, node.formatted("one", "draining")));
        service.on("POST /api/nodes/one/undrain", json(200, node.formatted("one", "ready")));

        assertEquals(0, avo("nodes"));
        assertTrue(
                out.toString()
                        .startsWith(
                                "NODE  STATE  JOBS  LABELS   VERSION  SEEN\none   ready  1/2   cpu,gpu  1.2      0s ago\n"),
                out.toString());
        assertEquals(0, avo("nodes", "drain", "one"));
        assertTrue(out.toString().endsWith("one: draining, 1 job runs\n"), out.toString());
        assertEquals(0, avo("nodes", "undrain", "one"));
        assertTrue(out.toString().endsWith("one: ready, 1 job runs\n"), out.toString());
    }

    @Test
    void pausesAndResumes() {
        service.on("POST /api/queue", json(200, "{\"mode\":\"suspended\",\"jobs\":{\"running\":2,\"queued\":5}}"));

        assertEquals(0, avo("pause", "--hard"));
        assertEquals("no further job starts; 2 running jobs stand still\n", out.toString());
        assertEquals("{\"mode\":\"suspended\"}", service.requests.get(0).body());
        assertEquals(0, avo("resume"));
        assertEquals("jobs start; 2 running, 5 waiting\n", out.toString());
    }

    @Test
    void aLocalServiceGetsTheTokenOfTheStateFolderAndAnotherOneDoesNot() throws IOException {
        Files.writeString(folder.resolve("token"), "secret-of-this-machine\n");
        Settings settings = Settings.read(
                Map.of(), Map.of("state.folder", folder.toString(), "http.host", "0.0.0.0", "http.port", "8123"));

        ServerAddress here = ServerAddress.find(Optional.empty(), settings, Map.of());
        assertEquals("http://127.0.0.1:8123", here.url());
        assertEquals(Optional.of("secret-of-this-machine"), here.token());
        ServerAddress there = ServerAddress.find(Optional.of("https://av.example/"), settings, Map.of());
        assertEquals("https://av.example", there.url());
        assertEquals(Optional.empty(), there.token());
        ServerAddress named = ServerAddress.find(
                Optional.empty(), settings, Map.of("AVO_SERVER", "av.example:80", "AVO_TOKEN", "theirs"));
        assertEquals("http://av.example:80", named.url());
        assertEquals(Optional.of("theirs"), named.token());
    }

    @Test
    void anAddressThatIsNoneIsRefused() {
        Settings settings = Settings.read(Map.of(), Map.of());
        for (String wrong : List.of("ftp://x", "http://", "http://a b", "http://x?y=1")) {
            String said = "";
            try {
                ServerAddress.find(Optional.of(wrong), settings, Map.of());
            } catch (InvalidSettingException e) {
                said = e.getMessage();
            }
            assertTrue(said.contains("should read like http://127.0.0.1:8080"), wrong + ": " + said);
        }
    }

    @Test
    void aMissingTokenIsExplained() throws IOException {
        service.on("GET /api/jobs?limit=50", 401, "{\"detail\":\"send the header\"}");

        int code =
                avoAt(List.of("jobs", "--server", service.url(), "--set", "state.folder=" + folder.resolve("nowhere")));

        assertEquals(1, code);
        assertTrue(err.toString().contains("nowhere/token is not there; put the token into AVO_TOKEN"), err.toString());
        assertFalse(service.requests.get(0).headers().containsKey("Authorization"));
    }

    @Test
    void loadsNeitherCamelNorTheStore() throws Exception {
        service.on("GET /api/jobs?limit=50", 200, "{\"jobs\":[" + JOB.formatted("failed", "") + "]}");
        Path loaded = folder.resolve("loaded.txt");
        Process program = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-XX:+UseSerialGC",
                        "-Xlog:class+load:file=" + loaded,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.localav.orchestrator.Main",
                        "jobs",
                        "--server",
                        service.url())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();

        assertEquals(0, program.waitFor());

        try (var lines = Files.lines(loaded)) {
            assertEquals(
                    List.of(),
                    lines.filter(line ->
                                    line.matches(".* (org\\.apache\\.camel|org\\.sqlite|org\\.jdbi|io\\.vertx)\\..*"))
                            .toList());
        }
    }

    @Test
    void completesTheIdsOfJobsInAShell() throws Exception {
        assertEquals(0, avoAt(List.of("generate-completion")), () -> err.toString());
        Path script = Files.writeString(
                folder.resolve("try.bash"),
                out
                        + """
                        compopt() { :; }
                        avo() { [[ $* == 'jobs -q --state queued,running' ]] && printf 'tour-1\ntour-2\nother\n'; }
                        COMP_WORDS=(avo cancel to) COMP_CWORD=2
                        _avo_with_jobs
                        echo "${COMPREPLY[@]}"
                        """);

        Process shell = new ProcessBuilder("bash", script.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();

        assertEquals("tour-1 tour-2\n", new String(shell.getInputStream().readAllBytes(), UTF_8));
    }
}
