package org.localav.orchestrator.cache;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * One look at all entries, and the removal of those that nobody needs and that were not used for longest. Damaged ones that
 * were set aside go first.
 */
public final class Eviction {
    /** What lies in {@code incoming/} for longer was left by a killed process. */
    private static final Duration ABANDONED = Duration.ofDays(1);

    /** So few leave at once that one that has to come back was away for a moment only. */
    private static final int BATCH = 20;

    private final StepStore store;
    private final Pins pins;
    private final List<Candidate> entries = new ArrayList<>();
    private final List<Candidate> damaged = new ArrayList<>();
    private final long size;

    /** Small, because there may be a hundred thousand of them. */
    private record Candidate(String name, Instant used, long bytes) {}

    /**
     * How far to go.
     *
     * @param bytes that may stay
     * @param unused nothing used more recently goes, and everything else does, whatever its size
     * @param dry only to count what would go
     */
    public record Goal(long bytes, Optional<Duration> unused, boolean dry) {}

    /**
     * What went, or would go.
     *
     * @param pinned entries that were spared because a running job needs them
     * @param left bytes that are still there
     */
    public record Pruned(long entries, long bytes, long pinned, long left) {}

    Eviction(StepStore store) throws IOException {
        this(store, store.pins());
    }

    Eviction(StepStore store, Pins pins) throws IOException {
        this.store = store;
        this.pins = pins;
        Shelves shelves = new Shelves(store.folder());
        shelves.entries(item -> entries.add(new Candidate(item.key(), item.used(), item.bytes())));
        shelves.damaged(item -> damaged.add(new Candidate(item.key(), item.used(), item.bytes())));
        this.size = sum(entries) + sum(damaged);
    }

    private static long sum(List<Candidate> candidates) {
        return candidates.stream().mapToLong(Candidate::bytes).sum();
    }

    long size() {
        return size;
    }

    /** Removes what is beyond the goal. */
    Pruned prune(Goal goal) throws IOException {
        Set<String> pinned = goal.dry() ? pins.seen() : pins.held();
        Instant now = goal.dry() ? Instant.now() : store.clock().now();
        Instant old = goal.unused().map(now::minus).orElse(Instant.MIN);
        if (!goal.dry()) {
            store.ledger().counted(size);
            sweep();
        }
        Tally tally = new Tally();
        for (Candidate candidate : byUse(damaged)) {
            if (tally.left > goal.bytes() || candidate.used().isBefore(old)) {
                tally.gone(candidate);
                if (!goal.dry()) {
                    StepStore.remove(store.damaged(candidate.name()));
                    store.ledger().changed(-candidate.bytes());
                }
            }
        }
        List<Candidate> batch = new ArrayList<>();
        for (Candidate candidate : byUse(entries)) {
            if (tally.left - sum(batch) <= goal.bytes() && !candidate.used().isBefore(old)) {
                break;
            }
            if (pinned.contains(candidate.name())) {
                tally.spared++;
            } else if (goal.dry()) {
                tally.gone(candidate);
            } else {
                batch.add(candidate);
                if (batch.size() == BATCH) {
                    take(batch).forEach(tally::gone);
                    batch.clear();
                }
            }
        }
        take(batch).forEach(tally::gone);
        return new Pruned(tally.entries, size - tally.left, tally.spared, tally.left);
    }

    private final class Tally {
        private long left = size;
        private long entries;
        private long spared;

        private void gone(Candidate candidate) {
            entries++;
            left -= candidate.bytes();
        }
    }

    private static List<Candidate> byUse(List<Candidate> candidates) {
        candidates.sort(Comparator.comparing(Candidate::used));
        return candidates;
    }

    /** Removes entries unless they are needed or somebody else is at them, and gives those that are gone. */
    private List<Candidate> take(List<Candidate> batch) throws IOException {
        List<Candidate> marked = new ArrayList<>();
        try {
            for (Candidate candidate : batch) {
                if (pins.mark(candidate.name())) {
                    marked.add(candidate);
                }
            }
            return marked.isEmpty() ? List.of() : takeMarked(marked);
        } finally {
            for (Candidate candidate : marked) {
                pins.unmark(candidate.name());
            }
        }
    }

    /**
     * The pins are read once more when the entries can't be found any longer: should this process have stood still for so
     * long that its marks were not waited for, a job that has seen one before is heard now.
     */
    private List<Candidate> takeMarked(List<Candidate> batch) throws IOException {
        Set<String> needed = pins.held();
        List<Candidate> leaving = new ArrayList<>();
        for (Candidate candidate : batch) {
            if (!needed.contains(candidate.name()) && leaves(candidate)) {
                leaving.add(candidate);
            }
        }
        Set<String> neededNow = pins.held();
        List<Candidate> gone = new ArrayList<>();
        for (Candidate candidate : leaving) {
            if (neededNow.contains(candidate.name())) {
                if (!moved(store.leaving(candidate.name()), store.place(candidate.name()))) {
                    // Somebody has put it in anew meanwhile: one is enough.
                    StepStore.remove(store.leaving(candidate.name()));
                }
            } else {
                // From here it can't be saved any more: it is removed under a name that nobody looks for.
                Path last = store.incoming("gone-" + UUID.randomUUID());
                if (moved(store.leaving(candidate.name()), last)) {
                    StepStore.remove(last);
                    gone.add(candidate);
                }
            }
        }
        store.ledger().changed(-sum(gone));
        return gone;
    }

    private boolean leaves(Candidate candidate) throws IOException {
        Path place = store.place(candidate.name());
        try {
            if (!Files.getLastModifiedTime(place).toInstant().equals(candidate.used())) {
                return false;
            }
            // Else another process might take it for abandoned and sweep it away before it can come back.
            Files.setLastModifiedTime(place, FileTime.from(store.clock().now()));
            return moved(place, store.leaving(candidate.name()));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** False when somebody else was quicker: has evicted it too, or found it and with that saved it, or put it in anew. */
    private static boolean moved(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        } catch (FileSystemException e) {
            if (Files.isDirectory(from) && !Files.isDirectory(to)) {
                throw e;
            }
            return false;
        }
    }

    private void sweep() throws IOException {
        Files.createDirectories(store.incoming("."));
        Instant old = store.clock().now().minus(ABANDONED);
        List<Path> abandoned = new ArrayList<>();
        new Shelves(store.folder()).incoming(item -> {
            if (item.used().isBefore(old)) {
                abandoned.add(item.folder().path());
            }
        });
        abandoned.forEach(StepStore::remove);
    }
}
