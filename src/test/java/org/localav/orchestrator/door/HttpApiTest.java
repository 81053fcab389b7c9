package org.localav.orchestrator.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.door.Lobby.YAML;
import static org.localav.orchestrator.door.Lobby.detail;
import static org.localav.orchestrator.door.Lobby.ids;
import static org.localav.orchestrator.door.Lobby.json;
import static org.localav.orchestrator.door.Lobby.spec;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every operation over real sockets, with the real store; jobs are accepted and none is run. */
@Timeout(60)
class HttpApiTest {
    @TempDir
    static Path home;

    private static Lobby lobby;

    @BeforeAll
    static void open() throws Exception {
        lobby = new Lobby(home, Map.of());
    }

    @AfterAll
    static void close() {
        lobby.close();
    }

    private static HttpResponse<String> accept(String spec, String... headers) throws Exception {
        return lobby.post("/api/jobs", YAML, spec, headers);
    }

    @Test
    void acceptsASpecAndSaysWhereTheJobIs() throws Exception {
        HttpResponse<String> created = accept(spec("made"));

        assertEquals(201, created.statusCode());
        assertEquals("/api/jobs/made", created.headers().firstValue("Location").orElseThrow());
        HttpResponse<String> shown = lobby.get("/api/jobs/made");
        assertEquals("queued", json(shown).get("status").asText());
        assertEquals("http", json(shown).get("origin").asText());
    }

    @Test
    void acceptsJsonToo() throws Exception {
        String spec =
                """
                {"version": 1, "job": {"id": "in-json"}, "assets": {"voice": "nowhere.wav"},
                 "audio": {"tracks": {"a": [{"asset": "voice"}]}}, "outputs": [{"path": "out/a.wav", "preset": "wav-master"}]}
                """;

        HttpResponse<String> created = lobby.post("/api/jobs", "application/json; charset=utf-8", spec);

        assertEquals(201, created.statusCode());
        assertEquals("job.json", json(created).get("spec_name").asText());
    }

    @Test
    void givesTheSameJobForTheSameKey() throws Exception {
        String spec = spec("keyed");

        HttpResponse<String> first = accept(spec, "Idempotency-Key", "k 1");
        HttpResponse<String> again = accept(spec, "Idempotency-Key", "k 1");
        HttpResponse<String> other = accept(spec("keyed-2"), "Idempotency-Key", "k 1");
        HttpResponse<String> without = accept(spec);
        HttpResponse<String> long256 = accept(spec, "Idempotency-Key", "k".repeat(256));

        assertEquals(
                List.of(201, 200, 409, 409, 400),
                Stream.of(first, again, other, without, long256)
                        .map(HttpResponse::statusCode)
                        .toList());
        assertEquals(json(first).get("id"), json(again).get("id"));
        assertEquals("/api/jobs/keyed", again.headers().firstValue("Location").orElseThrow());
        assertEquals("keyed", json(other).get("job_id").asText());
        assertTrue(detail(without).startsWith("there is a job 'keyed' already, and it is queued"), detail(without));
    }

    @Test
    void namesEveryViolationWithLineAndColumn() throws Exception {
        HttpResponse<String> refused = lobby.post(
                "/api/jobs?name=tour.yaml",
                YAML,
                "version: 1\nassets: {voice: a.wav}\naudio: {tracks: {a: [{asset: voise}]}}\n"
                        + "outputs: [{path: b.wav, preset: wav-master, crf: 3}]\n");

        assertEquals(422, refused.statusCode());
        JsonNode violations = json(refused).get("violations");
        assertEquals(2, violations.size(), violations::toString);
        assertEquals("tour.yaml", violations.get(0).get("file").asText());
        assertEquals(3, violations.get(0).get("line").asInt());
        assertEquals(30, violations.get(0).get("column").asInt(), violations::toString);
        assertEquals(4, violations.get(1).get("line").asInt());
    }

