package org.localav.orchestrator.cache;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
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
import org.slf4j.LoggerFactory;

/**
 * What running jobs of all processes and nodes need of the store: a file a job, with a key a line. Its time stamp is
 * renewed while the job runs; a file that was not renewed for long is what a killed process has left, and counts no more.
 */
class Pins {
    static final Duration EXPIRY = Duration.ofMinutes(5);
    private static final Duration RENEWAL = Duration.ofSeconds(45);
    private static final String ENDING = ".pin";

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
