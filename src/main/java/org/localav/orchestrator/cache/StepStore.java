package org.localav.orchestrator.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.localav.orchestrator.plan.Measured;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Results of steps on disk, found by their key. An entry appears and goes whole, by one rename, so several processes and
 * nodes may share the folder. Only verified results may be put in; one that is no longer what was put in is not found.
 *
 * <p>Layout: {@code ab/abcd.../result.EXT} and {@code entry.json}, the folder's time stamp is its last use; {@code
 * incoming/} what comes and goes, {@code pins/} what running jobs need, {@code damaged/} what rotted, {@code size},
 * {@code identity}.
 */
public final class StepStore {
    private static final Logger LOG = LoggerFactory.getLogger(StepStore.class);

    /** How often a result is tried to be moved in where others put in, set aside and evict the same. */
    private static final int TRIES = 100;

    private final Path folder;
    private final long limit;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong evicted = new AtomicLong();
    private final FolderClock clock;
    private final Pins pins;
    private final Ledger ledger;

    /**
     * @param folder made when missing
     * @param limit bytes after which the least recently used entries go
     */
    public StepStore(Path folder, long limit) {
        this.folder = folder;
        this.limit = limit;
        this.clock = new FolderClock(folder.resolve("pins"));
        this.pins = new Pins(folder.resolve("pins"), clock);
        this.ledger = new Ledger(folder.resolve("size"), clock);
    }

    /**
     * A result.
     *
     * @param kind of the step that made it
     * @param file where its bytes lie; read only
     * @param sha256 of its bytes
     * @param bytes its size
     * @param facts what else is worth keeping about it, such as a vendor's response id
     */
    public record Entry(
            String key,
            String kind,
            Path file,
            String sha256,
            long bytes,
            Measured measured,
            Map<String, String> facts) {
        private static Entry of(Path place, EntryFolder.Kept kept) {
            return new Entry(
                    kept.key(),
                    kept.kind(),
                    place.resolve(kept.file()),
                    kept.sha256(),
                    kept.bytes(),
                    kept.measured(),
                    kept.facts());
        }
    }

    /** What a running job needs, there or not yet: none of it is evicted, by whichever node, before this is closed. */
    public interface Pin extends AutoCloseable {
        /** Holds nothing: for plans, which read no results. */
        Pin NONE = new Pin() {
            @Override
            public void hold(Collection<String> keys) {}

            @Override
            public void close() {}
        };

        /** To be called before it is looked whether these entries are there. */
        void hold(Collection<String> keys) throws IOException;

        @Override
        void close() throws IOException;
    }

    /** Tells this store from every other, whatever path it is reached by; made at the first call. */
    public String identity() throws IOException {
        Path file = folder.resolve("identity");
        if (!Files.exists(file)) {
            Path made = Files.writeString(
                    workspace("identity").resolve("identity"), UUID.randomUUID().toString());
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
            remove(made.getParent());
        }
        // Read again by whoever wrote it: another may have been a moment later.
        return Files.readString(file);
    }

    /** A pin for one run of a job, which holds nothing yet. */
    public Pin pin(String run) {
        return pins.open(run);
    }

