package org.localav.orchestrator.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tells running work to end, once and for good, with the reason; whatever can be ended hangs itself on it. */
public final class Cancellation {
    private final Map<Object, Runnable> listeners = new LinkedHashMap<>();
    private String reason;

    /** Takes a listener off again; never throws. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Cancels; the first reason stays. The listeners run in the caller's thread, so they must be quick: they tell work
     * to end and do not wait for it.
     */
    public void cancel(String why) {
        List<Runnable> told;
        synchronized (this) {
            if (reason != null) {
                return;
            }
            reason = why;
            told = new ArrayList<>(listeners.values());
            listeners.clear();
            notifyAll();
        }
        RuntimeException failure = null;
        for (Runnable listener : told) {
            try {
                listener.run();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    public synchronized boolean cancelled() {
        return reason != null;
    }

    /** Why it was cancelled; empty while it is not. */
    public synchronized Optional<String> reason() {
        return Optional.ofNullable(reason);
    }

    /** Runs the listener when this is cancelled, at once when it already is. */
    public Registration onCancel(Runnable listener) {
        Object token = new Object();
        synchronized (this) {
            if (reason == null) {
                listeners.put(token, listener);
                return () -> forget(token);
            }
        }
        listener.run();
        return () -> {};
    }

    private synchronized void forget(Object token) {
        listeners.remove(token);
    }

    /** @throws CancelledException when this is cancelled */
    public void throwIfCancelled() {
        reason().ifPresent(why -> {
            throw new CancelledException(why);
        });
    }

    /** @throws CancelledException as soon as this is cancelled */
    public void sleep(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        synchronized (this) {
            for (long left = end - System.nanoTime(); left > 0 && reason == null; left = end - System.nanoTime()) {
                // Rounded up: wait(0) would wait for ever.
                wait(left / 1_000_000 + 1);
            }
        }
        throwIfCancelled();
    }

    /** One that is cancelled with this one, but can be cancelled alone. */
    public Cancellation child() {
        Cancellation child = new Cancellation();
        onCancel(() -> child.cancel(reason().orElseThrow()));
        return child;
    }
}
