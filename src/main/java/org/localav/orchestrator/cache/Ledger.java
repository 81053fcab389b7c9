package org.localav.orchestrator.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The store's size without looking at every entry: the sum found by the last count, and a line for each change since. A
 * change that several nodes' writing loses is found by the next count, a day later at most.
 */
final class Ledger {
    private static final Duration TRUSTED = Duration.ofDays(1);
    private static final int LONGEST = 1 << 20;

    private final Path file;
    private final FolderClock clock;

    Ledger(Path file, FolderClock clock) {
        this.file = file;
        this.clock = clock;
    }

    void changed(long bytes) throws IOException {
        Files.createDirectories(file.getParent());
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            channel.write(ByteBuffer.wrap((bytes + "\n").getBytes(StandardCharsets.US_ASCII)));
        }
    }

    /** Begins anew from what was counted. */
    void counted(long bytes) throws IOException {
        Files.createDirectories(file.getParent());
        Path made = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID());
        Files.writeString(made, "counted " + clock.now().getEpochSecond() + "\n" + bytes + "\n");
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Bytes; empty when they have to be counted again. */
    OptionalLong size() throws IOException {
        try {
            if (Files.size(file) > LONGEST) {
                return OptionalLong.empty();
            }
            List<String> lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
            String[] first = lines.isEmpty() ? new String[0] : lines.get(0).split(" ");
            if (first.length != 2 || !first[0].equals("counted")) {
                return OptionalLong.empty();
            }
            Instant counted = Instant.ofEpochSecond(Long.parseLong(first[1]));
            if (Duration.between(counted, clock.now()).abs().compareTo(TRUSTED) > 0) {
                return OptionalLong.empty();
            }
            return OptionalLong.of(
                    lines.stream().skip(1).mapToLong(Long::parseLong).sum());
        } catch (NoSuchFileException | NumberFormatException | java.nio.charset.MalformedInputException e) {
            return OptionalLong.empty();
        }
    }
}
