package org.localav.orchestrator.job;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A locked file between processes; the file goes with the lock, and the lock with the process that holds it. A process
 * that opens such a file once more loses its lock when it closes that (so POSIX has it): nothing here ever does.
 */
public record FolderLock(Path file, FileChannel channel, FileLock lock) implements AutoCloseable {
    private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();
    private static final int LONGEST_MARK = 1 << 20;

    /** Empty when somebody else holds it, in this process or another. */
    public static Optional<FolderLock> of(Path wanted) throws IOException {
        Path file = wanted.toAbsolutePath().normalize();
        if (!OURS.add(file)) {
            return Optional.empty();
        }
        Optional<FolderLock> taken = Optional.empty();
        try {
            taken = take(file);
        } finally {
            if (taken.isEmpty()) {
                OURS.remove(file);
            }
        }
        return taken;
    }

    private static Optional<FolderLock> take(Path file) throws IOException {
        while (true) {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            boolean kept = false;
            try {
                FileLock lock = channel.tryLock();
                if (lock == null) {
                    return Optional.empty();
                }
                kept = isAt(file, channel);
                if (kept) {
                    return Optional.of(new FolderLock(file, channel, lock));
                }
                // Its last owner removed the file between our opening and our locking it: such a lock keeps nobody out.
            } finally {
                if (!kept) {
                    channel.close();
                }
            }
        }
    }

    /** Whether the path still leads to the open file. It is told by its length, which can be asked without opening it. */
    private static boolean isAt(Path file, FileChannel channel) throws IOException {
        int mark = ThreadLocalRandom.current().nextInt(1, LONGEST_MARK);
        channel.truncate(0);
        channel.write(ByteBuffer.allocate(1), mark - 1);
        try {
            return Files.size(file) == mark;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            Files.deleteIfExists(file);
            lock.release();
            channel.close();
        } finally {
            OURS.remove(file);
        }
    }
}
