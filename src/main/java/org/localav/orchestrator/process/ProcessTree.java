package org.localav.orchestrator.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Ends a program with everything it started. */
final class ProcessTree {
    private ProcessTree() {}

    /** Asks all of them to end (SIGTERM), gives them {@code grace}, then kills what is left; returns when all are gone. */
    static void end(ProcessHandle root, Duration grace) {
        List<ProcessHandle> all = new ArrayList<>(root.descendants().toList());
        all.add(root);
        all.forEach(ProcessHandle::destroy);
        if (!gone(all, grace)) {
            // Children born since are found through those that still live.
            List<ProcessHandle> late =
                    all.stream().flatMap(ProcessHandle::descendants).toList();
            late.forEach(ProcessHandle::destroyForcibly);
            all.forEach(ProcessHandle::destroyForcibly);
            gone(all, grace);
        }
    }

    private static boolean gone(List<ProcessHandle> all, Duration limit) {
        CompletableFuture<?>[] ends = all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(ends).get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