    @Test
    void saysWhatToSendWhenCurlIsLeftToItself() throws Exception {
        HttpResponse<String> form = lobby.post("/api/jobs", "application/x-www-form-urlencoded", spec("form"));
        HttpResponse<String> untyped = lobby.send(
                "POST", "/api/jobs", lobby.request("/api/jobs").POST(BodyPublishers.ofString(spec("untyped"))));

        assertEquals(415, form.statusCode());
        assertEquals(
                "the body came as 'application/x-www-form-urlencoded', which is what curl sends unasked; send it as"
                        + " application/yaml or application/json, for example curl -H 'Content-Type: application/yaml'"
                        + " --data-binary @job.yaml",
                detail(form));
        assertEquals(415, untyped.statusCode());
        assertTrue(detail(untyped).startsWith("the header Content-Type is missing; "), detail(untyped));
    }

    @Test
    void refusesACompressedBodyInsteadOfReadingItAsText() throws Exception {
        HttpResponse<String> packed = lobby.send(
                "POST",
                "/api/jobs",
                lobby.request("/api/jobs")
                        .header("Content-Type", "application/yaml")
                        .header("Content-Encoding", "gzip")
                        .POST(BodyPublishers.ofString(spec("packed"))));

        assertEquals(415, packed.statusCode());
        assertEquals(
                "the body came with 'Content-Encoding: gzip'; send it as it is, without that header", detail(packed));
        assertEquals("identity", packed.headers().firstValue("Accept-Encoding").orElseThrow());
    }

    @Test
    void refusesABodyThatIsTooLarge() throws Exception {
        String large = spec("large") + "#".repeat(1 << 20);

        HttpResponse<String> refused = accept(large);

        assertEquals(413, refused.statusCode());
        assertEquals("a body has at most 1 MiB", detail(refused));
    }

    @Test
    void takesOnlyFoldersThatAreAllowed() throws Exception {
        Path jobs = Files.createDirectories(home.resolve("folder with blanks"));
        Path link = Files.createSymbolicLink(home.resolve("way-out"), Path.of("/etc"));

        HttpResponse<String> allowed =
                lobby.post("/api/jobs?folder=" + jobs.toUri().getRawPath(), YAML, spec("elsewhere"));
        HttpResponse<String> outside = lobby.post("/api/jobs?folder=/etc", YAML, spec("outside"));
        HttpResponse<String> linked = lobby.post("/api/jobs?folder=" + link, YAML, spec("linked"));
        HttpResponse<String> missing = lobby.post("/api/jobs?folder=" + home + "/none", YAML, spec("missing"));

        assertEquals(
                List.of(201, 403, 403, 400),
                Stream.of(allowed, outside, linked, missing)
                        .map(HttpResponse::statusCode)
                        .toList());
        assertEquals(jobs.toString(), json(allowed).get("folder").asText());
        assertTrue(detail(outside).contains("submit.roots"), detail(outside));
    }

    @Test
    void refusesParametersThatMeanNothing() throws Exception {
        HttpResponse<String> typo = lobby.post("/api/jobs?dryrun=true", YAML, spec("typo"));
        HttpResponse<String> maybe = lobby.post("/api/jobs?dry_run=maybe", YAML, spec("typo"));
        HttpResponse<String> name = lobby.post("/api/jobs?name=../x.yaml", YAML, spec("typo"));
        HttpResponse<String> wrongType = lobby.post("/api/jobs?name=x.json", YAML, spec("typo"));
        HttpResponse<String> state = lobby.get("/api/jobs?state=queud");
        HttpResponse<String> limit = lobby.get("/api/jobs?limit=0");
        HttpResponse<String> tag = lobby.get("/api/jobs?tag=project");
        HttpResponse<String> cursor = lobby.get("/api/jobs?cursor=A-1");

        List<HttpResponse<String>> all = List.of(typo, maybe, name, wrongType, state, limit, tag, cursor);
        assertEquals(
                List.of(400),
                all.stream().map(HttpResponse::statusCode).distinct().toList());
        assertTrue(detail(typo).contains("did you mean 'dry_run'?"), detail(typo));
        assertTrue(detail(state).contains("did you mean 'queued'?"), detail(state));
    }

