package org.localav.orchestrator.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Reads about processes from /proc. A process is told by its pid and start time together (pids are used again), and one
 * of ours by a random mark in the environment that its children inherit, even when their parent is gone.
 */
final class ProcFile {
    static final String MARK = "AVO_PROCESS_MARK";
    private static final Path PROC = Path.of("/proc");
    private static final int LOOKS = 50;

    private ProcFile() {}

    /** Clock ticks from boot to the process' start; empty when there is no such process. */
    static Optional<Long> startTicks(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
            // The name in brackets may itself hold blanks and brackets: fields are counted from its end.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Optional.of(Long.parseLong(fields[19]));
        } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Differs between two boots of a machine. */
    static String bootId() {
        try {
            return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** All living processes that carry the mark and may be read by this user. */
    static List<ProcessHandle> marked(String mark) {
        try (Stream<Path> entries = Files.list(PROC)) {
            return entries.map(p -> p.getFileName().toString())
                    .filter(name -> name.chars().allMatch(c -> c >= '0' && c <= '9'))
                    .map(Long::parseLong)
                    .filter(pid -> contains(environment(pid), mark))
                    .flatMap(pid -> ProcessHandle.of(pid).stream())
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Whether a process carries the mark. While a process becomes another program it shows none for a moment. */
    static boolean carries(long pid, String mark) {
        String environment = environment(pid);
        for (int tries = 0;
                environment.isEmpty() && tries < LOOKS && startTicks(pid).isPresent();
                tries++) {
            LockSupport.parkNanos(1_000_000);
            environment = environment(pid);
        }
        return contains(environment, mark);
    }

    private static boolean contains(String environment, String mark) {
        String line = MARK + "=" + mark + "\0";
        return environment.startsWith(line) || environment.contains("\0" + line);
    }

    private static String environment(long pid) {
        try {
            return new String(Files.readAllBytes(PROC.resolve(pid + "/environ")), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
