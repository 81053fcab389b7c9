package org.localav.orchestrator.door;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows which files came into a folder whole, by a rename or as a link: the system told that they appeared and has told of
 * no write to them since. Where it tells nothing (network folders, too many files at once) no file counts as such.
 *
 * <p>The system tells late. To have heard all up to now, a file of our own is made in a folder that is watched, too:
 * whatever happened before it was told before it.
 */
final class Renames implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Renames.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Path marks;
    private final Map<Path, WatchKey> keys = new HashMap<>();
    private final Map<WatchKey, Path> folders = new HashMap<>();
    private final Set<Path> whole = new HashSet<>();
    private WatchService watch;
    private boolean off;

    /** @param marks a folder for our own files, which nobody else uses */
    Renames(Path marks) {
        this.marks = marks;
    }

    /** Listens to a folder from now on. */
    void follow(Path folder) {
        if (off || keys.containsKey(folder)) {
            return;
        }
        try {
            if (watch == null) {
                Files.createDirectories(marks);
                watch = marks.getFileSystem().newWatchService();
                register(marks);
            }
            register(folder);
        } catch (IOException | UnsupportedOperationException | ClosedWatchServiceException e) {
            LOG.info("{} can't be watched ({}): files there are taken once they are quiet", folder, e.toString());
            off = watch == null;
        }
    }

    private void register(Path folder) throws IOException {
        WatchKey key = folder.register(
                watch,
                StandardWatchEventKinds.ENTRY_CREATE,
                StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE);
        keys.put(folder, key);
        folders.put(key, folder);
    }

    /** Hears what happened; with {@code all}, everything that happened before this call. */
    void catchUp(boolean all) {
        if (watch == null) {
            return;
        }
        try {
            hear(all);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            whole.clear();
        } catch (IOException | ClosedWatchServiceException e) {
            LOG.debug("what came into the inbox whole is not known: {}", e.toString());
            whole.clear();
        }
    }

    private void hear(boolean all) throws IOException, InterruptedException {
        Path mark = marks.resolve(UUID.randomUUID().toString());
        boolean heard = !all;
        if (all) {
            Files.createFile(mark);
            Files.delete(mark);
        }
        long end = System.nanoTime() + PATIENCE.toNanos();
        WatchKey key;
        // After the mark has been heard, keys that wait may still hold what happened before it.
        while ((key = heard ? watch.poll() : watch.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS)) != null) {
            Path folder = folders.get(key);
            for (WatchEvent<?> event : key.pollEvents()) {
                heard |= mark.equals(note(folder, event));
            }
            if (!key.reset()) {
                folders.remove(key);
                keys.remove(folder);
            }
        }
        if (!heard) {
            whole.clear();
        }
    }

    private Path note(Path folder, WatchEvent<?> event) {
        if (event.kind() == StandardWatchEventKinds.OVERFLOW) {
            whole.removeIf(path -> path.getParent().equals(folder));
            return folder;
        }
        Path path = folder.resolve((Path) event.context());
        if (event.kind() == StandardWatchEventKinds.ENTRY_CREATE && !folder.equals(marks)) {
            whole.add(path);
        } else {
            whole.remove(path);
        }
        return path;
    }

    /** As far as was heard, this file has not been written to since it came. */
    boolean whole(Path path) {
        return whole.contains(path);
    }

    @Override
    public void close() {
        if (watch != null) {
            try {
                watch.close();
            } catch (IOException e) {
                LOG.debug("the watch on the inbox could not be closed: {}", e.toString());
            }
        }
    }
}
