package org.localav.orchestrator.job;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;

/** A locked file between processes; the file goes with the lock, and the lock with the process that holds it. */
public record FolderLock(Path file, FileChannel channel, FileLock lock) implements AutoCloseable {
    /** Empty when somebody else holds it. */
    public static Optional<FolderLock> of(Path file) throws IOException {
        while (true) {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            Optional<FileLock> lock = tryLock(channel);
            if (lock.isEmpty()) {
                channel.close();
                return Optional.empty();
            }
            String token = UUID.randomUUID().toString();
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(token.getBytes(StandardCharsets.US_ASCII)));
            if (holds(file, token)) {
                return Optional.of(new FolderLock(file, channel, lock.get()));
            }
            // Its last owner removed the file between our opening and our locking it: such a lock keeps nobody out.
            channel.close();
        }
    }

    private static boolean holds(Path file, String token) throws IOException {
        try {
            return Files.readString(file).equals(token);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static Optional<FileLock> tryLock(FileChannel channel) throws IOException {
        try {
            return Optional.ofNullable(channel.tryLock());
        } catch (OverlappingFileLockException e) {
            // Held by another job of this process.
            return Optional.empty();
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
        lock.release();
        channel.close();
    }
}
