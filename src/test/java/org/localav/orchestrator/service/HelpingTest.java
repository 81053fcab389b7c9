package org.localav.orchestrator.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.media.LocalTools.make;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.Counter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.store.LocalPostgres;

/** Two nodes of one encoder each, on one store and one step store, and jobs that only one of them has. */
@Tag("tools")
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class HelpingTest {
    @TempDir
    static Path media;

    @TempDir
    Path home;

    private final List<Hall> open = new ArrayList<>();
    private Map<String, String> common;

    @BeforeAll
    static void draw() {
        make(media.resolve("long.mp4"), "-f lavfi -i testsrc2=s=640x360:r=25:d=18 -c:v libx264 -preset ultrafast");
    }

    @BeforeEach
    void settings() throws Exception {
        common = new HashMap<>(Map.of(
                "media.roots", media.toString(),
                "store.url", LocalPostgres.common().database(),
                "state.folder", home.resolve("state").toString(),
                "encoders", "1",
                "lease", "3s"));
    }

    private Hall node(String name, String... more) throws Exception {
        Map<String, String> settings = new HashMap<>(common);
        settings.put("node.name", name);
        for (String setting : more) {
            settings.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
        }
        Hall hall = new Hall(home.resolve(name), settings);
        open.add(hall);
        hall.service.start();
        return hall;
    }

    @AfterEach
    void close() {
        open.forEach(Hall::close);
    }

    /** Six clips that are six steps. */
    private static String film(String id, String... labels) {
        StringBuilder clips = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            clips.append("    - {asset: long, in: %ds, out: %ds}\n".formatted(3 * i, 3 * i + 3));
        }
        return "job: {id: " + id + ", labels: " + List.of(labels) + "}\nassets: {long: \"" + media.resolve("long.mp4")
                + "\"}\n"
                + "video:\n  clips:\n" + clips + "  filters: [\"eq=contrast=1.05\"]\n"
                + "outputs: [{path: out/" + id + ".mp4, preset: web-720p}]\n";
    }

    /** Two clips that take much longer to encode than it takes to see that they are. */
    private static String slow(String id) {
        return "job: {id: " + id + "}\nassets: {long: \"" + media.resolve("long.mp4") + "\"}\n"
                + "video:\n  size: 2560x1440\n  fps: 120\n  fit: contain\n"
                + "  clips: [{asset: long, in: 0s, out: 8s}, {asset: long, in: 8s, out: 16s}]\n"
                + "outputs: [{path: out/" + id + ".mp4, preset: web-720p}]\n";
    }

    /** Of the clips that were encoded: by which nodes. */
    private static Set<String> makers(Hall hall, String id) throws Exception {
        JsonNode report = Report.JSON.readTree(hall.service.report(id).orElseThrow());
        Set<String> nodes = new TreeSet<>();
        StreamSupport.stream(report.path("steps").spliterator(), false)
                .filter(step -> step.path("stage").asText().equals("video_concat"))
                .forEach(step -> nodes.add(step.path("node").asText()));
        return nodes;
    }

    private static boolean offered(Hall hall, String id) {
        return hall.service.events(Optional.of(id), 0, 1000).stream()
                .anyMatch(event -> event.type().equals("offered"));
    }

    private static int encoders(Hall hall) {
        return hall.studio.engine.slots().processor().used();
    }

    private static void awaitBoth(Hall one, Hall two) throws InterruptedException {
        one.await("both encode", () -> {
            assertFalse(
                    one.store.find("film").orElseThrow().status().ended(),
                    () -> one.service.events(Optional.of("film"), 0, 100).toString());
            return encoders(one) == 1 && encoders(two) == 1;
        });
    }

    private static double helped(Hall hall) {
        Counter counter = hall.meters
                .find("local_av_orchestrator_steps")
                .tag("result", "helped")
                .counter();
        return counter == null ? 0 : counter.count();
    }

    private static String sha256(Hall hall, String id) throws Exception {
        return Report.JSON
                .readTree(hall.service.report(id).orElseThrow())
                .path("outputs")
                .path(0)
                .path("sha256")
                .asText();
    }

    @Test
    void theClipsOfOneJobAreEncodedByBothNodesAndMakeTheSameFilm() throws Exception {
        Hall one = node("one");
        Hall two = node("two");

        one.accept(film("film"));
        one.awaitStatus("film", "succeeded");

        assertEquals(Set.of("one", "two"), makers(one, "film"));
        assertTrue(helped(one) + helped(two) >= 1);
        Hall alone = node("alone", "store.url=", "state.folder=" + home.resolve("apart"));
        alone.accept(film("film"));
        alone.awaitStatus("film", "succeeded");
        assertEquals(sha256(alone, "film"), sha256(one, "film"));
        assertEquals(Set.of(""), makers(alone, "film"));
        assertFalse(offered(alone, "film"));
    }

    @Test
    void aNodeThatIsAloneOffersNothing() throws Exception {
        Hall one = node("one");

        one.accept(film("film"));
        one.awaitStatus("film", "succeeded");

        assertFalse(offered(one, "film"));
        assertEquals(Set.of("one"), makers(one, "film"));
    }

    @Test
    void aNodeThatComesLaterHelpsWithWhatIsLeft() throws Exception {
        Hall one = node("one");
        one.accept(slow("film"));
        one.await("the first clip is encoded", () -> encoders(one) == 1);
        assertFalse(offered(one, "film"));

        Hall two = node("two");

        awaitBoth(one, two);
        assertTrue(offered(one, "film"));
        one.service.cancel("film");
        one.awaitStatus("film", "cancelled");
    }

    @Test
    void aNodeThatIsToldSoNeitherOffersNorHelps() throws Exception {
        Hall one = node("one", "node.labels=cpu,studio");
        node("two", "nodes.help=false", "node.labels=cpu,other");

        one.accept(film("film"));
        one.awaitStatus("film", "succeeded");

        Set<String> makers = makers(one, "film");
        assertEquals(offered(one, "film") ? Set.of("one") : Set.of("two"), makers);
        one.accept(film("second", "other").replace("1.05", "1.06"));
        one.awaitStatus("second", "succeeded");
        assertFalse(offered(one, "second"));
    }

    @Test
    void aNodeHelpsOnlyJobsWhoseLabelsItHas() throws Exception {
        Hall one = node("one", "node.labels=cpu,studio");
        node("two");

        one.accept(film("film", "studio"));
        one.awaitStatus("film", "succeeded");

        assertTrue(offered(one, "film"));
        assertEquals(Set.of("one"), makers(one, "film"));
    }

    @Test
    void aNodeWithAnotherStepStoreDoesNotHelp() throws Exception {
        Hall one = node("one");
        node("two", "state.folder=" + home.resolve("apart"));

        one.accept(film("film"));
        one.awaitStatus("film", "succeeded");

        assertTrue(offered(one, "film"));
        assertEquals(1, makers(one, "film").size());
    }

    @Test
    void cancellingEndsTheEncodersOfBothNodesAtOnce() throws Exception {
        Hall one = node("one");
        Hall two = node("two");
        one.accept(slow("film"));
        awaitBoth(one, two);

        long began = System.nanoTime();
        one.service.cancel("film");
        one.await("none encodes", () -> encoders(one) == 0 && encoders(two) == 0);

        assertTrue(Duration.ofNanos(System.nanoTime() - began).toMillis() < 2000);
        one.awaitStatus("film", "cancelled");
        assertFalse(Files.exists(one.studio.output("out/film.mp4")));
    }

    @Test
    void theJobGoesOnWhenAHelperEndsInGoodOrder() throws Exception {
        Hall one = node("one");
        Hall two = node("two");
        one.accept(slow("film"));
        awaitBoth(one, two);
        Hall helper = one.job("film").owner().equals(Optional.of("one")) ? two : one;
        Hall owner = helper == two ? one : two;

        helper.close();
        open.remove(helper);

        owner.await("its clip is free again", () -> owner.store.offers().open("anybody", site(owner)));
        owner.service.cancel("film");
        owner.awaitStatus("film", "cancelled");
    }

    private static String site(Hall hall) {
        try {
            return hall.studio.workshop.site();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
