package org.localav.orchestrator.cache;

import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is in the step store.
 *
 * @param entries without those that were set aside as damaged
 * @param bytes of all files, notes about them included
 * @param limit bytes after which the least recently used entries go
 * @param kinds the same by the kind of step that made them; {@code unreadable} where that can't be told
 * @param pinned what running jobs of all processes and nodes need
 */
public record Statistics(
        long entries,
        long bytes,
        long limit,
        Optional<Instant> oldestUse,
        Optional<Instant> newestUse,
        Map<String, Count> kinds,
        Count pinned,
        Count damaged) {
    /** So many entries of so many bytes together. */
    public record Count(long entries, long bytes) {
        private static final Count NONE = new Count(0, 0);

        private Count plus(long more) {
            return new Count(entries + 1, bytes + more);
        }
    }

    static Statistics of(StepStore store) throws IOException {
        Tally tally = new Tally(store.pins().seen());
        Shelves shelves = new Shelves(store.folder());
        shelves.entries(tally::add);
        shelves.damaged(item -> tally.damaged = tally.damaged.plus(item.bytes()));
        return new Statistics(
                tally.all.entries(),
                tally.all.bytes(),
                store.limit(),
                Optional.ofNullable(tally.oldest),
                Optional.ofNullable(tally.newest),
                tally.kinds,
                tally.pinned,
                tally.damaged);
    }

    private static final class Tally {
        private final Set<String> held;
        private final Map<String, Count> kinds = new TreeMap<>();
        private Count all = Count.NONE;
        private Count pinned = Count.NONE;
        private Count damaged = Count.NONE;
        private Instant oldest;
        private Instant newest;

        Tally(Set<String> held) {
            this.held = held;
        }

        void add(Shelves.Item item) throws IOException {
            all = all.plus(item.bytes());
            kinds.merge(kind(item), Count.NONE.plus(item.bytes()), (a, b) -> a.plus(b.bytes()));
            if (held.contains(item.key())) {
                pinned = pinned.plus(item.bytes());
            }
            oldest = oldest == null || item.used().isBefore(oldest) ? item.used() : oldest;
            newest = newest == null || item.used().isAfter(newest) ? item.used() : newest;
        }

        private static String kind(Shelves.Item item) throws IOException {
            try {
                return item.folder().read().kind();
            } catch (DamagedException e) {
                return "unreadable";
            } catch (java.nio.file.NoSuchFileException e) {
                return "evicted";
            }
        }
    }
}
