package org.localav.orchestrator.process;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * A wish that work should end, told from any thread to all who asked to hear of it. A child is cancelled with its parent;
 * the parent not with the child.
 */
public final class Cancellation {
    private final Set<Runnable> listeners = new LinkedHashSet<>();
    private String reason;

    /**
     * Cancels; only the first reason counts.
     *
     * @param reason a clause for people: {@code the user pressed Ctrl-C}
     */
    public void cancel(String reason) {
        Set<Runnable> told;
        synchronized (this) {
            if (this.reason != null) {
                return;
            }
            this.reason = reason;
            told = new LinkedHashSet<>(listeners);
            listeners.clear();
            notifyAll();
        }
        told.forEach(Runnable::run);
    }

    public synchronized boolean cancelled() {
        return reason != null;
    }

    public synchronized Optional<String> reason() {
        return Optional.ofNullable(reason);
    }

    /** Runs {@code act} when cancelled, at once if that has been; closing what is returned takes the wish back. */
    public Registration onCancel(Runnable act) {
        synchronized (this) {
            if (reason == null) {
                listeners.add(act);
                return () -> {
                    synchronized (this) {
                        listeners.remove(act);
                    }
                };
            }
        }
        act.run();
        return () -> {};
    }

    /** Something that is no longer wanted once closed. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /** @throws CancelledException when cancelled */
    public void throwIfCancelled() {
        Optional<String> why = reason();
        if (why.isPresent()) {
            throw new CancelledException(why.get());
        }
    }

    /**
     * Waits, but not beyond a cancel.
     *
     * @throws CancelledException when cancelled before or meanwhile
     */
    public void sleep(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        synchronized (this) {
            for (long left = end - System.nanoTime(); reason == null && left > 0; left = end - System.nanoTime()) {
                wait(left / 1_000_000, (int) (left % 1_000_000));
            }
        }
        throwIfCancelled();
    }

    /** One that ends with this one. */
    public Cancellation child() {
        Cancellation child = new Cancellation();
        onCancel(() -> child.cancel(reason().orElse("cancelled")));
        return child;
    }
}
