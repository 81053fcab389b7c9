package org.localav.orchestrator.door;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.JSHandle;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.door.Visitor.Look;
import org.localav.orchestrator.engine.Studio;
import org.localav.orchestrator.service.Progress;
import org.localav.orchestrator.service.QueueState;

/** The dashboard in a real browser, on the real service with the real ffmpeg. */
@Timeout(120)
class DashboardTest {
    private static final List<String> VIEWS = List.of("#/", "#/jobs", "#/submit", "#/system");

    @TempDir
    static Path home;

    private static Lobby lobby;
    private static Visitor visitor;

    @BeforeAll
    static void open() throws Exception {
        lobby = new Lobby(home, Map.of("ffmpeg.program", held(home).toString()));
        Studio.draw(lobby.hall.studio.jobs);
        lobby.hall.service.start();
        visitor = new Visitor();
    }

    /** An ffmpeg that encodes no pictures as long as a file {@code slow} lies beside it. */
    static Path held(Path folder) throws Exception {
        Path ffmpeg = Files.writeString(
                folder.resolve("ffmpeg-held"),
                "#!/bin/bash\ncase \" $* \" in *libx264*) while [ -e '" + folder.resolve("slow")
                        + "' ]; do sleep 0.1; done ;;" + " esac\nexec ffmpeg \"$@\"\n");
        assertTrue(ffmpeg.toFile().setExecutable(true));
        return ffmpeg;
    }

    @AfterAll
    static void close() {
        if (visitor != null) {
            visitor.close();
        }
        lobby.close();
    }

    @BeforeEach
    void given() throws Exception {
        visitor.complaints.clear();
        lobby.hall.service.rule(QueueState.Mode.RUNNING);
    }

    @AfterEach
    void complainsOfNothing() {
        assertEquals(List.of(), visitor.complaints);
    }

    static String film(String id) {
        return film(id, 1000);
    }

    /** @param millis how long it plays; what no other has made before has to be encoded */
    static String film(String id, int millis) {
        return """
                job: {id: %1$s, title: Film %1$s, tags: {project: tests}}
                assets: {one: one.mp4, voice: voice.wav}
                audio: {tracks: {a: [{asset: voice}]}}
                video: {clips: [{asset: one, audio: mute, out: %2$dms}]}
                outputs: [{path: out/%1$s.mp4, preset: tiny}]
                """
                .formatted(id, millis);
    }

    private static Page guest(String address) throws Exception {
        return visitor.guest(lobby, Look.USUAL, address);
    }