    @Test
    void listsPageByPageByStateAndTag() throws Exception {
        for (int i = 1; i <= 5; i++) {
            accept(spec("page-" + i).replace("}\nassets", ", tags: {series: pages, part: p" + i % 2 + "}}\nassets"));
        }

        HttpResponse<String> first = lobby.get("/api/jobs?tag=series:pages&limit=2&state=queued,running");
        String next = json(first).get("next").asText();
        accept(spec("page-6").replace("}\nassets", ", tags: {series: pages}}\nassets"));
        HttpResponse<String> second = lobby.get("/api/jobs?tag=series:pages&limit=2&cursor=" + next);
        HttpResponse<String> third = lobby.get("/api/jobs?tag=series:pages&limit=2&cursor="
                + json(second).get("next").asText());
        HttpResponse<String> odd = lobby.get("/api/jobs?tag=series:pages&tag=part:p1");
        HttpResponse<String> none = lobby.get("/api/jobs?state=failed");

        assertEquals(List.of("page-5", "page-4"), ids(first));
        assertEquals(List.of("page-3", "page-2"), ids(second));
        assertEquals(List.of("page-1"), ids(third));
        assertFalse(json(third).has("next"));
        assertEquals(List.of("page-5", "page-3", "page-1"), ids(odd));
        assertEquals(List.of(), ids(none));
    }

    @Test
    void saysNothingNewToWhoKnowsAJob() throws Exception {
        accept(spec("tagged"));
        String etag = lobby.get("/api/jobs/tagged").headers().firstValue("ETag").orElseThrow();

        HttpResponse<String> known = lobby.get("/api/jobs/tagged", "If-None-Match", "W/\"x\", " + etag);
        lobby.post("/api/jobs/tagged/cancel");
        HttpResponse<String> changed = lobby.get("/api/jobs/tagged", "If-None-Match", etag);

        assertEquals(304, known.statusCode());
        assertEquals(etag, known.headers().firstValue("ETag").orElseThrow());
        assertEquals(200, changed.statusCode());
        assertEquals("cancelled", json(changed).get("status").asText());
    }

    @Test
    void cancelsAndRepeatsAJobThatWaits() throws Exception {
        accept(spec("on-and-off"));

        HttpResponse<String> early = lobby.post("/api/jobs/on-and-off/retry");
        HttpResponse<String> cancelled = lobby.post("/api/jobs/on-and-off/cancel");
        HttpResponse<String> twice = lobby.post("/api/jobs/on-and-off/cancel");
        HttpResponse<String> retried = lobby.post("/api/jobs/on-and-off/retry");

        assertEquals(
                List.of(409, 200, 409, 202),
                Stream.of(early, cancelled, twice, retried)
                        .map(HttpResponse::statusCode)
                        .toList());
        assertEquals("cancelled", json(cancelled).get("status").asText());
        assertEquals("queued", json(retried).get("status").asText());
        assertEquals("job 'on-and-off' has ended already: it is cancelled", detail(twice));
    }

    @Test
    void knowsNoJobThatIsNotThere() throws Exception {
        for (String path : List.of("", "/report", "/report.html", "/deliveries", "/events")) {
            HttpResponse<String> answer = lobby.get("/api/jobs/no%2Fne" + path);
            assertEquals(404, answer.statusCode(), path);
            assertEquals("there is no job 'no/ne'; 'avo jobs' lists those there are", detail(answer));
        }
        assertEquals(404, lobby.post("/api/jobs/none/cancel").statusCode());
        assertEquals(404, lobby.post("/api/jobs/none/retry").statusCode());
    }

    @Test
    void hasNoReportBeforeTheEnd() throws Exception {
        accept(spec("unreported"));

        HttpResponse<String> report = lobby.get("/api/jobs/unreported/report");
        HttpResponse<String> deliveries = lobby.get("/api/jobs/unreported/deliveries");

        assertEquals(404, report.statusCode());
        assertEquals("job 'unreported' is queued; its report is there when it has ended", detail(report));
        assertEquals(0, json(deliveries).get("messages").size());
    }

    @Test
    void tellsApartWhatIsNotThereAndWhatWantsAnotherMethod() throws Exception {
        HttpResponse<String> nothing =
                lobby.client().send(lobby.request("/api/jib").build(), HttpResponse.BodyHandlers.ofString());
        HttpResponse<String> method =
                lobby.client().send(lobby.request("/api/jobs").DELETE().build(), HttpResponse.BodyHandlers.ofString());
        HttpResponse<String> one =
                lobby.client().send(lobby.request("/api/jobs/x/cancel").build(), HttpResponse.BodyHandlers.ofString());

        assertEquals(404, nothing.statusCode());
        assertEquals("there is no /api/jib; /openapi.yaml lists what there is", detail(nothing));
        assertEquals(405, method.statusCode());
        assertEquals("GET, POST", method.headers().firstValue("Allow").orElseThrow());
        assertEquals(405, one.statusCode());
        assertEquals("POST", one.headers().firstValue("Allow").orElseThrow());
        for (HttpResponse<String> answer : List.of(nothing, method, one)) {
            assertEquals(
                    "application/problem+json",
                    answer.headers().firstValue("Content-Type").orElseThrow());
        }
    }

