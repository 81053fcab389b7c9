package org.localav.orchestrator.service;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Tells whoever watches that there is news. Events themselves are read from the store by number, so that a watcher that
 * was slow or away misses none; only progress, which is worth nothing later, is handed over.
 */
public final class Feed {
    private static final Outward ALONE = new Outward() {
        @Override
        public void news() {}

        @Override
        public void progressed(Progress progress) {}
    };

    private final List<Watch> watches = new CopyOnWriteArrayList<>();
    private volatile Outward outward = ALONE;

    /** Is told from the threads that work: it must return at once. */
    public interface Watcher {
        /** There are events in the store with higher numbers than before. */
        void news();

        void progressed(Progress progress);

        /** The queue was paused or resumed. */
        default void ruled(QueueState.Mode mode) {}
    }

    private record Watch(Optional<String> jobId, Watcher watcher) {
        boolean concerns(String id) {
            return jobId.isEmpty() || jobId.get().equals(id);
        }
    }

    /** An end of watching. */
    public interface Watching extends AutoCloseable {
        @Override
        void close();
    }

    /** Watches one job or (empty) all, until closed. */
    public Watching watch(Optional<String> jobId, Watcher watcher) {
        Watch watch = new Watch(jobId, watcher);
        watches.add(watch);
        return () -> watches.remove(watch);
    }

    /** What passes on to other nodes what happens here. */
    interface Outward {
        void news();

        void progressed(Progress progress);
    }

    void forwardTo(Outward others) {
        outward = others;
    }

    /** Something happened here. */
    void news(String jobId) {
        relayed(jobId);
        outward.news();
    }

    void ruled(QueueState.Mode mode) {
        watches.forEach(w -> w.watcher().ruled(mode));
    }

    void progressed(Progress progress) {
        relayed(progress);
        outward.progressed(progress);
    }

    /** Something happened, here or on another node. */
    void relayed(String jobId) {
        watches.stream().filter(w -> w.concerns(jobId)).forEach(w -> w.watcher().news());
    }

    void relayed(Progress progress) {
        watches.stream().filter(w -> w.concerns(progress.jobId())).forEach(w -> w.watcher()
                .progressed(progress));
    }
}
