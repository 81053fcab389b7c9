package org.localav.orchestrator.store;

import java.time.Duration;

/** Remembers that a bell rang until somebody has waited for it. */
public final class Ringing {
    private boolean rang;

    public synchronized void rang() {
        rang = true;
        notifyAll();
    }

    /** Waits until it rang, at most so long. */
    public synchronized void await(Duration longest) throws InterruptedException {
        long end = System.nanoTime() + longest.toNanos();
        for (long left = longest.toMillis(); !rang && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
        rang = false;
    }
}