    @Test
    void rulesTheQueue() throws Exception {
        HttpResponse<String> paused = lobby.post("/api/queue", "application/json", "{\"mode\": \"paused\"}");
        HttpResponse<String> shown = lobby.get("/api/queue");
        HttpResponse<String> wrong = lobby.post("/api/queue", YAML, "mode: pausd");
        HttpResponse<String> resumed = lobby.post("/api/queue", YAML, "mode: running");

        assertEquals("paused", json(paused).get("mode").asText());
        assertEquals("paused", json(shown).get("mode").asText());
        assertEquals(422, wrong.statusCode());
        assertTrue(detail(wrong).contains("did you mean 'paused'?"), detail(wrong));
        assertEquals("running", json(resumed).get("mode").asText());
    }

    @Test
    void givesAJobThatWaitsAnotherPriority() throws Exception {
        for (String id : List.of("line-1", "line-2", "line-3")) {
            accept(spec(id).replace("}\nassets", ", title: In Line}\nassets"));
        }

        HttpResponse<String> up = lobby.post("/api/jobs/line-2/priority", YAML, "{priority: 8, was: 5}");
        HttpResponse<String> late = lobby.post("/api/jobs/line-2/priority", YAML, "{priority: 1, was: 5}");
        HttpResponse<String> wrong = lobby.post("/api/jobs/line-2/priority", "application/json", "{\"priority\": 10}");
        lobby.post("/api/jobs/line-1/cancel");
        HttpResponse<String> ended = lobby.post("/api/jobs/line-1/priority", YAML, "priority: 1");
        HttpResponse<String> first = lobby.get("/api/jobs?text=in%20line&order=queue&limit=1");
        HttpResponse<String> rest = lobby.get("/api/jobs?text=LINE-&order=queue&limit=1&cursor="
                + json(first).get("next").asText());
        HttpResponse<String> odd = lobby.get("/api/jobs?order=queue&state=failed");

        assertEquals(8, json(up).get("priority").asInt());
        assertEquals(409, late.statusCode());
        assertEquals("the priority of job 'line-2' is 8 by now and not 5; look again and decide anew", detail(late));
        assertEquals(422, wrong.statusCode());
        assertEquals(409, ended.statusCode());
        assertEquals(List.of("line-2"), ids(first));
        assertEquals(List.of("line-3"), ids(rest));
        assertFalse(json(rest).has("next"));
        assertEquals(400, odd.statusCode());
    }

    @Test
    void givesTheSpecAsItWasSent() throws Exception {
        accept(spec("written") + "# as it was\n");

        HttpResponse<String> written = lobby.get("/api/jobs/written/spec");

        assertEquals(spec("written") + "# as it was\n", written.body());
        assertEquals(
                "application/yaml", written.headers().firstValue("Content-Type").orElseThrow());
        assertEquals(404, lobby.get("/api/jobs/unwritten/spec").statusCode());
    }

    @Test
    void listsWhatHappenedToAJob() throws Exception {
        accept(spec("logged"));
        lobby.post("/api/jobs/logged/priority", YAML, "priority: 6");

        HttpResponse<String> all = lobby.get("/api/jobs/logged/log");
        JsonNode events = json(all).get("events");
        HttpResponse<String> rest =
                lobby.get("/api/jobs/logged/log?after=" + events.get(0).get("number"));

        assertEquals("accepted", events.get(0).get("type").asText());
        assertEquals(6, events.get(1).get("data").get("priority").asInt());
        assertEquals(1, json(rest).get("events").size());
        assertFalse(json(rest).get("more").asBoolean());
    }

