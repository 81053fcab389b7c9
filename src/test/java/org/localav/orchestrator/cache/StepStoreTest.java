package org.localav.orchestrator.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.plan.Measured;

class StepStoreTest {
    private static final Measured MEASURED =
            new Measured(Duration.ofMillis(1500), Optional.of(new Measured.Loudness(-16, -1.5, 4)), Optional.of(45L));

    @TempDir
    Path folder;

    @Test
    void givesBackWhatWasPutIn() throws IOException {
        StepStore store = new StepStore(folder, 1 << 20);

        StepStore.Entry put = put(store, "one", "result");

        StepStore.Entry found = store.find(Keys.sha256("one")).orElseThrow();
        assertEquals(put, found);
        assertEquals("result", Files.readString(found.file()));
        assertEquals(Keys.sha256("result"), found.sha256());
        assertEquals(MEASURED, found.measured());
        assertEquals("test", found.kind());
        assertEquals(Map.of("request", "r-1"), found.facts());
        assertTrue(store.find(Keys.sha256("other")).isEmpty());
    }

    @Test
    void keepsTheFirstOfTwoThatMakeTheSame() throws IOException {
        StepStore.Entry first = put(new StepStore(folder, 1 << 20), "one", "by the first");

        StepStore.Entry second = put(new StepStore(folder, 1 << 20), "one", "by the second");

        assertEquals(first.sha256(), second.sha256());
        assertEquals("by the first", Files.readString(second.file()));
    }

    @Test
    void noticesADamagedEntry() throws IOException {
        StepStore store = new StepStore(folder, 1 << 20);
        Files.writeString(put(store, "short", "result").file(), "res");
        Path entry = put(store, "torn", "result").file().resolveSibling("entry.json");
        Files.writeString(entry, "{\"file\":");

        assertTrue(store.find(Keys.sha256("short")).isEmpty());
        assertTrue(store.find(Keys.sha256("torn")).isEmpty());
        assertFalse(store.holds(Keys.sha256("short")));
    }

    @Test
    void noticesAFlippedByteWhateverTheTimesSay() throws IOException {
        StepStore store = new StepStore(folder, 1 << 20);
        Path file = put(store, "one", "result").file();

        flip(file);

        assertFalse(store.holds(KEY));
        assertTrue(Files.exists(file), "a plan changes nothing");
        assertTrue(store.find(KEY).isEmpty());
        assertFalse(Files.exists(file));
        assertEquals(1, note().lines().count());
        assertTrue(note().contains("result.txt has another content: its SHA-256 is "), note());
    }

    @Test
    void noticesAChangedFigure() throws IOException {
        StepStore store = new StepStore(folder, 1 << 20);
        Path entry = put(store, "one", "result").file().resolveSibling("entry.json");

        Files.writeString(entry, Files.readString(entry).replace("1.5000", "1.6000"));

        assertFalse(store.holds(KEY));
        assertTrue(store.find(KEY).isEmpty());
        assertTrue(note().contains("entry.json is not as it was written"), note());
    }

    @Test
    void noticesWhatIsMissingAndWhatLiesInTheWrongPlace() throws IOException {
        StepStore store = new StepStore(folder, 1 << 20);
        Files.delete(put(store, "one", "result").file());
        Path other = store.place(Keys.sha256("other"));
        Files.createDirectories(other.getParent());
        Files.move(put(store, "two", "result").file().getParent(), other);

        assertTrue(store.find(KEY).isEmpty());
        assertTrue(store.find(Keys.sha256("other")).isEmpty());
        assertFalse(store.holds(Keys.sha256("two")));
        put(store, "other", "right");
        assertEquals(
                "right",
                Files.readString(store.find(Keys.sha256("other")).orElseThrow().file()));
    }

    @Test
    void replacesADamagedEntryByTheNewResult() throws IOException {
        StepStore store = new StepStore(folder, 1 << 20);
        flip(put(store, "one", "result").file());

        put(store, "one", "result");

        assertEquals("result", Files.readString(store.find(KEY).orElseThrow().file()));
        assertTrue(note().contains("another content"), note());
    }

    @Test
    void readsAResultAgainOnlyWhenItWasTouched() throws IOException, DamagedException {
        StepStore store = new StepStore(folder, 1 << 20);
        Path file = put(store, "one", "result").file();
        EntryFolder entry = new EntryFolder(file.getParent());
        Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));

        assertTrue(store.find(KEY).isPresent());

        assertEquals(Stamp.of(file), entry.read().stamp());
        // What a failing disk does leaves no trace in the stamp: only reading all of it can tell.
        flip(file);
        entry.write("test", KEY, "result.txt", Keys.sha256("result"), MEASURED, Map.of());
        assertTrue(store.find(KEY).isPresent());
        assertEquals(List.of(KEY), verify(store, true));
        assertTrue(store.find(KEY).isEmpty());
    }

    @Test
    void verifiesEveryEntryAndLeavesTheOrderOfUse() throws IOException {
        StepStore store = new StepStore(folder, 1 << 20);
        put(store, "one", "result");
        Path touched = put(store, "two", "result").file();
        Files.setLastModifiedTime(touched, FileTime.from(Instant.EPOCH));
        Files.setLastModifiedTime(touched.getParent(), FileTime.from(Instant.EPOCH));
        flip(put(store, "three", "result").file());

        assertEquals(List.of(Keys.sha256("three")), verify(store, false));
        assertEquals(3, store.statistics().entries());
        assertEquals(List.of(Keys.sha256("three")), verify(store, true));

        assertEquals(List.of(), verify(store, true));
        Statistics statistics = store.statistics();
        assertEquals(2, statistics.entries());
        assertEquals(1, statistics.damaged().entries());
        assertEquals(Optional.of(Instant.EPOCH), statistics.oldestUse());
        assertEquals(2, statistics.kinds().get("test").entries());
    }

    @Test
    void savesAnEntryThatIsAboutToGo() throws IOException {
        StepStore store = new StepStore(folder, 1 << 20);
        put(store, "one", "result");
        Files.move(store.place(KEY), store.leaving(KEY));

        assertTrue(store.find(KEY).isPresent());

        assertTrue(Files.isDirectory(store.place(KEY)));
    }

    private static final String KEY = Keys.sha256("one");

    private String note() throws IOException {
        try (Stream<Path> aside = Files.list(folder.resolve("damaged"))) {
            return Files.readString(aside.findFirst().orElseThrow().resolve("note.txt"));
        }
    }

    private static List<String> verify(StepStore store, boolean setAside) throws IOException {
        List<String> damaged = new ArrayList<>();
        store.verify(setAside, new Verification.Watcher() {
            @Override
            public void read(long bytes) {}

            @Override
            public void damaged(String key, String what) {
                damaged.add(key);
            }
        });
        return damaged;
    }

    /** Changes a byte in the middle and sets the time of the change back. */
    static void flip(Path file) throws IOException {
        FileTime modified = Files.getLastModifiedTime(file);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, modified);
    }

    static StepStore.Entry put(StepStore store, String name, String text) throws IOException {
        Path workspace = store.workspace("test");
        Path file = Files.writeString(workspace.resolve("result.txt"), text);
        StepStore.Entry entry = put(store, name, file);
        Files.delete(workspace);
        return entry;
    }

    static StepStore.Entry put(StepStore store, String name, Path file) throws IOException {
        return store.put(Keys.sha256(name), "test", file, MEASURED, Map.of("request", "r-1"));
    }
}
