package org.localav.orchestrator.process;

import java.time.Duration;

/** Time in which programs stand still: none is started in it, and it counts towards no limit. */
final class Suspension {
    private boolean on;
    private long since;
    private long before;

    synchronized void set(boolean wanted) {
        if (wanted && !on) {
            since = System.nanoTime();
        } else if (!wanted && on) {
            before += System.nanoTime() - since;
        }
        on = wanted;
        notifyAll();
    }

    synchronized boolean on() {
        return on;
    }

    /** How long it has lasted so far, all in all. */
    synchronized Duration total() {
        return Duration.ofNanos(before + (on ? System.nanoTime() - since : 0));
    }

    /** Waits for its end, or for a cancellation. */
    void await(Cancellation cancellation) throws InterruptedException {
        try (Cancellation.Registration registration = cancellation.onCancel(this::look)) {
            synchronized (this) {
                while (on && !cancellation.cancelled()) {
                    wait();
                }
            }
        }
        cancellation.throwIfCancelled();
    }

    private synchronized void look() {
        notifyAll();
    }
}
