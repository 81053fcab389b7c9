package org.localav.orchestrator.job;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
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
        private final FileChannel channel;
        private final FileLock lock;

        private Held(Path path, FileChannel channel, FileLock lock) {
            this.path = path;
            this.channel = channel;
            this.lock = lock;
        }

        public Path path() {
            return path;
        }

        @Override
        public void close() throws IOException {
            StepStore.remove(path);
            lock.release();
            channel.close();
        }
    }

    /**
     * Takes the folder of a job.
     *
     * @throws BlockedException when a job of that id is running already, here or in another process
     */
    public Held take(String jobId) throws IOException, BlockedException {
        Files.createDirectories(folder);
        FileChannel channel =
                FileChannel.open(folder.resolve(jobId + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = lock(channel);
        if (lock == null) {
            channel.close();
            throw new BlockedException(List.of("a job with the id '" + jobId
                    + "' is running already; wait for it, or give this one another id under job:"));
        }
        Path path = folder.resolve(jobId);
        clean(path);
        return new Held(Files.createDirectories(path), channel, lock);
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
            try (FileChannel channel = FileChannel.open(
                    folder.resolve(path.getFileName() + ".lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE)) {
                FileLock lock = lock(channel);
                if (lock != null) {
                    LOG.info("removing what a run of job {} that did not end has left", path.getFileName());
                    clean(path);
                    lock.release();
                }
            }
        }
    }

    private static FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Held by another job of this process.
            return null;
        }
    }

    private static void clean(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            Publication.recover(path);
            StepStore.remove(path);
        }
    }
}
