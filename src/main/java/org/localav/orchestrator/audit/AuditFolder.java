package org.localav.orchestrator.audit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the lines lie: {@code audit-N.jsonl}, N being the number of its first line; {@code head}, the last link that was
 * written; and {@code lock}, which whoever writes holds.
 */
record AuditFolder(Path folder) {
    private static final String NAME = "audit-\\d{12}\\.jsonl";

    /** File locks are the process's and not the thread's, so that within one there has to be another. */
    static final Object IN_THIS_PROCESS = new Object();

    Path lock() {
        return folder.resolve("lock");
    }

    Path file(long first) {
        return folder.resolve(String.format("audit-%012d.jsonl", first));
    }

    /** Oldest first. */
    List<Path> files() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(folder)) {
            return found.filter(file -> file.getFileName().toString().matches(NAME))
                    .sorted()
                    .toList();
        }
    }

    static long first(Path file) {
        return Long.parseLong(file.getFileName().toString().replaceAll("\\D", ""));
    }

    Optional<Chain> head() throws IOException {
        try {
            return Chain.parse(Files.readString(folder.resolve("head")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    void head(Chain last) throws IOException {
        Files.write(folder.resolve("head"), last.head());
    }

    /** The last whole line of a file; a part of a line behind it, which a crash has left, was promised to nobody and goes. */
    static Optional<String> lastLine(Path file, FileChannel channel) throws IOException {
        try (RandomAccessFile reading = new RandomAccessFile(file.toFile(), "r")) {
            long end = lineEnd(reading, reading.length());
            if (end < reading.length()) {
                channel.truncate(end);
            }
            if (end == 0) {
                return Optional.empty();
            }
            long begin = lineEnd(reading, end - 1);
            byte[] line = new byte[Math.toIntExact(end - 1 - begin)];
            reading.seek(begin);
            reading.readFully(line);
            return Optional.of(new String(line, StandardCharsets.UTF_8));
        }
    }

    /** Just behind the last line break before a place. */
    private static long lineEnd(RandomAccessFile file, long before) throws IOException {
        byte[] block = new byte[4096];
        long place = before;
        while (place > 0) {
            int length = (int) Math.min(block.length, place);
            file.seek(place - length);
            file.readFully(block, 0, length);
            for (int i = length - 1; i >= 0; i--) {
                if (block[i] == '\n') {
                    return place - length + i + 1;
                }
            }
            place -= length;
        }
        return 0;
    }
}
