package org.localav.orchestrator.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.process.CancelledException;

/** Outputs come to their places all together or not at all, and nobody's file is lost on the way. */
class PublicationTest {
    @TempDir
    Path folder;

    private Path work;
    private Path out;

    @BeforeEach
    void makeFolders() throws IOException {
        work = Files.createDirectory(folder.resolve("work"));
        out = folder.resolve("out");
    }

    @Test
    void putsAllFilesInPlaceAndLeavesNothingElse() throws Exception {
        publication()
                .add(made("a", "new a"), out.resolve("a"))
                .add(made("b", "new b"), out.resolve("deep/b"))
                .publish(false, new Cancellation(), Tenure.ALONE);

        assertEquals("new a", Files.readString(out.resolve("a")));
        assertEquals("new b", Files.readString(out.resolve("deep/b")));
        assertEquals(List.of("a", "deep", "deep/b"), everything());
    }

    @Test
    void putsNoneInPlaceWhenOneIsTaken() throws Exception {
        Files.createDirectories(out);
        Files.writeString(out.resolve("b"), "somebody's");
        Publication publication =
                publication().add(made("a", "new a"), out.resolve("a")).add(made("b", "new b"), out.resolve("b"));

        assertThrows(BlockedException.class, () -> publication.publish(false, new Cancellation(), Tenure.ALONE));

        assertEquals("somebody's", Files.readString(out.resolve("b")));
        assertEquals(List.of("b"), everything());
    }

    @Test
    void replacesWhereThatIsAllowed() throws Exception {
        Files.createDirectories(out);
        Files.writeString(out.resolve("a"), "old");

        publication().add(made("a", "new"), out.resolve("a")).publish(true, new Cancellation(), Tenure.ALONE);

        assertEquals("new", Files.readString(out.resolve("a")));
        assertEquals(List.of("a"), everything());
    }

    @Test
    void leavesEverythingAsItWasWhenCancelled() throws Exception {
        Files.createDirectories(out);
        Files.writeString(out.resolve("a"), "old");
        Cancellation cancellation = new Cancellation();
        cancellation.cancel("enough");
        Publication publication = publication().add(made("a", "new"), out.resolve("a"));

        assertThrows(CancelledException.class, () -> publication.publish(true, cancellation, Tenure.ALONE));

        assertEquals("old", Files.readString(out.resolve("a")));
        assertEquals(List.of("a"), everything());
    }

    /** The state a process leaves that is killed after it has replaced one file of three and placed another. */
    @Test
    void undoesWhatAKilledProcessHadBegun() throws Exception {
        Files.createDirectories(out);
        Path replaced = out.resolve("replaced");
        Path placed = out.resolve("placed");
        Path waiting = out.resolve("waiting");
        List<Publication.Move> moves = List.of(move(replaced), move(placed), move(waiting));
        Files.writeString(moves.get(0).old(), "old");
        Files.writeString(replaced, "new");
        Files.writeString(moves.get(1).part(), "new");
        Files.createLink(placed, moves.get(1).part());
        Files.writeString(moves.get(2).part(), "new");
        Files.writeString(waiting, "somebody's");
        Receipts.write(work.resolve("publication.json"), Receipts.JSON.writeValueAsBytes(moves));

        Publication.recover(work);

        assertEquals("old", Files.readString(replaced));
        assertFalse(Files.exists(placed));
        assertEquals("somebody's", Files.readString(waiting));
        assertEquals(List.of("replaced", "waiting"), everything());
        assertFalse(Files.exists(work.resolve("publication.json")));
    }

    @Test
    void leavesAloneWhatIsJustWhatItWouldHavePutThere() throws Exception {
        Files.createDirectories(out);
        Files.writeString(out.resolve("a"), "new");

        publication().add(made("a", "new"), out.resolve("a")).publish(false, new Cancellation(), Tenure.ALONE);

        assertEquals(List.of("a"), everything());
    }

    @Test
    void tellsWhatItIsAboutToDoBeforeItDoesAnything() throws Exception {
        Files.createDirectories(out);
        Stolen stolen = new Stolen(announced -> {});

        publication().add(made("a", "new"), out.resolve("a")).publish(false, new Cancellation(), stolen);

        assertEquals(List.of(), stolen.there);
        assertTrue(stolen.announced.contains(out.resolve("a").toString()), stolen.announced);
    }

    /** A process that stands still just before it puts its files in place, and goes on when another one has done so. */
    @Test
    void putsNothingInPlaceOnceItsJobWasTakenOver() throws Exception {
        Files.createDirectories(out);
        Stolen stolen = new Stolen(announced -> takeOver(announced, false));
        Publication publication =
                publication().add(made("a", "ours"), out.resolve("a")).add(made("c", "ours"), out.resolve("c"));

        assertThrows(IOException.class, () -> publication.publish(false, new Cancellation(), stolen));

        assertEquals("theirs", Files.readString(out.resolve("a")));
        assertEquals(List.of("a"), everything());
    }

    @Test
    void replacesNothingOnceItsJobWasTakenOver() throws Exception {
        Files.createDirectories(out);
        Files.writeString(out.resolve("a"), "old");
        Stolen stolen = new Stolen(announced -> takeOver(announced, true));
        Publication publication = publication().add(made("a", "ours"), out.resolve("a"));

        assertThrows(IOException.class, () -> publication.publish(true, new Cancellation(), stolen));

        assertEquals("theirs", Files.readString(out.resolve("a")));
        assertEquals(List.of("a"), everything());
    }

    private interface Act {
        void run(String announced) throws Exception;
    }

    private void takeOver(String announced, boolean replace) throws Exception {
        Publication.undo(announced);
        publicationOf("other")
                .add(made("b", "theirs"), out.resolve("a"))
                .publish(replace, new Cancellation(), Tenure.ALONE);
    }

    /** Confirms a run's right to its job, which another one takes over the moment after. */
    private final class Stolen implements Tenure {
        private final Act then;
        private String announced;
        private List<String> there;

        Stolen(Act then) {
            this.then = then;
        }

        @Override
        public void announce(String moves) {
            announced = moves;
            try {
                there = everything();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void confirm() {
            try {
                then.run(announced);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void recoversNothingWhereNothingWasBegun() throws IOException {
        Publication.recover(work);

        assertTrue(Files.isDirectory(work));
    }

    private static Publication.Move move(Path target) {
        return new Publication.Move(
                target.resolveSibling("made"),
                target.resolveSibling("." + target.getFileName() + ".part"),
                target,
                target.resolveSibling("." + target.getFileName() + ".old"));
    }

    private Publication publication() {
        return publicationOf("run");
    }

    private Publication publicationOf(String run) {
        return new Publication(work, run, new Roots(List.of(Roots.real(folder)), "output.roots"));
    }

    private Path made(String name, String text) throws IOException {
        return Files.writeString(work.resolve(name), text);
    }

    private List<String> everything() throws IOException {
        try (Stream<Path> files = Files.walk(out)) {
            return files.filter(f -> !f.equals(out))
                    .map(f -> out.relativize(f).toString())
                    .sorted()
                    .toList();
        }
    }
}
