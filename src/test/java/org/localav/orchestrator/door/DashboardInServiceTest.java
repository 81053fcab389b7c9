package org.localav.orchestrator.door;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.door.DashboardTest.film;
import static org.localav.orchestrator.door.DashboardTest.named;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.door.Visitor.Look;
import org.localav.orchestrator.engine.Studio;
import org.localav.orchestrator.job.StageRecord;
import org.localav.orchestrator.service.Hall;
import org.localav.orchestrator.service.Progress;
import org.localav.orchestrator.store.Claim;
import org.localav.orchestrator.store.LocalPostgres;

/** The dashboard of a service that has much to do, ends and comes back, or lets nothing be changed. */
@Timeout(120)
class DashboardInServiceTest {
    private static Visitor visitor;

    @BeforeAll
    static void open() {
        visitor = new Visitor();
    }

    @AfterAll
    static void close() {
        visitor.close();
    }

    @AfterEach
    void complainsOfNothing() {
        assertEquals(List.of(), visitor.complaints);
    }

    @Test
    void staysSmoothWithTwoHundredJobs(@TempDir Path own) throws Exception {
        try (Lobby full = new Lobby(own, Map.of())) {
            for (int i = 0; i < 200; i++) {
                full.hall.accept(film("j" + i));
            }
            List<Claim> claims = new java.util.ArrayList<>();
            for (int i = 0; i < 200; i++) {
                Claim claim = full.hall
                        .store
                        .claim("here", "run" + i, labels -> Optional.empty())
                        .orElseThrow();
                claims.add(claim);
                full.hall.store.stage(claim.job().id(), claim.token(), encoding(claim));
            }
            Page page = visitor.guest(full, Look.USUAL, "#/jobs");
            named(page, AriaRole.BUTTON, "Show more").click();
            assertThat(page.locator(".row .title")).hasCount(200);
            page.evaluate("() => { window.tasks = []; window.frames_ = []; let last = performance.now();"
                    + " new PerformanceObserver(list => tasks.push(...list.getEntries().map(one => one.duration)))"
                    + ".observe({type: 'longtask'});"
                    + " const frame = now => { frames_.push(now - last); last = now; requestAnimationFrame(frame); };"
                    + " requestAnimationFrame(frame); }");

            for (int step = 1; step <= 20; step++) {
                for (Claim claim : claims) {
                    full.hall.progress(new Progress(claim.job().id(), "video_concat", step / 20.0, 3));
                }
                page.waitForTimeout(100);
            }

            assertThat(page.locator(".row .words").first()).containsText("3.0×");
            double longest = ((Number) page.evaluate("Math.max(0, ...tasks)")).doubleValue();
            double frame = ((Number) page.evaluate("frames_.sort((a, b) => a - b)[Math.floor(frames_.length * 0.95)]"))
                    .doubleValue();
            System.out.printf(
                    "200 jobs, 4000 progress events: longest task %.0f ms, 95%% of frames within %.0f ms%n",
                    longest, frame);
            assertTrue(longest < 400, "a task of " + longest + " ms");
            assertTrue(frame < 250, "frames of " + frame + " ms");
        }
    }

    private static StageRecord encoding(Claim claim) {
        return new StageRecord(
                claim.job().id(),
                "video_concat",
                "running",
                Optional.of(Instant.now()),
                Optional.empty(),
                1,
                Optional.empty(),
                Map.of("inputs", 1));
    }

    @Test
    void comesBackWhenTheServiceDoes(@TempDir Path own) throws Exception {
        int port;
        try (var free = new java.net.ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Map<String, String> settings = Map.of("http.port", Integer.toString(port));
        Lobby before = new Lobby(own, settings);
        Page page = visitor.guest(before, Look.USUAL, "#/jobs");
        assertThat(page.locator(".live")).hasText("Live");
        before.close();
        assertThat(page.locator(".banner")).containsText("does not answer");

        try (Lobby after = new Lobby(own, settings)) {
            after.hall.accept(film("meanwhile"));

            assertThat(page.locator(".live")).hasText("Live");
            assertThat(page.locator(".row .title")).hasText(new String[] {"Film meanwhile"});
            assertThat(page.locator(".banner")).hasCount(0);
            after.hall.accept(film("later"));
            assertThat(page.locator(".row .title")).hasText(new String[] {"Film later", "Film meanwhile"});
        }
    }

    @Test
    void showsAndCancelsWhatAnotherNodeRuns(@TempDir Path own) throws Exception {
        Map<String, String> common = Map.of(
                "store.url", LocalPostgres.common().database(),
                "state.folder", own.resolve("state").toString(),
                "ffmpeg.program", DashboardTest.held(own).toString());
        Files.createFile(own.resolve("slow"));
        try (Hall other = new Hall(own.resolve("other"), and(common, "node.name", "other", "node.labels", "gpu"));
                Lobby here = new Lobby(own, and(common, "node.name", "here", "node.labels", "cpu"))) {
            Studio.draw(other.studio.jobs);
            other.service.start();
            here.hall.service.start();
            Page page = visitor.guest(here, Look.USUAL, "#/jobs");

            other.accept(film("far", 600).replace("id: far", "id: far, labels: [gpu]"));
            Locator row = page.locator(".row").filter(new Locator.FilterOptions().setHasText("Film far"));
            assertThat(row.locator(".badge").first()).hasText("running");
            row.locator(".title").click();
            assertThat(page.locator(".node.at-prepare")).hasAttribute("data-state", "succeeded");
            Locator picture = page.locator(".node.at-video-concat");
            assertThat(picture).hasAttribute("data-state", "running");
            other.progress(new Progress("far", "video_concat", 0.25, 2.5));
            assertThat(picture.getByRole(AriaRole.PROGRESSBAR)).hasAttribute("aria-valuenow", "25");
            named(page, AriaRole.BUTTON, "Cancel").click();
            named(page, AriaRole.BUTTON, "Cancel the job").click();

            assertThat(page.locator(".headline .badge")).hasText("cancelled");
            assertThat(picture).hasAttribute("data-state", "cancelled");
            other.awaitStatus("far", "cancelled");
            assertEquals(0, other.service.node().running());
        }
    }

    private static Map<String, String> and(Map<String, String> common, String... more) {
        Map<String, String> all = new HashMap<>(common);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        return all;
    }

    @Test
    void offersNothingToAReaderOfAReadOnlyService(@TempDir Path own) throws Exception {
        try (Lobby before = new Lobby(own, Map.of())) {
            before.hall.accept(film("fixed"));
        }
        try (Lobby readOnly = new Lobby(own, Map.of("read_only", "true"))) {
            Page page = visitor.guest(readOnly, Look.USUAL, "#/jobs");
            assertThat(page.locator(".row .title")).hasText(new String[] {"Film fixed"});
            assertFalse(page.locator(".acts button:visible, .priority button:visible")
                            .count()
                    > 0);
            page.navigate(readOnly.doors.address() + "/#/");
            page.locator(".lines .title").first().waitFor();
            assertThat(named(page, AriaRole.BUTTON, "Pause")).hasCount(0);
            page.navigate(readOnly.doors.address() + "/#/submit");
            assertThat(page.locator(".banner")).containsText("read-only");
            assertThat(named(page, AriaRole.BUTTON, "Submit")).hasCount(0);
            assertThat(named(page, AriaRole.BUTTON, "Check and plan")).isVisible();
        }
    }
}