    /** The result with this key, marked as used now; empty when there is none or it is damaged (then it is set aside). */
    public Optional<Entry> find(String key) {
        Path place = place(key);
        try {
            EntryFolder.Kept kept = checked(key);
            Files.setLastModifiedTime(place, FileTime.from(clock.now()));
            return Optional.of(Entry.of(place, kept));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (DamagedException e) {
            LOG.warn("the step store's result {} is damaged and is made again: {}", key, e.getMessage());
            new Verification(this).setAside(key, e.getMessage(), false);
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("the step store " + folder + " can't be read", e);
        }
    }

    private EntryFolder.Kept checked(String key) throws IOException, DamagedException {
        EntryFolder.Kept kept = savedOrChecked(key);
        return pins.awaitUnmarked(key) ? savedOrChecked(key) : kept;
    }

    private EntryFolder.Kept savedOrChecked(String key) throws IOException, DamagedException {
        EntryFolder entry = new EntryFolder(place(key));
        try {
            return entry.check(key, false);
        } catch (NoSuchFileException e) {
            if (!comesBack(key)) {
                throw e;
            }
            return entry.check(key, false);
        }
    }

    /** Whether an entry that is about to be evicted could be saved: who asks for it makes it recently used. */
    private boolean comesBack(String key) {
        try {
            Files.move(leaving(key), place(key), StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (IOException e) {
            // None is leaving, unless whoever evicts has just put it back.
            return Files.isDirectory(place(key));
        }
    }

    /** Whether there is such a result, and undamaged, without marking it as used or setting it aside. */
    public boolean holds(String key) {
        try {
            new EntryFolder(place(key)).check(key, false);
            return true;
        } catch (NoSuchFileException | DamagedException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("the step store " + folder + " can't be read", e);
        }
    }

    /** As {@link #put(String, String, Path, String, Measured, Map)}, for a file that was not hashed yet. */
    public Entry put(String key, String kind, Path file, Measured measured, Map<String, String> facts)
            throws IOException {
        return put(key, kind, file, Digests.sha256(file), measured, facts);
    }

    /**
     * Takes a verified result in by moving {@code file}. Where another process was first, its result stays and is
     * returned.
     *
     * @param kind of the step that made it
     * @param sha256 of the file's bytes
     * @throws IOException when the disk refuses; nothing of the entry stays then
     */
    public Entry put(String key, String kind, Path file, String sha256, Measured measured, Map<String, String> facts)
            throws IOException {
        Path made = incoming(key + "-" + UUID.randomUUID());
        try {
            Files.createDirectories(made);
            String name = file.getFileName().toString();
            Files.move(file, made.resolve(name));
            EntryFolder.Kept kept = new EntryFolder(made).write(kind, key, name, sha256, measured, facts);
            long more = new EntryFolder(made).bytes();
            Optional<Entry> first = moveIn(made, key);
            if (first.isEmpty()) {
                ledger.changed(more);
                bytes.addAndGet(more);
            }
            return first.orElseGet(() -> Entry.of(place(key), kept));
        } catch (IOException e) {
            throw explained(e);
        } finally {
            remove(made);
        }
    }

    /** The entry that another process has put in meanwhile, or nothing. */
    private Optional<Entry> moveIn(Path made, String key) throws IOException {
        Path place = place(key);
        for (int tries = 1; ; tries++) {
            Files.createDirectories(place.getParent());
            try {
                Files.move(made, place, StandardCopyOption.ATOMIC_MOVE);
                Disk.flush(place.getParent());
                return Optional.empty();
            } catch (FileSystemException e) {
                if (tries == TRIES || tries > 1 && !Files.isDirectory(place)) {
                    throw e;
                }
            }
            Optional<Entry> first = find(key);
            if (first.isPresent()) {
                return first;
            }
        }
    }

    private IOException explained(IOException e) {
        boolean full = String.valueOf(e.getMessage()).contains("No space left")
                || folder.toFile().getUsableSpace() == 0;
        return full
                ? new IOException(
                        "No space left on the disk of the step store " + folder
                                + ": make room there, lower steps.limit, or name another state.folder",
                        e)
                : e;
    }

    /** A fresh folder on the store's file system, for the files a step writes. */
    public Path workspace(String name) throws IOException {
        return Files.createTempDirectory(Files.createDirectories(folder.resolve("incoming")), name + "-");
    }

    /**
     * Removes the least recently used entries that no running job needs, if the store is larger than its limit; then it
     * goes a tenth below, so that not every job has all entries looked at. Jobs may go on meanwhile.
     *
     * @return bytes freed
     */
    public long evict() throws IOException {
        OptionalLong size = ledger.size();
        if (size.isPresent() && size.getAsLong() <= limit) {
            bytes.set(size.getAsLong());
            return 0;
        }
        Eviction eviction = new Eviction(this);
        long goal = eviction.size() <= limit ? limit : limit / 10 * 9;
        Eviction.Pruned pruned = eviction.prune(new Eviction.Goal(goal, Optional.empty(), false));
        bytes.set(pruned.left());
        evicted.addAndGet(pruned.bytes());
        return pruned.bytes();
    }

    /** Removes what is beyond the goal, least recently used first, and nothing that a running job needs. */
    public Eviction.Pruned prune(Eviction.Goal goal) throws IOException {
        return new Eviction(this).prune(goal);
    }

    /** Counts what is in it. */
    public Statistics statistics() throws IOException {
        return Statistics.of(this);
    }

    /**
     * Reads every entry whole, one at a time, while jobs may go on. It leaves no trace in the order of use.
     *
     * @param setAside whether what is damaged is moved into {@code damaged/}
     */
    public void verify(boolean setAside, Verification.Watcher watcher) throws IOException {
        new Verification(this).run(setAside, watcher);
    }

    /** Bytes in it as far as they are known without counting. */
    public OptionalLong size() throws IOException {
        return ledger.size();
    }

    Path folder() {
        return folder;
    }

    /** What it held when {@link #evict} last looked, and what this process put in since; asking costs nothing. */
    public long bytes() {
        return bytes.get();
    }

    /** Bytes that this process has removed for the limit's sake. */
    public long evictedBytes() {
        return evicted.get();
    }

    /** Bytes after which the least recently used entries go. */
    public long limit() {
        return limit;
    }

    FolderClock clock() {
        return clock;
    }

    Pins pins() {
        return pins;
    }

    Ledger ledger() {
        return ledger;
    }

    Path place(String key) {
        return folder.resolve(key.substring(0, 2)).resolve(key);
    }

    Path damaged(String name) {
        return folder.resolve("damaged").resolve(name);
    }

    Path incoming(String name) {
        return folder.resolve("incoming").resolve(name);
    }

    /** Where an entry is between being found superfluous and being removed, and where it can be saved from. */
    Path leaving(String key) {
        return incoming("leaving-" + key);
    }

    /** Removes a folder and what is in it; what can't be removed is left for the next sweep. */
    public static void remove(Path place) {
        if (!Files.exists(place)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(place)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("{} can't be removed: {}", place, e.toString());
        }
    }
}
