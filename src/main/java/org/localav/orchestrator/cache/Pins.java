package org.localav.orchestrator.cache;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.LoggerFactory;

/**
 * What running jobs of all processes and nodes need of the store: a file a job, with a key a line. Its time stamp is
 * renewed while the job runs; a file that was not renewed for long is what a killed process has left, and counts no more.
 *
 * <p>Beside them lie marks, empty files that say which entries somebody is about to take away. Who wants to take one sets
 * its mark and then reads the pins; who needs one writes a pin and then looks for its mark. So one of the two is seen,
 * and no entry is away, be it for a moment, once a job has found it (Dekker's rule for two that exclude each other).
 */
class Pins {
    static final Duration EXPIRY = Duration.ofMinutes(5);
    private static final Duration RENEWAL = Duration.ofSeconds(45);
    private static final String ENDING = ".pin";
    private static final String MARK = ".mark";

    /** A mark stands for milliseconds; after so long its process is stopped or gone. */
    private static final Duration MARKED = Duration.ofSeconds(2);

    private final Path folder;
    private final FolderClock clock;

    Pins(Path folder, FolderClock clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /** @param name of the run, for people who look into the folder */
    Pin open(String name) {
        return new Pin(folder.resolve(name + "-" + UUID.randomUUID() + ENDING));
    }

    /** The pin of one run: what it holds is not evicted before it is closed. */
    final class Pin implements StepStore.Pin {
        private static final ScheduledExecutorService RENEWER = Executors.newSingleThreadScheduledExecutor(run -> {
            Thread thread = new Thread(run, "step-pins");
            thread.setDaemon(true);
            return thread;
        });

        private final Path file;
        private final Set<String> keys = new TreeSet<>();
        private Future<?> renewal;

        private Pin(Path file) {
            this.file = file;
        }

        @Override
        public synchronized void hold(Collection<String> more) throws IOException {
            if (keys.addAll(more)) {
                write();
            }
            if (renewal == null) {
                renewal = RENEWER.scheduleWithFixedDelay(
                        this::renew, RENEWAL.toMillis(), RENEWAL.toMillis(), TimeUnit.MILLISECONDS);
            }
        }

        private void write() throws IOException {
            Path made = Files.createDirectories(folder).resolve(file.getFileName() + ".new");
            Files.write(made, keys);
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
        }

        synchronized void renew() {
            try {
                if (!renewal.isCancelled()) {
                    Files.setLastModifiedTime(file, FileTime.from(clock.read()));
                }
            } catch (NoSuchFileException e) {
                rewrite();
            } catch (IOException e) {
                LoggerFactory.getLogger(Pins.class).warn("{} can't be renewed: {}", file, e.toString());
            }
        }

        /** The process stood still for longer than a pin is trusted, and somebody has cleared it away. */
        private void rewrite() {
            try {
                write();
            } catch (IOException e) {
                LoggerFactory.getLogger(Pins.class).warn("{} can't be written: {}", file, e.toString());
            }
        }

        @Override
        public synchronized void close() throws IOException {
            if (renewal != null) {
                renewal.cancel(false);
                Files.deleteIfExists(file);
            }
        }
    }

    /** Says that this entry is about to be taken away; false when somebody else says so already. */
    boolean mark(String key) throws IOException {
        try {
            Files.createFile(Files.createDirectories(folder).resolve(key + MARK));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /** Says that it is not taken away any more: it has gone, or it stays. */
    void unmark(String key) throws IOException {
        Files.deleteIfExists(folder.resolve(key + MARK));
    }

    /**
     * Waits while this entry is about to be taken away.
     *
     * @return whether it was, and has to be looked for anew
     */
    boolean awaitUnmarked(String key) throws IOException {
        Path mark = folder.resolve(key + MARK);
        if (!Files.exists(mark)) {
            return false;
        }
        long end = System.nanoTime() + MARKED.toNanos();
        while (Files.exists(mark) && !Thread.currentThread().isInterrupted()) {
            if (System.nanoTime() > end) {
                unmark(key);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        return true;
    }

    /** The keys that are needed now; clears away what killed processes left. */
    Set<String> held() throws IOException {
        return Files.isDirectory(folder) ? held(clock.read().minus(EXPIRY), true) : Set.of();
    }

    /** The same as far as can be told without writing anything. */
    Set<String> seen() throws IOException {
        return Files.isDirectory(folder) ? held(Instant.now().minus(EXPIRY), false) : Set.of();
    }

    private Set<String> held(Instant old, boolean clear) throws IOException {
        Set<String> held = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                try {
                    if (Files.getLastModifiedTime(file).toInstant().isBefore(old)) {
                        if (clear) {
                            Files.deleteIfExists(file);
                        }
                    } else if (file.getFileName().toString().endsWith(ENDING)) {
                        held.addAll(Files.readAllLines(file));
                    }
                } catch (NoSuchFileException e) {
                    // Its job has ended meanwhile.
                    continue;
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return held;
    }
}
