package org.localav.orchestrator.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.camel.StartupSummaryLevel;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.service.Hall;
import org.localav.orchestrator.store.Claim;
import org.localav.orchestrator.store.Ending;
import org.localav.orchestrator.store.JobQuery;
import org.localav.orchestrator.store.JobRow;

/** The shipped route of the inbox on real files, with the real service and store; no job is run. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class InboxTest {
    private static final Duration QUIET = Duration.ofMillis(200);
    private static final String NEVER = "1h";

    @TempDir
    Path home;

    private Hall hall;
    private Path inbox;
    private Inbox bean;
    private Main route;

    private void open() throws Exception {
        open(Map.of());
    }

    private void open(Map<String, String> more) throws Exception {
        inbox = home.resolve("in box, 片头 & co");
        Map<String, String> settings =
                new HashMap<>(Map.of("inbox.folder", inbox.toString(), "inbox.quiet", QUIET.toMillis() + "ms"));
        settings.putAll(more);
        Files.createDirectories(inbox);
        hall = new Hall(home, settings);
        start();
    }

    private void start() throws Exception {
        bean = new Inbox(
                hall.service, hall.service.settings(), hall.service.workshop().places());
        route = new Main();
        route.configure()
                .withJmxEnabled(false)
                .withRoutesIncludePattern("file:routes/intake-inbox.camel.yaml")
                .setStartupSummaryLevel(StartupSummaryLevel.Off);
        route.setDefaultPropertyPlaceholderLocation("false");
        route.addInitialProperty("inbox.folder", inbox.toString());
        bean.beans().forEach(route::bind);
        route.start();
    }

    private void stop() {
        route.stop();
        bean.close();
    }

    @AfterEach
    void close() {
        if (route != null) {
            stop();
            hall.close();
        }
    }

    private static String spec(String id) {
        return Lobby.spec(id);
    }

    private static String nameless(String text) {
        return "version: 1\naudio: {tracks: {a: [{tts: {text: " + text + "}}]}}\n"
                + "outputs: [{path: out.mp3, preset: mp3}]\n";
    }

    private Path write(String name, String text) throws IOException {
        Path file = inbox.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    /** As programs do that want nobody to see half a file. */
    private Path moveIn(String name, String text) throws IOException {
        Path made = Files.writeString(home.resolve("made"), text);
        return Files.move(made, inbox.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private void awaitFile(String name) throws InterruptedException {
        hall.await(name + " is there", () -> written(name));
    }

    /** A note is made first and written then. */
    private boolean written(String name) {
        return there(name) && inbox.resolve(name).toFile().length() > 0;
    }

    private boolean there(String name) {
        return Files.exists(inbox.resolve(name), LinkOption.NOFOLLOW_LINKS);
    }

    private String read(String name) throws IOException {
        return Files.readString(inbox.resolve(name));
    }

    private List<JobRow> jobs() {
        return hall.service.list(new JobQuery(Set.of(), Map.of(), OptionalLong.empty(), 20_000));
    }

    private static long since(long start) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    @Test
    void takesAFileThatIsMovedInAtOnceAndWaitsForOneThatIsWritten() throws Exception {
        open(Map.of("inbox.quiet", NEVER));
        awaitThatTheSystemTellsOfRenames();

        write("being-written.yaml", spec("half"));
        moveIn("moved.yaml", spec("whole"));
        awaitFile(".done/moved.yaml.job.txt");
        // Every poll looks at this one first.
        moveIn("moved-later.yaml", spec("later"));
        awaitFile(".done/moved-later.yaml.job.txt");

        assertTrue(there("being-written.yaml"));
        assertEquals(
                List.of("later", "whole"),
                jobs().stream()
                        .map(JobRow::id)
                        .filter(id -> !id.startsWith("probe"))
                        .toList());
    }

    /** What comes before the first poll counts as written. */
    private void awaitThatTheSystemTellsOfRenames() throws Exception {
        hall.await("a file that was moved in is taken", () -> {
            try {
                String probe = "probe-" + System.nanoTime();
                moveIn(probe + ".yaml", spec(probe));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            return there(".done");
        });
    }

    @Test
    void takesAWrittenFileOnceItHasBeenQuiet() throws Exception {
        open();

        long start = System.nanoTime();
        write("a.yaml", spec("a"));
        write("b.yml", spec("b"));
        write(
                "c.json",
                "{\"version\": 1, \"audio\": {\"tracks\": {\"v\": [{\"tts\": {\"text\": \"Hello\"}}]}},"
                        + " \"outputs\": [{\"path\": \"c.mp3\", \"preset\": \"mp3\"}]}");
        for (String name : List.of("a.yaml", "b.yml", "c.json")) {
            awaitFile(".done/" + name + ".job.txt");
        }

        assertTrue(since(start) >= QUIET.toMillis());
        assertEquals(3, jobs().size());
    }

    @Test
    void leavesOtherFilesAndHiddenOnesAlone() throws Exception {
        open();

        write("intro.mp4", "no spec");
        write("notes.yaml.txt", spec("no"));
        write(".hidden.yaml", spec("no"));
        write(".folder/job.yaml", spec("no"));
        write("z.yaml", spec("z"));
        awaitFile(".done/z.yaml.job.txt");

        assertEquals(1, jobs().size());
        for (String name : List.of("intro.mp4", "notes.yaml.txt", ".hidden.yaml", ".folder/job.yaml")) {
            assertTrue(there(name), name);
        }
    }

    @Test
    void followsSubFoldersAndKeepsThemInDoneAndAsTheStartOfRelativePaths() throws Exception {
        open();

        write("films/tour/job.yaml", spec("tour"));
        awaitFile(".done/films/tour/job.yaml.job.txt");

        assertEquals(inbox.resolve("films/tour"), hall.job("tour").folder());
        assertEquals("job.yaml", hall.job("tour").specName());
        assertEquals("inbox", hall.job("tour").origin());
        assertEquals(spec("tour"), read(".done/films/tour/job.yaml"));
        String note = read(".done/films/tour/job.yaml.job.txt");
        assertTrue(note.startsWith("job.yaml: it is job tour ("), note);
    }

    @Test
    void refusesABadFileOnlyAtTheSecondLookAndSaysAllThatIsWrong() throws Exception {
        open();

        long start = System.nanoTime();
        write("sub/bad.yaml", "version: 1\naudoi: {}\noutputs: [{path: a.mp3, preset: mp3, colour: red}]\n");
        awaitFile(".failed/sub/bad.yaml.error.txt");

        assertTrue(since(start) >= 3 * QUIET.toMillis());
        assertFalse(there("sub/bad.yaml"));
        assertTrue(there(".failed/sub/bad.yaml"));
        String note = read(".failed/sub/bad.yaml.error.txt");
        assertTrue(note.contains("bad.yaml:2:1: "), note);
        assertTrue(note.contains("bad.yaml:3:"), note);
        assertTrue(note.contains("put it here again:\n" + inbox.resolve("sub/bad.yaml")), note);
        assertEquals(List.of(), jobs());
    }

    @Test
    void looksAgainAtATornFileThatHasBecomeWhole() throws Exception {
        open();

        String text = spec("slow");
        write("slow.yaml", text.substring(0, text.length() / 2));
        moveIn("other.yaml", spec("other"));
        awaitFile(".done/other.yaml.job.txt");
        write("slow.yaml", text);
        awaitFile(".done/slow.yaml.job.txt");

        assertEquals(Optional.of(text), hall.service.spec("slow"));
        assertFalse(there(".failed"));
    }

    @Test
    void neverWritesOverWhatLiesInDone() throws Exception {
        open();

        write("job.yaml", spec("one"));
        awaitFile(".done/job.yaml.job.txt");
        write("job.yaml", spec("two"));
        awaitFile(".done/job-2.yaml.job.txt");

        assertEquals(spec("one"), read(".done/job.yaml"));
        assertEquals(spec("two"), read(".done/job-2.yaml"));
    }

    @Test
    void makesOneJobOfTheSameContentInTheSameFolder() throws Exception {
        open();

        write("first.yaml", nameless("Hello"));
        awaitFile(".done/first.yaml.job.txt");
        write("second.yaml", nameless("Hello"));
        awaitFile(".done/second.yaml.job.txt");
        write("elsewhere/third.yaml", nameless("Hello"));
        awaitFile(".done/elsewhere/third.yaml.job.txt");

        assertEquals(2, jobs().size());
        String id = jobs().get(1).id();
        String note = read(".done/second.yaml.job.txt");
        assertTrue(note.contains("the same as job " + id + ", which is queued: no second job was made"), note);
    }

    @Test
    void makesOneJobOfASpecThatHadComeAnotherWay() throws Exception {
        open();
        String spec = nameless("Hello").replace("version: 1\n", "version: 1\njob: {id: known}\n");
        hall.service.accept(new org.localav.orchestrator.service.Submission(
                spec, "job.yaml", inbox, "http", Optional.of("http:key")));

        write("job.yaml", spec);
        awaitFile(".done/job.yaml.job.txt");

        assertEquals(1, jobs().size());
        assertTrue(read(".done/job.yaml.job.txt").contains("no second job was made"));
    }

    @Test
    void triesAFailedOrCancelledJobAgainWhenItsSpecComesAgain() throws Exception {
        open();
        write("failed.yaml", spec("failed"));
        awaitFile(".done/failed.yaml.job.txt");
        Claim claim =
                hall.store.claim("here", "run", labels -> Optional.empty()).orElseThrow();
        hall.store.end(
                "failed",
                claim.token(),
                new Ending(JobStatus.FAILED, Optional.of("no"), Optional.of("error"), Optional.empty(), List.of()));
        write("cancelled.yaml", spec("cancelled"));
        awaitFile(".done/cancelled.yaml.job.txt");
        hall.service.cancel("cancelled");

        write("failed.yaml", spec("failed"));
        write("cancelled.yaml", spec("cancelled"));
        awaitFile(".done/failed-2.yaml.job.txt");
        awaitFile(".done/cancelled-2.yaml.job.txt");

        assertEquals(JobStatus.QUEUED, hall.job("failed").status());
        assertEquals(JobStatus.QUEUED, hall.job("cancelled").status());
        assertTrue(read(".done/failed-2.yaml.job.txt").contains("is tried again"));
        assertEquals(2, jobs().size());
    }

    @Test
    void refusesAnotherSpecOfAnIdThatIsTaken() throws Exception {
        open();
        write("a.yaml", spec("tour"));
        awaitFile(".done/a.yaml.job.txt");

        write("b.yaml", spec("tour") + "# changed\n");
        awaitFile(".failed/b.yaml.error.txt");

        String note = read(".failed/b.yaml.error.txt");
        assertTrue(note.contains("there is a job 'tour' already, and it is queued; give this one another id"), note);
    }

    @Test
    void refusesLinksThatLeadOutAndFollowsThoseThatStay() throws Exception {
        open();
        Path outside = Files.writeString(home.resolve("outside.yaml"), spec("outside"));
        write("kept/original.txt", spec("inside"));

        Files.createSymbolicLink(inbox.resolve("out.yaml"), outside);
        Files.createSymbolicLink(inbox.resolve("nowhere.yaml"), Path.of("nothing"));
        Files.createSymbolicLink(inbox.resolve("in.yaml"), Path.of("kept/original.txt"));
        awaitFile(".failed/out.yaml.error.txt");
        awaitFile(".failed/nowhere.yaml.error.txt");
        awaitFile(".done/in.yaml.job.txt");

        String note = read(".failed/out.yaml.error.txt");
        assertTrue(note.contains("out.yaml: is a link that leads out of the inbox, to " + outside), note);
        assertTrue(read(".failed/nowhere.yaml.error.txt").contains("is a link that leads nowhere"));
        assertEquals(spec("outside"), Files.readString(outside));
        assertEquals(List.of("inside"), jobs().stream().map(JobRow::id).toList());
    }

    @Test
    void doesNotFollowLinksToFolders() throws Exception {
        open();
        Path outside = Files.createDirectories(home.resolve("elsewhere"));
        Files.writeString(outside.resolve("job.yaml"), spec("outside"));

        Files.createSymbolicLink(inbox.resolve("a-link"), outside);
        Files.createSymbolicLink(inbox.resolve("a-loop"), inbox);
        write("z.yaml", spec("z"));
        awaitFile(".done/z.yaml.job.txt");

        assertEquals(1, jobs().size());
        assertTrue(Files.exists(outside.resolve("job.yaml")));
    }

    @Test
    void refusesPipesAndHugeFilesUnread() throws Exception {
        open();

        run("mkfifo", inbox.resolve("pipe.yaml").toString());
        Files.write(inbox.resolve("huge.yaml"), new byte[(1 << 20) + 1]);
        awaitFile(".failed/pipe.yaml.error.txt");
        awaitFile(".failed/huge.yaml.error.txt");

        assertTrue(read(".failed/pipe.yaml.error.txt").contains("is no regular file, but a pipe"));
        assertTrue(read(".failed/huge.yaml.error.txt").contains("is larger than 1 MiB"));
    }

    private static void run(String... command) throws Exception {
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor(), () -> String.join(" ", command));
    }

    @Test
    void takesFilesOfAnyName() throws Exception {
        open();
        List<String> names =
                List.of("with spaces.yaml", "quo'te\"s $(x).yaml", "🎬 片头.yaml", "per%20cent+&#.yaml", "-n.yaml");

        for (int i = 0; i < names.size(); i++) {
            write(names.get(i), spec("odd-" + i));
        }
        write("x".repeat(250) + ".yaml", spec("long"));
        write("two\nlines.yaml", spec("lines"));
        run("bash", "-c", "printf '%s' \"$1\" >\"$0/\"$'caf\\xe9.yaml'", inbox.toString(), spec("latin"));
        hall.await("all are taken", () -> jobs().size() == names.size() + 3);

        for (String name : names) {
            awaitFile(".done/" + name + ".job.txt");
        }
        awaitFile(".done/" + "x".repeat(247) + ".job.txt");
        hall.await("nothing is left", () -> left().isEmpty());
        assertEquals("two?lines.yaml", hall.job("lines").specName());
    }

    private List<String> left() {
        try (Stream<Path> files = Files.list(inbox)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void makesOneJobOfAFileThatCannotBePutAwayAndPutsItAwayAsSoonAsItCan() throws Exception {
        open();
        Path inTheWay = Files.writeString(inbox.resolve(".done"), "a file where the folder should be");

        write("a.yaml", nameless("Hello"));
        hall.await("it is a job", () -> jobs().size() == 1);
        moveIn("b.yaml", nameless("Bye"));
        hall.await("the next one is, too", () -> jobs().size() == 2);
        assertTrue(there("a.yaml"));
        Files.delete(inTheWay);
        awaitFile(".done/a.yaml.job.txt");

        assertTrue(read(".done/a.yaml.job.txt")
                .contains("it is job " + jobs().get(1).id()));
        assertEquals(2, jobs().size());
    }

    @Test
    void makesNoSecondJobAfterACrashBetweenTheJobAndTheMove() throws Exception {
        open();
        Path inTheWay = Files.writeString(inbox.resolve(".done"), "a file where the folder should be");
        write("a.yaml", nameless("Hello"));
        hall.await("it is a job", () -> jobs().size() == 1);
        stop();
        String id = jobs().get(0).id();
        hall.service.cancel(id);
        Files.delete(inTheWay);

        start();
        awaitFile(".done/a.yaml.job.txt");

        assertEquals(1, jobs().size());
        assertEquals(
                JobStatus.CANCELLED, hall.job(id).status(), "the file is the one of then, and asks for nothing new");
    }

    @Test
    void leavesAFileThatCannotBeReadAndTakesItOnceItCan() throws Exception {
        open();
        Path file = Files.writeString(home.resolve("locked.yaml"), spec("locked"));
        Files.setPosixFilePermissions(file, Set.of());
        assumeFalse(Files.isReadable(file), "this user may read everything");

        Files.move(file, inbox.resolve("locked.yaml"));
        awaitFile(".failed/locked.yaml.error.txt");
        assertTrue(there("locked.yaml"));
        assertTrue(
                read(".failed/locked.yaml.error.txt").matches("(?s)locked.yaml can't be read \\(.*access denied\\).*"));
        Files.setPosixFilePermissions(inbox.resolve("locked.yaml"), PosixFilePermissions.fromString("r--------"));
        awaitFile(".done/locked.yaml.job.txt");

        assertEquals(1, jobs().size());
    }

    @Test
    void makesOneJobInAFolderThatCannotBeWritten() throws Exception {
        open();
        Path folder = Files.createDirectories(inbox.resolve("locked"));
        write("locked/a.yaml", nameless("Hello"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            assumeFalse(Files.isWritable(folder), "this user may write everywhere");
            hall.await("it is a job", () -> !jobs().isEmpty());
            moveIn("b.yaml", nameless("Bye"));
            awaitFile(".done/b.yaml.job.txt");

            assertTrue(there("locked/a.yaml"));
            assertEquals(2, jobs().size());
        } finally {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void leavesFilesWhereTheyAreWhileTheStoreIsDown() throws Exception {
        open();
        hall.store.close();

        write("bad.yaml", "version: 2\n");
        write("a.yaml", spec("a"));
        // This one comes behind the other one, and is refused without the store.
        awaitFile(".failed/bad.yaml.error.txt");

        assertTrue(there("a.yaml"));
        assertFalse(there(".done"));
        assertFalse(there(".failed/a.yaml"));
    }

    @Test
    void leavesAllAloneWhenTheServiceIsReadOnly() throws Exception {
        open(Map.of("read_only", "true"));

        write("a.yaml", spec("a"));
        hall.await("it was looked for", () -> route.getCamelContext().isStarted());

        assertTrue(there("a.yaml"));
        assertFalse(there(".failed"));
    }

    @Test
    void takesManyFilesAtOnce() throws Exception {
        int files = Integer.getInteger("avo.inbox.files", 300);
        open();

        long start = System.nanoTime();
        for (int i = 0; i < files; i++) {
            write("job-" + i + ".yaml", nameless("Hello number " + i));
        }
        long written = since(start);
        hall.await("all are taken", () -> hall.service.queue().jobs().getOrDefault(JobStatus.QUEUED, 0L) == files);
        long taken = since(start);
        hall.await("all are put away", () -> left().isEmpty());

        System.out.println(files + " files: written in " + written + " ms, accepted after " + taken
                + " ms, put away after " + since(start) + " ms");
        assertEquals(files, jobs().size());
    }
}
