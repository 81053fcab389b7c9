package org.localav.orchestrator.cache;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.localav.orchestrator.plan.Measured;

/**
 * Results of steps on disk, found by their key. An entry appears whole or not at all: it is made beside and moved in by
 * one rename, so several processes may share the folder. Only verified results may be put in.
 *
 * <p>Layout: {@code ab/abcd.../result.EXT} and {@code entry.json}; the folder's time stamp is its last use.
 */
public final class StepStore {
    private static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .build();

    /** An entry this young is never evicted: a job of another process may be about to read it. */
    private static final Duration SAFE_AGE = Duration.ofHours(1);

    private final Path folder;
    private final long limit;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong evicted = new AtomicLong();

    /**
     * @param folder made when missing
     * @param limit bytes after which the least recently used entries go
     */
    public StepStore(Path folder, long limit) {
        this.folder = folder;
        this.limit = limit;
    }

    /**
     * A result.
     *
     * @param file where its bytes lie; read only
     * @param sha256 of its bytes
     * @param bytes its size
     * @param facts what else is worth keeping about it, such as a vendor's response id
     */
    public record Entry(
            String key, Path file, String sha256, long bytes, Measured measured, Map<String, String> facts) {}

    private record Kept(String file, String sha256, long bytes, Measured measured, Map<String, String> facts) {}

    /** The result with this key, marked as used now; empty when there is none or it is damaged (then it is removed). */
    public Optional<Entry> find(String key) {
        Path place = place(key);
        try {
            Kept kept = JSON.readValue(Files.readAllBytes(place.resolve("entry.json")), Kept.class);
            Path file = place.resolve(kept.file());
            if (Files.size(file) != kept.bytes()) {
                remove(place);
                return Optional.empty();
            }
            Files.setLastModifiedTime(place, FileTime.from(Instant.now()));
            return Optional.of(new Entry(key, file, kept.sha256(), kept.bytes(), kept.measured(), kept.facts()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (com.fasterxml.jackson.core.JacksonException e) {
            remove(place);
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("the step store " + folder + " can't be read", e);
        }
    }

    /** Whether there is such a result, without marking it as used. */
    public boolean holds(String key) {
        return Files.isRegularFile(place(key).resolve("entry.json"));
    }

    /** As {@link #put(String, Path, String, Measured, Map)}, for a file that was not hashed yet. */
    public Entry put(String key, Path file, Measured measured, Map<String, String> facts) throws IOException {
        return put(key, file, Digests.sha256(file), measured, facts);
    }

    /**
     * Takes a verified result in by moving {@code file}, which must lie in a folder from {@link #workspace}. Where
     * another process was first, its result stays and is returned.
     *
     * @param sha256 of the file's bytes
     * @throws IOException when the disk refuses; nothing of the entry stays then
     */
    public Entry put(String key, Path file, String sha256, Measured measured, Map<String, String> facts)
            throws IOException {
        Path made = Files.createDirectories(folder.resolve("incoming")).resolve(key + "-" + UUID.randomUUID());
        Files.createDirectory(made);
        try {
            Path kept = made.resolve(file.getFileName().toString());
            Files.move(file, kept);
            Files.write(
                    made.resolve("entry.json"),
                    JSON.writeValueAsBytes(
                            new Kept(kept.getFileName().toString(), sha256, Files.size(kept), measured, facts)));
            flush(kept);
            flush(made.resolve("entry.json"));
            flush(made);
            Path place = place(key);
            Files.createDirectories(place.getParent());
            moveIn(made, place);
            flush(place.getParent());
            Entry entry = find(key).orElseThrow(() -> new IOException("the step store " + folder + " lost " + key));
            bytes.addAndGet(entry.bytes());
            return entry;
        } finally {
            remove(made);
        }
    }

    private static void moveIn(Path made, Path place) throws IOException {
        try {
            Files.move(made, place);
        } catch (FileSystemException e) {
            if (!Files.isDirectory(place)) {
                throw e;
            }
        }
    }

    /** A fresh folder on the store's file system, for the files a step writes. */
    public Path workspace(String name) throws IOException {
        return Files.createTempDirectory(Files.createDirectories(folder.resolve("incoming")), name + "-");
    }

    /**
     * Removes the least recently used entries until the store fits its limit.
     *
     * @param needed keys that a running job still reads
     * @return bytes freed
     */
    public long evict(Set<String> needed) throws IOException {
        record Found(Path place, Instant used, long bytes) {}
        List<Found> all = new ArrayList<>();
        for (Path place : entries()) {
            try (Stream<Path> files = Files.list(place)) {
                long bytes = files.mapToLong(f -> f.toFile().length()).sum();
                all.add(new Found(place, Files.getLastModifiedTime(place).toInstant(), bytes));
            } catch (NoSuchFileException e) {
                continue;
            }
        }
        long size = all.stream().mapToLong(Found::bytes).sum();
        long freed = 0;
        Set<String> kept = new HashSet<>(needed);
        Instant young = Instant.now().minus(SAFE_AGE);
        all.sort(Comparator.comparing(Found::used));
        for (Found found : all) {
            boolean wanted = kept.contains(found.place().getFileName().toString());
            if (size - freed > limit && !wanted && found.used().isBefore(young)) {
                remove(found.place());
                freed += found.bytes();
            }
        }
        bytes.set(size - freed);
        evicted.addAndGet(freed);
        return freed;
    }

    /** What it held when {@link #evict} last looked, and what this process put in since; asking costs nothing. */
    public long bytes() {
        return bytes.get();
    }

    /** Bytes after which the least recently used entries go. */
    public long limit() {
        return limit;
    }

    /** Bytes that this process has removed for the limit's sake. */
    public long evictedBytes() {
        return evicted.get();
    }

    private List<Path> entries() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.find(
                folder,
                2,
                (path, a) -> a.isDirectory() && path.getFileName().toString().length() == 64)) {
            return paths.toList();
        }
    }

    private Path place(String key) {
        return folder.resolve(key.substring(0, 2)).resolve(key);
    }

    private static void flush(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
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
            org.slf4j.LoggerFactory.getLogger(StepStore.class).warn("{} can't be removed: {}", place, e.toString());
        }
    }
}
