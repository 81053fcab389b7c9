package org.localav.orchestrator.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.cache.Eviction.Goal;
import org.localav.orchestrator.plan.Keys;

/** What goes when the store is full, and what stays. */
class EvictionTest {
    private static final int BYTES = 100_000;

    @TempDir
    Path folder;

    private StepStore store;

    @BeforeEach
    void open() {
        store = new StepStore(folder, 10L * BYTES);
    }

    @Test
    void takesTheLeastRecentlyUsedUntilATenthBelowTheLimitIsReached() throws IOException {
        for (int i = 0; i < 12; i++) {
            entry("e" + i, Duration.ofHours(i));
        }
        store.find(Keys.sha256("e11"));

        long freed = store.evict();

        assertTrue(freed >= 4 * BYTES, freed + " bytes");
        assertEquals(Set.of("e0", "e1", "e2", "e3", "e4", "e5", "e6", "e11"), Set.copyOf(left()));
        assertEquals(store.statistics().bytes(), store.size().orElseThrow());
        assertEquals(List.of(), list("incoming"));
    }

    @Test
    void leavesEverythingThatFits() throws IOException {
        entry("old", Duration.ofDays(900));

        assertEquals(0, store.evict());

        assertEquals(List.of("old"), left());
    }

    @Test
    void sparesWhatARunningJobOfAnotherProcessNeeds() throws IOException {
        entry("needed", Duration.ofDays(2));
        entry("other", Duration.ofDays(1));
        StepStore elsewhere = new StepStore(folder, 1);
        StepStore.Pin pin = elsewhere.pin("run-1");
        pin.hold(List.of(Keys.sha256("needed"), Keys.sha256("to come")));

        Eviction.Pruned pruned = store.prune(all());

        assertEquals(List.of("needed"), left());
        assertEquals(1, pruned.entries());
        assertEquals(1, pruned.pinned());
        assertEquals(1, store.statistics().pinned().entries());
        entry("to come", Duration.ofDays(3));
        assertEquals(0, store.prune(all()).entries());
        pin.close();
        assertEquals(2, store.prune(all()).entries());
        assertEquals(List.of(), list("pins"));
    }

    @Test
    void forgetsThePinsOfAKilledProcessWhenTheyAreNotRenewed() throws IOException {
        entry("needed", Duration.ofDays(2));
        StepStore.Pin left = store.pin("killed");
        left.hold(List.of(Keys.sha256("needed")));
        Path file = list("pins").get(0);

        age(file, Pins.EXPIRY.minusSeconds(20));
        assertEquals(0, store.prune(all()).entries());
        age(file, Pins.EXPIRY.plusSeconds(20));
        assertEquals(1, store.prune(all()).entries());

        assertEquals(List.of(), list("pins"));
    }

    @Test
    void renewsAPinWhileItsJobRuns() throws IOException {
        Pins.Pin pin = store.pins().open("run-1");
        pin.hold(List.of(Keys.sha256("needed")));
        Path file = list("pins").get(0);
        age(file, Pins.EXPIRY.plusSeconds(20));

        pin.renew();

        assertEquals(Set.of(Keys.sha256("needed")), store.pins().held());
        // As after a long sleep of the machine, in which another node has cleared it away.
        Files.delete(file);
        pin.renew();
        assertEquals(Set.of(Keys.sha256("needed")), store.pins().held());
        pin.close();
        pin.renew();
        assertEquals(Set.of(), store.pins().held());
    }

    @Test
    void looksAtAllEntriesOnlyWhenTheRememberedSizeIsTooLargeOrLost() throws IOException {
        entry("one", Duration.ofDays(1));
        store.evict();
        Path foreign = Files.createDirectories(store.place("f".repeat(64)));
        Files.write(foreign.resolve("result.txt"), new byte[11 * BYTES]);

        assertEquals(0, store.evict());

        for (int i = 0; i < 9; i++) {
            entry("e" + i, Duration.ZERO);
        }
        assertTrue(store.evict() > 11 * BYTES);
        assertEquals(store.statistics().bytes(), store.size().orElseThrow());
        Files.delete(folder.resolve("size"));
        store.evict();
        assertEquals(store.statistics().bytes(), store.size().orElseThrow());
    }

    @Test
    void countsAgainWhatWasCountedLongAgoOrCannotBeRead() throws IOException {
        Ledger ledger = new Ledger(folder.resolve("size"), new FolderClock(folder));
        long now = Instant.now().getEpochSecond();
        for (String text : List.of("", "7\n", "counted " + (now - 90_000) + "\n5\n", "counted " + now + "\nx\n")) {
            Files.writeString(folder.resolve("size"), text);
            assertTrue(ledger.size().isEmpty(), text);
        }
        ledger.counted(40);
        ledger.changed(5);
        ledger.changed(-10);
        assertEquals(35, ledger.size().orElseThrow());
    }

