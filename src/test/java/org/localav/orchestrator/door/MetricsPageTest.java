package org.localav.orchestrator.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.localav.orchestrator.engine.Studio;
import org.localav.orchestrator.observe.Promtool;

/** The metrics of a service that has made one job and failed at another, against what is promised of them. */
@Tag("tools")
class MetricsPageTest {
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");
    private static final String MACHINE = "(jvm|process|system)_.*";

    @TempDir
    static Path home;

    private static Lobby lobby;
    private static String scrape;

    @BeforeAll
    static void runTwoJobsAndScrape() throws Exception {
        Studio.draw(home);
        lobby = new Lobby(home, Map.of("media.roots", home.toString()));
        lobby.hall.service.start();
        Files.writeString(home.resolve("bad.wav"), "no sound");
        lobby.hall.accept("job: {id: good-job, tags: {project: secret-tag}}\nassets: {a: " + home.resolve("one.mp4")
                + ", b: " + home.resolve("bed.wav") + "}\n"
                + "audio: {tracks: {n: [{tts: {text: Hello, voice: en-us}}], bed: [{asset: b}]}}\n"
                + "video: {clips: [{asset: a}], size: 160x90, fps: 25, fit: contain}\n"
                + "outputs: [{path: good.mp4, preset: tiny}]\n");
        lobby.hall.accept("job: {id: bad-job}\nassets: {a: " + home.resolve("bad.wav") + "}\n"
                + "audio: {tracks: {n: [{asset: a}]}}\noutputs: [{path: bad.mp3, preset: mp3}]\n");
        lobby.hall.awaitStatus("good-job", "succeeded");
        lobby.hall.awaitStatus("bad-job", "failed");
        lobby.get("/api/jobs/good-job");
        // What is told of a collection is there after the first one.
        System.gc();
        lobby.hall.await(
                "a collection is told", () -> lobby.observatory.scrape().contains("jvm_gc_pause_seconds_count"));
        scrape = lobby.get("/observe/metrics").body();
    }

    @AfterAll
    static void close() {
        lobby.close();
    }

    private static Set<String> names() {
        Set<String> names = new TreeSet<>();
        Matcher type = TYPE.matcher(scrape);
        while (type.find()) {
            names.add(type.group(1));
        }
        return names;
    }

    private static void assertSample(String start) {
        assertTrue(scrape.lines().anyMatch(line -> line.startsWith(start)), () -> start + " is not in\n" + scrape);
    }

    @Test
    void promtoolHasNothingToSay() throws Exception {
        assertEquals("", Promtool.run(scrape, "check", "metrics"));
    }

    @Test
    void hasTheNamesAndLabelsThatWereFixed() {
        String prefix = "local_av_orchestrator_job";
        assertSample(prefix + "_stage_duration_seconds_count{stage=\"mux\",status=\"success\"} 1");
        assertSample(prefix + "_stage_duration_seconds_bucket{stage=\"mux\",status=\"success\",le=\"0.01\"} ");
        assertSample(prefix + "_stage_duration_seconds_bucket{stage=\"mux\",status=\"success\",le=\"14400.0\"} 1");
        assertSample(prefix + "_stage_duration_seconds_count{stage=\"prepare\",status=\"failure\"} 1");
        assertSample(prefix + "_stage_failures_total{reason=\"invalid_input\",stage=\"prepare\"} 1.0");
        assertSample(prefix + "_stage_failures_total{reason=\"upstream\",stage=\"tts\"} 0.0");
        assertSample(prefix + "_stage_retries_total{stage=\"tts\"} 0.0");
        assertSample(prefix + "s_active 0.0");
        assertSample(prefix + "_queue_depth 0.0");
    }

