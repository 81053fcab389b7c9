package org.localav.orchestrator.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which programs run now: a file each, named by owner and program as {@code OWNER-PID}, holding both start times in ms. A
 * pid alone would not do: the system gives it to somebody else later.
 */
final class ProcessRecords {
    private final Path folder;

    ProcessRecords(Path folder) {
        this.folder = folder;
    }

    /** The record of a running program; closing it says that the program has ended. */
    interface Record extends AutoCloseable {
        @Override
        void close() throws IOException;
    }

    Record write(ProcessHandle process) throws IOException {
        ProcessHandle owner = ProcessHandle.current();
        Path file = Files.createDirectories(folder).resolve(owner.pid() + "-" + process.pid());
        Files.writeString(file, start(owner) + " " + start(process));
        return () -> Files.deleteIfExists(file);
    }

    int sweep(Duration grace) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        List<Path> files;
        try (Stream<Path> found = Files.list(folder)) {
            files = found.filter(f -> f.getFileName().toString().matches("\\d+-\\d+"))
                    .toList();
        }
        int ended = 0;
        for (Path file : files) {
            String[] pids = file.getFileName().toString().split("-");
            String[] starts = Files.readString(file).split(" ");
            if (starts.length == 2 && alive(pids[0], starts[0]).isPresent()) {
                continue;
            }
            Optional<ProcessHandle> left = starts.length == 2 ? alive(pids[1], starts[1]) : Optional.empty();
            if (left.isPresent()) {
                ProcessTree.end(left.get(), grace);
                ended++;
            }
            Files.deleteIfExists(file);
        }
        return ended;
    }

    private static Optional<ProcessHandle> alive(String pid, String start) {
        return ProcessHandle.of(Long.parseLong(pid))
                .filter(ProcessHandle::isAlive)
                .filter(p -> start(p).equals(start));
    }

    private static String start(ProcessHandle process) {
        return process.info()
                .startInstant()
                .map(Instant::toEpochMilli)
                .map(String::valueOf)
                .orElse("?");
    }
}