    @Test
    void countsHowJobsEndedStepByStep() throws Exception {
        accept(spec("counted"));
        long before = cancelled(lobby.get("/api/stats"));
        lobby.post("/api/jobs/counted/cancel");

        HttpResponse<String> day = lobby.get("/api/stats");
        HttpResponse<String> hour = lobby.get("/api/stats?step=1m&steps=60");
        HttpResponse<String> wrong = lobby.get("/api/stats?step=1s");
        HttpResponse<String> steps = lobby.get("/api/steps");

        assertEquals(24, json(day).get("slots").size());
        assertEquals(before + 1, cancelled(day));
        assertEquals(60, json(hour).get("slots").size());
        assertEquals(before + 1, cancelled(hour));
        assertEquals("step='1s' should be a duration from 1m to 168h", detail(wrong));
        assertEquals(20L << 30, json(steps).get("limit").asLong());
    }

    private static long cancelled(HttpResponse<String> stats) throws Exception {
        long all = 0;
        for (JsonNode slot : json(stats).get("slots")) {
            all += slot.get("cancelled").asLong();
        }
        return all;
    }

    @Test
    void showsPresetsNodesHealthAndItsContract() throws Exception {
        HttpResponse<String> presets = lobby.get("/api/presets");
        HttpResponse<String> nodes = lobby.get("/api/nodes");
        HttpResponse<String> health = lobby.get("/api/health");
        HttpResponse<String> contract = lobby.get("/openapi.yaml");

        assertTrue(StreamSupport.stream(json(presets).get("presets").spliterator(), false)
                .anyMatch(p -> p.get("name").asText().equals("web-720p")));
        JsonNode node = json(nodes).get("nodes").get(0);
        assertEquals("here", node.get("id").asText());
        assertEquals("[\"cpu\"]", node.get("labels").toString());
        assertEquals("test", node.get("versions").get("avo").asText());
        assertEquals("up", json(health).get("status").asText());
        assertTrue(contract.body().startsWith("openapi: 3.1.0"), contract.body());
    }

    @Test
    void forgetsJobsThatEndedLongAgo() throws Exception {
        accept(spec("old"));
        lobby.post("/api/jobs/old/cancel");

        HttpResponse<String> kept = lobby.post("/api/jobs/prune?older_than=1h");
        HttpResponse<String> vague = lobby.post("/api/jobs/prune");
        HttpResponse<String> wrong = lobby.post("/api/jobs/prune?older_than=month");

        assertEquals(0, json(kept).get("count").asInt());
        assertEquals(400, vague.statusCode());
        assertEquals(400, wrong.statusCode());
    }

    @Test
    void saysInTheSameFormWhatItCouldNotRead() throws Exception {
        String line = lobby.raw("GET /api/jobs/" + "a".repeat(5000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        String head = lobby.raw("GET /api/jobs HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(9000) + "\r\n\r\n");
        String none = lobby.raw("HELLO\r\n\r\n");

        assertTrue(line.contains(" 414 "), line);
        assertTrue(head.contains(" 431 "), head);
        assertTrue(none.contains(" 400 "), none);
        for (String answer : List.of(line, head, none)) {
            assertTrue(answer.contains("application/problem+json"), answer);
        }
    }

    @Test
    void doesNotSendBackWhatAClientPutsIntoHeadersOrQuery() throws Exception {
        HttpResponse<String> answer = lobby.get("/api/health", "X-Evil", "1", "Access-Control-Allow-Origin", "*");
        String raw =
                lobby.raw("GET /api/health?Access-Control-Allow-Origin=*&Set-Cookie=a HTTP/1.1\r\nHost: localhost\r\n"
                        + "Origin: http://evil.example\r\nConnection: close\r\n\r\n");

        assertFalse(answer.headers().map().containsKey("x-evil"));
        assertFalse(raw.contains("\nAccess-Control"), raw);
        assertFalse(raw.contains("\nSet-Cookie"), raw);
        assertTrue(raw.startsWith("HTTP/1.1 400 "), raw);
    }

    @Test
    void servesEveryOperationOfTheContractAndNoOther() {
        List<String> promised = new Contract()
                .operations().stream()
                        .map(o -> o.method() + " " + o.path())
                        .sorted()
                        .toList();

        List<String> served = lobby.doors.router().getRoutes().stream()
                .filter(route -> route.getPath() != null)
                .map(route -> route.methods().iterator().next().name() + " "
                        + route.getPath().replaceAll(":(\\w+)", "{$1}"))
                .sorted()
                .toList();

        assertEquals(promised, served);
    }
}