    @Test
    void countsWhatWasMadeBoughtAndAsked() {
        String prefix = "local_av_orchestrator_";
        assertSample(prefix + "job_duration_seconds_count{status=\"succeeded\"} 1");
        assertSample(prefix + "speech_characters_total{provider=\"local\"} 5.0");
        assertSample(prefix + "steps_total{result=\"made\",stage=\"tts\"} 1.0");
        assertSample(prefix + "ffmpeg_speed_ratio_count{stage=\"audio_mix\"} 1");
        assertSample(
                prefix + "http_request_duration_seconds_count{method=\"GET\",path=\"/api/jobs/:id\",status=\"200\"} 1");
        assertSample("camel_exchanges_total{route_id=\"ffmpeg-step\"} ");
        long held = lobby.hall.studio.workshop.store().bytes();
        assertTrue(held > 0, "the step store holds " + held);
        assertSample(prefix + "step_store_bytes " + (double) held);
        assertSample(prefix + "slots{kind=\"job\"} 2.0");
    }

    @Test
    void makesNoLabelOfJobsTagsOrWhatClientsMakeUp() throws Exception {
        String made = "/made-up-by-a-client";
        lobby.client()
                .send(
                        lobby.request(made)
                                .method("MADEUP", HttpRequest.BodyPublishers.noBody())
                                .build(),
                        BodyHandlers.ofString());

        String after = lobby.get("/observe/metrics").body();

        for (String word : List.of("good-job", "bad-job", "secret-tag", "made-up", "MADEUP", home.toString())) {
            assertFalse(after.contains(word), word);
        }
        assertTrue(after.contains("method=\"other\",path=\"none\""), after);
    }

    @Test
    void wantsTheToken() throws Exception {
        HttpResponse<String> answer = lobby.client()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create("http://127.0.0.1:" + lobby.doors.port() + "/observe/metrics"))
                                .build(),
                        BodyHandlers.ofString());

        assertEquals(401, answer.statusCode());
    }

    /** Names of metrics of ours, of Camel and of the machine as they stand in a query. */
    private static final Pattern IN_QUERY =
            Pattern.compile("\\b(?:local_av_orchestrator|camel|jvm|process|system)_[a-z0-9_]+");

    @ParameterizedTest
    @ValueSource(strings = {"overview", "job", "node"})
    void everyDashboardAsksForMetricsThatThereAre(String name) throws Exception {
        JsonNode dashboard = new ObjectMapper()
                .readTree(Path.of("ops/grafana", name + ".json").toFile());
        List<String> queries = new ArrayList<>();
        dashboard.get("panels").forEach(panel -> panel.get("targets")
                .forEach(t -> queries.add(t.get("expr").asText())));
        dashboard
                .get("templating")
                .get("list")
                .forEach(variable -> queries.add(variable.get("query").asText()));

        assertTrue(queries.size() > 10, queries::toString);
        assertAllScraped(queries);
    }

    @Test
    void theAlertsAskForMetricsThatThereAreAndFireWhenTheyShould() throws Exception {
        assertAllScraped(List.of(Files.readString(Path.of("ops/prometheus/alerts.yaml"))));
        Promtool.run("", "check", "rules", "ops/prometheus/alerts.yaml");
        Promtool.run("", "test", "rules", "ops/prometheus/alerts_test.yaml");
    }

    private static void assertAllScraped(List<String> queries) {
        Set<String> samples = scrape.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceAll("[{ ].*", ""))
                .collect(Collectors.toSet());
        for (String query : queries) {
            Matcher asked = IN_QUERY.matcher(query);
            while (asked.find()) {
                assertTrue(samples.contains(asked.group()), asked.group() + " in " + query);
            }
        }
    }

    @Test
    void thePageNamesEveryMetricAndNoOther() throws Exception {
        Matcher row =
                Pattern.compile("(?m)^\\| `([a-z0-9_]+)` \\|").matcher(Files.readString(Path.of("docs/metrics.md")));
        Set<String> documented =
                row.results().map(found -> found.group(1)).collect(Collectors.toCollection(TreeSet::new));
        // Micrometer tells the longest of late as a metric of its own.
        Set<String> scraped = names().stream()
                .filter(name -> !name.matches(MACHINE) && !name.endsWith("_max"))
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(documented, scraped);
        assertTrue(names().stream().anyMatch(name -> name.matches(MACHINE)));
    }
}
