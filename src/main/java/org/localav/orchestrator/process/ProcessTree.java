package org.localav.orchestrator.process;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends a process with all that it started: TERM, a time of grace, KILL. Children whose parent is gone are found by the
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
