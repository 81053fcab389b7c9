package org.localav.orchestrator.cache;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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

    private final StepStore store;
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
        this.store = store;
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
        Set<String> pinned = goal.dry() ? store.pins().seen() : store.pins().held();
        Instant now = goal.dry() ? Instant.now() : store.clock().now();
        Instant old = goal.unused().map(now::minus).orElse(Instant.MIN);
        if (!goal.dry()) {
            store.ledger().counted(size);
            sweep();
        }
        long left = size;
        long gone = 0;
        long spared = 0;
        for (List<Candidate> candidates : List.of(damaged, entries)) {
            candidates.sort(Comparator.comparing(Candidate::used));
            for (Candidate candidate : candidates) {
                if (left <= goal.bytes() && !candidate.used().isBefore(old)) {
                    break;
                }
                if (pinned.contains(candidate.name())) {
                    spared++;
                } else if (goal.dry() || (candidates == damaged ? clear(candidate) : take(candidate))) {
                    gone++;
                    left -= candidate.bytes();
                }
            }
        }
        return new Pruned(gone, size - left, spared, left);
    }

    private boolean clear(Candidate candidate) throws IOException {
        StepStore.remove(store.damaged(candidate.name()));
        store.ledger().changed(-candidate.bytes());
        return true;
    }

    /**
     * Removes an entry unless it is needed. A job says what it needs before it looks whether it is there; so it is asked once
     * more when the entry can't be found any longer: a job that has seen it before is heard now.
     */
    private boolean take(Candidate candidate) throws IOException {
        String key = candidate.name();
        Path place = store.place(key);
        Path leaving = store.leaving(key);
        try {
            if (!Files.getLastModifiedTime(place).toInstant().equals(candidate.used()) || needed(key)) {
                return false;
            }
            Files.move(place, leaving, StandardCopyOption.ATOMIC_MOVE);
            if (needed(key)) {
                Files.move(leaving, place, StandardCopyOption.ATOMIC_MOVE);
                return false;
            }
            // From here it can't be saved any more: it is removed under a name that nobody looks for.
            Path gone = store.incoming("gone-" + UUID.randomUUID());
            Files.move(leaving, gone, StandardCopyOption.ATOMIC_MOVE);
            store.ledger().changed(-candidate.bytes());
            StepStore.remove(gone);
            return true;
        } catch (NoSuchFileException e) {
            // Somebody has evicted it too, or has found it and with that saved it.
            return false;
        } catch (FileSystemException e) {
            if (Files.isDirectory(place) && Files.isDirectory(leaving)) {
                // It was put in anew while it was leaving, or a killed process has left the other: one is enough.
                StepStore.remove(leaving);
                return false;
            }
            throw e;
        }
    }

    private boolean needed(String key) throws IOException {
        return store.pins().held().contains(key);
    }

    private void sweep() throws IOException {
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