    @Test
    void prunesByAgeAndSaysBeforehandWhat() throws IOException {
        entry("old", Duration.ofDays(40));
        entry("older", Duration.ofDays(50));
        entry("young", Duration.ofDays(20));
        Optional<Duration> month = Optional.of(Duration.ofDays(30));

        Eviction.Pruned dry = store.prune(new Goal(Long.MAX_VALUE, month, true));
        assertEquals(3, left().size());
        Eviction.Pruned done = store.prune(new Goal(Long.MAX_VALUE, month, false));

        assertEquals(dry, done);
        assertEquals(2, done.entries());
        assertEquals(List.of("young"), left());
    }

    @Test
    void clearsDamagedEntriesAwayFirst() throws IOException {
        entry("old", Duration.ofDays(40));
        StepStoreTest.flip(entry("damaged", Duration.ZERO).file());
        assertTrue(store.find(Keys.sha256("damaged")).isEmpty());
        assertEquals(1, list("damaged").size());

        store.prune(new Goal(BYTES + 5_000, Optional.empty(), false));

        assertEquals(List.of(), list("damaged"));
        assertEquals(List.of("old"), left());
    }

    @Test
    void sweepsWhatKilledProcessesLeftOnTheWayInOrOut() throws IOException {
        Path abandoned = Files.createDirectories(store.incoming("leaving-x"));
        Files.writeString(abandoned.resolve("result.txt"), "half");
        age(abandoned, Duration.ofHours(25));
        Path now = store.workspace("now");

        store.evict();

        assertEquals(List.of(now), list("incoming"));
    }

    @Test
    void goesByTheClockOfTheFolder() throws IOException {
        Instant before = Instant.now();
        for (int hours : new int[] {-5, 5}) {
            FolderClock clock = new FolderClock(folder, Clock.offset(Clock.systemUTC(), Duration.ofHours(hours)));

            Duration off = Duration.between(before, clock.now()).abs();

            assertTrue(off.compareTo(Duration.ofMinutes(5)) < 0, off.toString());
        }
    }

    @Test
    void goesByTheOwnClockWhereTheFolderHoldsNothing() throws IOException {
        Path file = Files.createFile(folder.resolve("no-folder"));
        Instant noon = Instant.parse("2026-01-01T12:00:00Z");

        assertEquals(noon, new FolderClock(file, Clock.fixed(noon, ZoneOffset.UTC)).now());
    }

    @Test
    void putsBackWhatAJobAsksForWhileItIsLeaving() throws IOException {
        for (int i = 0; i < 12; i++) {
            entry("e" + i, Duration.ofHours(i + 1));
        }
        // A job that starts in the middle of an eviction: its pin appears when the first entries are on their way out.
        Pins late = new Pins(folder.resolve("pins"), store.clock()) {
            private int asked;

            @Override
            Set<String> held() throws IOException {
                if (++asked == 3) {
                    store.pin("late").hold(List.of(Keys.sha256("e11"), Keys.sha256("e3")));
                }
                return super.held();
            }
        };

        Eviction.Pruned pruned = new Eviction(store, late).prune(all());

        assertEquals(List.of("e3", "e11"), left());
        assertEquals(10, pruned.entries());
        assertEquals(List.of(), list("incoming"));
        assertEquals(store.statistics().bytes(), store.size().orElseThrow());
    }

    @Test
    void hasWhoNeedsAnEntryWaitWhileItMayBeTakenAway() throws Exception {
        StepStore.Entry entry = entry("old", Duration.ofHours(1));
        store.pins().mark(entry.key());
        ExecutorService jobs = Executors.newSingleThreadExecutor();
        try {
            Future<Optional<StepStore.Entry>> found = jobs.submit(() -> store.find(entry.key()));
            StepStore.remove(entry.file().getParent());
            store.pins().unmark(entry.key());

            assertEquals(Optional.empty(), found.get());
        } finally {
            jobs.shutdownNow();
        }
    }

    @Test
    void doesNotWaitForAProcessThatWasKilledInTheMiddle() throws IOException {
        StepStore.Entry entry = entry("old", Duration.ofHours(1));
        store.pins().mark(entry.key());

        assertEquals(0, store.prune(all()).entries());
        assertEquals(entry.key(), store.find(entry.key()).orElseThrow().key());
        assertEquals(1, store.prune(all()).entries());
        assertEquals(List.of(), list("pins"));
    }

    private static Goal all() {
        return new Goal(0, Optional.empty(), false);
    }

    private StepStore.Entry entry(String name, Duration ago) throws IOException {
        StepStore.Entry entry = StepStoreTest.put(store, name, name + "x".repeat(BYTES - name.length()));
        age(entry.file().getParent(), ago);
        return entry;
    }

    private static void age(Path file, Duration ago) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(ago)));
    }

    private List<String> left() throws IOException {
        return Stream.of(
                        "one", "old", "older", "young", "needed", "other", "to come", "damaged", "e0", "e1", "e2", "e3",
                        "e4", "e5", "e6", "e7", "e8", "e9", "e10", "e11")
                .filter(name -> store.holds(Keys.sha256(name)))
                .toList();
    }

    private List<Path> list(String name) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(name))) {
            return files.toList();
        }
    }
}
