package org.localav.orchestrator.job;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.localav.orchestrator.cache.StepStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders jobs work in. Each is locked by the process that works in it, so that what a killed process left is told
 * from what is in use, undone and removed.
 */
public final class WorkFolders {
    private static final Logger LOG = LoggerFactory.getLogger(WorkFolders.class);
    private static final String LOCK = ".lock";

    private final Path folder;

    public WorkFolders(Path folder) {
        this.folder = folder;
    }

    /** A folder in use; closing it removes it with all that is in it. */
    public static final class Held implements AutoCloseable {
        private final Path path;
        private final FolderLock lock;

        private Held(Path path, FolderLock lock) {
            this.path = path;
            this.lock = lock;
        }

        public Path path() {
            return path;
        }

        @Override
        public void close() throws IOException {
            try (lock) {
                StepStore.remove(path);
            }
        }
    }

    /**
     * Takes the folder of a job.
     *
     * @throws BlockedException when a job of that id is running already, here or in another process
     */
    public Held take(String jobId) throws IOException, BlockedException {
        Files.createDirectories(folder);
        FolderLock lock = lock(jobId)
                .orElseThrow(() -> new BlockedException(List.of("a job with the id '" + jobId
                        + "' is running already; wait for it, or give this one another id under job:")));
        Path path = folder.resolve(jobId);
        try {
            clean(path);
            return new Held(Files.createDirectories(path), lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private Optional<FolderLock> lock(String jobId) throws IOException {
        Path file = folder.resolve(jobId + LOCK);
        try {
            return FolderLock.of(file);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            // A full disk shows in the first byte written, and what the system says of that names no file.
            throw new FileSystemException(file.toString(), null, e.getMessage());
        }
    }

    /** Undoes and removes what killed processes left. */
    public void sweep() throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<String> left;
        try (Stream<Path> paths = Files.list(folder)) {
            left = paths.map(path -> path.getFileName().toString())
                    .map(name -> name.endsWith(LOCK) ? name.substring(0, name.length() - LOCK.length()) : name)
                    .distinct()
                    .toList();
        }
        for (String job : left) {
            Optional<FolderLock> lock = lock(job);
            if (lock.isPresent()) {
                try (FolderLock held = lock.get()) {
                    LOG.info("removing what a run of job {} that did not end has left", job);
                    clean(folder.resolve(job));
                }
            }
        }
    }

    private static void clean(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            Publication.recover(path);
            StepStore.remove(path);
        }
    }
}