    static Locator named(Page page, AriaRole role, String name) {
        return page.getByRole(role, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator card(Page page, String title) {
        return page.locator(".card").filter(new Locator.FilterOptions().setHasText(title));
    }

    private static void slow(boolean slow) throws Exception {
        if (slow) {
            Files.createFile(home.resolve("slow"));
        } else {
            Files.delete(home.resolve("slow"));
        }
    }

    @Test
    void opensSignedInByALinkThatWorksOnce() {
        String link = lobby.doors.link();
        Page first = visitor.stranger(Look.USUAL);
        first.navigate(link);
        assertThat(named(first, AriaRole.HEADING, "Overview")).isVisible();
        assertThat(first).hasURL(lobby.doors.address() + "/");
        assertThat(first.locator(".live")).hasText("Live");

        Page second = visitor.stranger(Look.USUAL);
        second.navigate(link);

        assertThat(second.getByRole(AriaRole.ALERT)).containsText("used before");
    }

    @Test
    void asksForTheTokenAndLetsGoOfIt() throws Exception {
        Page page = visitor.stranger(Look.USUAL);
        page.navigate(lobby.doors.address() + "/#/jobs");
        page.getByLabel("Token").fill("guessed");
        page.keyboard().press("Enter");
        assertThat(page.getByRole(AriaRole.ALERT)).hasText("That is not the token.");

        page.getByLabel("Token").fill(lobby.token());
        page.keyboard().press("Enter");

        assertThat(named(page, AriaRole.HEADING, "Jobs")).isVisible();
        named(page, AriaRole.BUTTON, "Sign out").click();
        assertThat(page.getByLabel("Token")).isFocused();
        page.reload();
        assertThat(page.getByLabel("Token")).isVisible();
    }

    @Test
    void plansASpecThatIsDroppedMakesItAndPlaysWhatWasMade() throws Exception {
        Page page = guest("#/submit");
        page.getByLabel("Folder").fill(lobby.hall.studio.jobs.toString());
        drop(page, "dropped.yaml", "version: 1\n" + film("dropped", 800));
        assertThat(page.locator(".plan")).containsText("video_concat");
        assertThat(page.locator(".plan .badge[data-state=run]").first()).hasText("run");
        assertTrue(lobby.hall.store.find("dropped").isEmpty());

        named(page, AriaRole.BUTTON, "Submit").click();

        assertThat(page).hasURL(Pattern.compile(".*#/jobs/dropped"));
        assertThat(page.locator(".headline .badge")).hasText("succeeded");
        assertThat(page.locator(".node[data-state=succeeded]").first()).isVisible();
        assertThat(page.locator(".log")).containsText("Picture succeeded");
        Locator video = page.locator("video");
        video.evaluate("video => { video.muted = true; return video.play(); }");
        until(page, "document.querySelector('video').currentTime > 0.2");
        page.locator(".contact-sheet img").scrollIntoViewIfNeeded();
        until(page, "[...document.querySelectorAll('.output img')].every(one => one.complete && one.naturalWidth > 0)");
        assertThat(page.locator(".output a[download]")).hasAttribute("download", "dropped.mp4");
        Page report = page.waitForPopup(() -> page.getByText("Report as a page").click());
        assertThat(report.locator(".sheet img").first()).isVisible();
    }

    /** Waits in the page itself, whose policy lets nobody else's text be run again and again. */
    private static void until(Page page, String so) {
        page.evaluate("() => new Promise(done => { const look = () => " + so
                + " ? done() : setTimeout(look, 50); look(); })");
    }

    private static void drop(Page page, String name, String text) {
        JSHandle data = page.evaluateHandle(
                "([name, text]) => { const data = new DataTransfer(); data.items.add(new File([text], name)); return data; }",
                List.of(name, text));
        page.dispatchEvent(".editor", "drop", Map.of("dataTransfer", data));
    }

    @Test
    void leadsToTheLineThatIsWrong() throws Exception {
        Page page = guest("#/submit");
        page.getByLabel("Spec", new Page.GetByLabelOptions().setExact(true))
                .last()
                .fill("version: 1\nassets: {voice: a.wav}\naudio: {tracks: {a: [{asset: voise}]}}\n"
                        + "outputs: [{path: b.wav, preset: wav-master, crf: 3}]\n");
        page.keyboard().press("Control+Enter");
        assertThat(page.locator(".violations li")).hasCount(2);
        assertThat(page.locator(".violations li").first()).containsText("did you mean 'voice'");

        named(page, AriaRole.BUTTON, "Go to line 3, column 30").click();

        assertEquals("voise}]}}", page.evaluate("getSelection().toString()"));
    }

    @Test
    void movesItsBarsAsWorkGoesOnAndCancelsAndRetries() throws Exception {
        slow(true);
        Page page = guest("#/");
        lobby.hall.accept(film("held", 600));
        Locator card = card(page, "Film held");
        Locator cell = card.locator(".cell").filter(new Locator.FilterOptions().setHasText("Picture"));
        assertThat(cell).hasAttribute("data-state", "running");
        Locator bar = card.getByRole(AriaRole.PROGRESSBAR, new Locator.GetByRoleOptions().setName("Picture"));

        lobby.hall.progress(new Progress("held", "video_concat", 0.25, 2.5));
        assertThat(bar).hasAttribute("aria-valuenow", "25");
        assertThat(cell).containsText("25% · 2.5×");
        lobby.hall.progress(new Progress("held", "video_concat", 0.5, 2.5));
        assertThat(bar).hasAttribute("aria-valuenow", "50");
        assertThat(cell).containsText("left");

        named(page, AriaRole.BUTTON, "Cancel Film held").click();
        assertThat(page.locator("dialog")).containsText("nothing of it is published");
        named(page, AriaRole.BUTTON, "Cancel the job").click();
        Locator ended = page.locator(".lines .line").filter(new Locator.FilterOptions().setHasText("Film held"));
        assertThat(ended).containsText("cancelled");
        slow(false);
        named(page, AriaRole.BUTTON, "Try Film held again").click();
        assertThat(ended).containsText("succeeded");
        assertThat(page.locator("#announcer")).containsText("Film held: succeeded");
    }

    @Test
    void pausesSuspendsAndResumesAndHearsOfItFromElsewhere() throws Exception {
        Page page = guest("#/");
        Page other = guest("#/jobs");

        named(page, AriaRole.BUTTON, "Pause").click();
        assertThat(other.locator(".banner")).containsText("The queue is paused");
        assertEquals(QueueState.Mode.PAUSED, lobby.hall.service.queue().mode());
        named(page, AriaRole.BUTTON, "Suspend").click();
        assertThat(other.locator(".banner")).containsText("programs stand still");
        assertThat(named(page, AriaRole.BUTTON, "Suspend")).hasAttribute("aria-pressed", "true");
        named(other, AriaRole.BUTTON, "Resume").click();

        assertThat(page.locator(".banner")).hasCount(0);
        assertThat(named(page, AriaRole.BUTTON, "Run")).hasAttribute("aria-pressed", "true");
        assertEquals(QueueState.Mode.RUNNING, lobby.hall.service.queue().mode());
    }

    @Test
    void letsAJobGoFirstWithTheKeyboardAlone() throws Exception {
        lobby.hall.service.rule(QueueState.Mode.PAUSED);
        lobby.hall.accept(film("first"));
        lobby.hall.accept(film("second"));
        Page page = guest("#/");
        Locator next = page.locator(".columns .lines").first().locator(".title");
        assertThat(next).hasText(new String[] {"Film first", "Film second"});
        page.keyboard().press("Tab");
        assertThat(page.locator(".skip")).isFocused();
        page.keyboard().press("Enter");
        assertThat(page.locator("main")).isFocused();

        tabTo(page, "Raise the priority of Film second");
        page.keyboard().press("Enter");

        assertThat(next).hasText(new String[] {"Film second", "Film first"});
        assertThat(named(page, AriaRole.BUTTON, "Raise the priority of Film second"))
                .isFocused();
        assertEquals(6, lobby.hall.job("second").priority());
        tabTo(page, "Film second");
        page.keyboard().press("Enter");
        assertThat(page.locator("h1")).isFocused();
        assertThat(page).hasTitle("second · Local AV Orchestrator");
        assertThat(page.locator(".log")).containsText("Priority 6");
        lobby.hall.service.cancel("first");
        lobby.hall.service.cancel("second");
        assertThat(page.locator(".headline .badge")).hasText("cancelled");
    }

    /** Goes on by the tab key until what has the focus is called so; what has it must be marked. */
    private static void tabTo(Page page, String name) {
        for (int i = 0; i < 60; i++) {
            page.keyboard().press("Tab");
            Object at = page.evaluate("() => { const at = document.activeElement;"
                    + " return getComputedStyle(at).outlineStyle === 'none' ? 'unmarked'"
                    + " : at.getAttribute('aria-label') ?? at.textContent; }");
            if (at.equals(name)) {
                return;
            }
        }
        throw new AssertionError("the tab key does not lead to '" + name + "'");
    }

    @Test
    void findsJobsByTextStateAndTag() throws Exception {
        lobby.hall.service.rule(QueueState.Mode.PAUSED);
        lobby.hall.accept(film("needle"));
        lobby.hall.accept(film("straw").replace("tests", "hay"));
        Page page = guest("#/jobs");
        assertThat(page.locator(".row .title").filter(new Locator.FilterOptions().setHasText("Film straw")))
                .isVisible();

        page.getByRole(AriaRole.SEARCHBOX).pressSequentially("NEEDL");
        assertThat(page.locator(".row .title")).hasText(new String[] {"Film needle"});
        assertThat(page.getByRole(AriaRole.SEARCHBOX)).isFocused();
        page.getByRole(AriaRole.SEARCHBOX).fill("");
        page.locator(".tag")
                .filter(new Locator.FilterOptions().setHasText("project: hay"))
                .click();
        assertThat(page.locator(".row .title")).hasText(new String[] {"Film straw"});
        page.locator(".chip.failed").click();
        assertThat(page.locator(".rows")).containsText("No job fits these filters.");
        lobby.hall.service.cancel("needle");
        lobby.hall.service.cancel("straw");
    }

    @Test
    void tellsWhyAJobFailed() throws Exception {
        lobby.hall.accept(film("lost").replace("one.mp4", "nowhere.mp4"));
        lobby.hall.awaitStatus("lost", "failed");

        Page page = guest("#/jobs/lost");

        assertThat(page.locator(".failure")).containsText("Wrong input");
        assertThat(page.locator(".failure .sentence")).containsText("nowhere.mp4");
        assertThat(page.locator(".node[data-state=failed]")).containsText("Prepare");
        assertThat(named(page, AriaRole.BUTTON, "Try again")).isVisible();
    }

    @Test
    void speaksChineseAndChangesItsLanguageAndTheme() throws Exception {
        Page page = visitor.guest(lobby, Look.CHINESE, "#/");
        assertThat(named(page, AriaRole.HEADING, "总览")).isVisible();
        assertThat(page.locator("html")).hasAttribute("lang", "zh-CN");

        named(page, AriaRole.BUTTON, "English").click();
        assertThat(named(page, AriaRole.HEADING, "Overview")).isVisible();
        page.locator(".theme").click();
        page.locator(".theme").click();
        assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
        page.reload();

        assertThat(named(page, AriaRole.HEADING, "Overview")).isVisible();
        assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
    }

    @Test
    void shutsNobodyOutAndFitsAPhone() throws Exception {
        lobby.hall.accept(film("shown"));
        lobby.hall.awaitStatus("shown", "succeeded");
        List<String> views = new java.util.ArrayList<>(VIEWS);
        views.add("#/jobs/shown");
        for (Look look : List.of(Look.USUAL, Look.DARK, Look.PHONE)) {
            Page page = visitor.guest(lobby, look, "#/");
            for (String view : views) {
                page.evaluate("address => location.hash = address", view);
                settled(page, view);
                if (look != Look.PHONE) {
                    assertEquals(List.of(), Visitor.barriers(page), view + " " + look);
                }
                assertEquals(
                        look.width(), page.evaluate("document.documentElement.scrollWidth"), view + " is too wide");
            }
        }
        Page door = visitor.stranger(Look.DARK);
        door.navigate(lobby.doors.address());
        door.getByLabel("Token").waitFor();
        assertEquals(List.of(), Visitor.barriers(door));
    }

    private static void settled(Page page, String view) {
        String sign =
                switch (view) {
                    case "#/" -> ".lines .title";
                    case "#/jobs" -> ".row .title";
                    case "#/submit" -> ".editor";
                    case "#/system" -> ".machine";
                    default -> ".output";
                };
        page.locator(sign).first().waitFor();
    }
}
