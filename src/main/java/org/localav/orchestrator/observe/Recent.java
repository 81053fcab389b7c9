package org.localav.orchestrator.observe;

import java.util.function.Supplier;

/** A figure that is not asked for again within a second, however many want it. */
final class Recent<T> {
    private static final long KEPT = 1_000_000_000L;

    private final Supplier<T> source;
    private T value;
    private long taken;

    Recent(Supplier<T> source) {
        this.source = source;
    }

    synchronized T get() {
        if (value == null || System.nanoTime() - taken > KEPT) {
            value = source.get();
            taken = System.nanoTime();
        }
        return value;
    }
}
