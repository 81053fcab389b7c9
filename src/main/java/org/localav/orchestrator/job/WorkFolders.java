package org.localav.orchestrator.job;

import java.io.IOException;
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
            StepStore.remove(path);
            lock.close();
        }
    }

    /**
     * Takes the folder of a job.
     *
     * @throws BlockedException when a job of that id is running already, here or in another process
     */
    public Held take(String jobId) throws IOException, BlockedException {
        Files.createDirectories(folder);
        FolderLock lock = FolderLock.of(folder.resolve(jobId + ".lock"))
                .orElseThrow(() -> new BlockedException(List.of("a job with the id '" + jobId
                        + "' is running already; wait for it, or give this one another id under job:")));
        Path path = folder.resolve(jobId);
        clean(path);
        return new Held(Files.createDirectories(path), lock);
    }

    /** Undoes and removes what killed processes left. */
    public void sweep() throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> left;
        try (Stream<Path> paths = Files.list(folder)) {
            left = paths.filter(Files::isDirectory).toList();
        }
        for (Path path : left) {
            Optional<FolderLock> lock = FolderLock.of(folder.resolve(path.getFileName() + ".lock"));
            if (lock.isPresent()) {
                LOG.info("removing what a run of job {} that did not end has left", path.getFileName());
                clean(path);
                lock.get().close();
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
