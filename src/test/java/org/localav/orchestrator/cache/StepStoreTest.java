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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
        assertEquals(Map.of("kind", "test"), found.facts());
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
    void removesTheLeastRecentlyUsedBeyondItsLimitButNothingYoungOrNeeded() throws IOException {
        StepStore store = new StepStore(folder, 1);
        for (String name : new String[] {"old", "older", "needed", "young"}) {
            put(store, name, "x".repeat(1000));
        }
        used("older", Duration.ofHours(3));
        used("old", Duration.ofHours(2));
        used("needed", Duration.ofHours(4));

        long freed = store.evict(Set.of(Keys.sha256("needed")));

        assertTrue(freed >= 2000);
        assertFalse(store.holds(Keys.sha256("older")));
        assertFalse(store.holds(Keys.sha256("old")));
        assertTrue(store.holds(Keys.sha256("needed")));
        assertTrue(store.holds(Keys.sha256("young")));
    }

    private void used(String name, Duration ago) throws IOException {
        String key = Keys.sha256(name);
        Files.setLastModifiedTime(
                folder.resolve(key.substring(0, 2)).resolve(key),
                FileTime.from(Instant.now().minus(ago)));
    }

    private static StepStore.Entry put(StepStore store, String name, String text) throws IOException {
        Path file = Files.writeString(store.workspace("test").resolve("result.txt"), text);
        return store.put(Keys.sha256(name), file, MEASURED, Map.of("kind", "test"));
    }
}
