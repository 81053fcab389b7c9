package org.localav.orchestrator.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Acts on a process with all that it started. Ends it by TERM, a time of grace, KILL. Children whose parent is gone are found by the
 * mark they inherited.
 */
final class ProcessTree {
    private static final Duration AFTER_KILL = Duration.ofSeconds(3);

    private ProcessTree() {}

    static void end(ProcessHandle root, String mark, Duration grace) {
        Set<ProcessHandle> known = new LinkedHashSet<>();
        collect(root, mark, known);
        known.forEach(ProcessHandle::destroy);
        await(known, grace);
        collect(root, mark, known);
        known.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
        await(known, AFTER_KILL);
    }

    /**
     * Sends a signal that Java can't, such as STOP or CONT, to a process and all that it started. What has ended meanwhile
     * is passed over.
     */
    static void signal(ProcessHandle root, String signal) {
        // The shell's own: the program of that name is not on every machine.
        List<String> line = new ArrayList<>(List.of("sh", "-c", "kill -" + signal + " \"$@\" 2>/dev/null", "sh"));
        line.add(Long.toString(root.pid()));
        root.descendants().map(child -> Long.toString(child.pid())).forEach(line::add);
        try {
            Process shell = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            shell.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("signal " + signal + " could not be sent: there is no shell", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void collect(ProcessHandle root, String mark, Set<ProcessHandle> into) {
        root.descendants().forEach(into::add);
        into.add(root);
        into.addAll(ProcFile.marked(mark));
    }

    /** Does not end early on an interrupt: leaving half a tree behind would be worse than two seconds. */
    private static void await(Set<ProcessHandle> processes, Duration time) {
        boolean interrupted = Thread.interrupted();
        long end = System.nanoTime() + time.toNanos();
        while (processes.stream().anyMatch(ProcessHandle::isAlive) && System.nanoTime() < end) {
            LockSupport.parkNanos(10_000_000);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
