package org.localav.orchestrator.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.route.Routes.route;
import static org.localav.orchestrator.route.Routes.says;
import static org.localav.orchestrator.route.Routes.write;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.processor.aggregate.UseLatestAggregationStrategy;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class RouteCheckTest {
    private static final RouteSchema SCHEMA = new RouteSchema();
    private static final Path CASES = Path.of("src/test/resources/routes");

    @TempDir
    Path folder;

    /** What a method of routes may be called on. */
    public static final class Player {
        public void play() {}
    }

    private static void prepare(CamelContext context) {
        context.getRegistry().bind("player", new Player());
        context.getRegistry().bind("firstError", new UseLatestAggregationStrategy());
        Properties settings = new Properties();
        settings.setProperty("stage.backoff", "1000");
        context.getPropertiesComponent().setInitialProperties(settings);
    }

    /** Each {@code bad/*.camel.yaml} begins with comments: the exact sentences expected, without the file's folder. */
    @TestFactory
    Stream<DynamicTest> namesThePlaceAndTheMistakeOf() throws IOException {
        try (Stream<Path> cases = Files.list(CASES.resolve("bad"))) {
            return cases.sorted().toList().stream()
                    .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> checkBad(file)));
        }
    }

    private void checkBad(Path file) throws IOException {
        String text = Files.readString(file);
        List<String> expected = text.lines()
                .takeWhile(line -> line.startsWith("# "))
                .map(line -> line.substring(2))
                .toList();
        Path copied = write(folder.resolve(file.getFileName() + ".d"), "case.camel.yaml", text);

        RouteCheck.Findings findings = RouteCheck.check(copied.getParent(), RouteCheckTest::prepare, SCHEMA);

        assertEquals(
                String.join("\n", expected),
                String.join(
                        "\n",
                        findings.faults().stream()
                                .map(v -> v.toString().replace(copied.getParent() + "/", ""))
                                .toList()));
    }

    @Test
    void findsNothingInGoodRoutes() {
        RouteCheck.Findings findings = RouteCheck.check(CASES.resolve("good"), RouteCheckTest::prepare, SCHEMA);

        assertEquals(List.of(), findings.faults());
        assertEquals(List.of(), findings.warnings());
        assertTrue(findings.routes() >= 4, () -> findings.routes() + " routes");
    }

    @Test
    void namesBothPlacesOfARouteThatStandsInTwoFiles() {
        write(folder, "one.camel.yaml", says("mux", "x"));
        write(folder, "two.camel.yaml", says("mux", "y"));

        RouteCheck.Findings findings = RouteCheck.check(folder, RouteCheckTest::prepare, SCHEMA);

        assertEquals(
                List.of(
                        "two.camel.yaml:2:9: route id 'mux' is already taken at one.camel.yaml:2",
                        "two.camel.yaml:5:7: from 'direct:mux' is already taken at one.camel.yaml:5"),
                names(findings.faults()));
    }

    @Test
    void tellsOfFaultsInSeveralFilesAtOnce() {
        write(
                folder,
                "one.camel.yaml",
                route("one", "- bean: {ref: nobody, method: x}") + route("uno", "- to: {uri: \"nosuch:x\"}"));
        write(folder, "two.camel.yaml", route("two", "- to: {uri: \"direct:one\"}", "- to: {uri: \"direct:none\"}"));
        write(folder, "three.camel.yaml", route("three", "- lgo: x"));

        RouteCheck.Findings findings = RouteCheck.check(folder, RouteCheckTest::prepare, SCHEMA);

        assertEquals(
                List.of(
                        "one.camel.yaml:7:23: route 'one': no bean 'nobody'; known: firstError, player",
                        "one.camel.yaml:14:21: route 'uno': no component 'nosuch'",
                        "three.camel.yaml:7:11: [0].route.from.steps[0]: unknown step 'lgo'; did you mean 'log'?",
                        "two.camel.yaml:8:21: no route begins with 'direct:none'; did you mean 'one'?"),
                names(findings.faults()));
    }

    @Test
    void keepsDoorsAndJobRoutesApartAsTheyRun() {
        write(folder, "job.camel.yaml", says("job", "x"));
        write(folder, "intake-inbox.camel.yaml", route("inbox", "- to: {uri: \"direct:job\"}"));

        RouteCheck.Findings findings = RouteCheck.check(folder, RouteCheckTest::prepare, SCHEMA);

        assertEquals(
                List.of("intake-inbox.camel.yaml:7:21: no route begins with 'direct:job'; known: inbox"),
                names(findings.faults()));
    }

    @Test
    void warnsOfWhatIsHardToReadOrNeverRead() {
        write(
                folder,
                "a.camel.yaml",
                """
                - route:
                    id: half
                    group: stage
                    from:
                      uri: timer:tick
                      steps:
                        - to: exec:true?timeout=3
                """);
        write(
                folder,
                "errors.camel.yaml",
                """
                - routeConfiguration:
                    id: routeConfiguration-1385
                    onException: [{onException: {exception: [java.lang.Exception]}}]
                """);
        write(folder, "b.camel.yml", says("b", "x"));

        RouteCheck.Findings findings = RouteCheck.check(folder, RouteCheckTest::prepare, SCHEMA);

        assertEquals(List.of(), findings.faults());
        assertEquals(
                List.of(
                        "a.camel.yaml:2:5: route 'half' has no 'description' to say what it is for",
                        "a.camel.yaml:3:12: route 'half' is a stage that no route sends to; known stages: prepare, tts,"
                                + " audio_mix, video_concat, mux, finish",
                        "a.camel.yaml:5:12: route 'half' begins with 'timer:tick', which would run twice while an edit"
                                + " waits for running jobs; job routes begin with 'direct:', ways in belong in"
                                + " intake-*.camel.yaml",
                        "a.camel.yaml:7:15: put what follows '?' under 'parameters', one a line",
                        "b.camel.yml: isn't read; route files are named 'b.camel.yaml'",
                        "errors.camel.yaml:2:9: no route names the configuration 'routeConfiguration-1385' as its"
                                + " 'routeConfigurationId', so it holds for none; without an 'id' it holds for all"),
                names(findings.warnings()));
    }

    private List<String> names(List<?> violations) {
        return violations.stream()
                .map(v -> v.toString().replace(folder + "/", ""))
                .toList();
    }
}
