package org.localav.orchestrator.route;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.localav.orchestrator.process.Cancellation;

/** So many at once, whichever job they work for; first come, first served. */
public final class Slots {
    private static final long LOOK = TimeUnit.MILLISECONDS.toNanos(100);

    private final int number;
    private final Semaphore free;

    public Slots(int number) {
        this.number = number;
        this.free = new Semaphore(number, true);
    }

    public int number() {
        return number;
    }

    /** How many are taken. */
    public int used() {
        return number - free.availablePermits();
    }

    /** A place that is held until it is closed. */
    public interface Slot extends AutoCloseable {
        @Override
        void close();
    }

    /** Waits for a slot, or has one at once where none is needed. Ends when cancelled. */
    public static Slot take(Optional<Slots> slots, Cancellation cancellation) throws InterruptedException {
        return slots.isPresent() ? slots.get().take(cancellation) : () -> {};
    }

    /** Waits for a slot for so long at most; ends when cancelled. */
    public Optional<Slot> take(Cancellation cancellation, Duration longest) throws InterruptedException {
        long end = System.nanoTime() + longest.toNanos();
        cancellation.throwIfCancelled();
        while (!free.tryAcquire(Math.min(LOOK, Math.max(0, end - System.nanoTime())), TimeUnit.NANOSECONDS)) {
            cancellation.throwIfCancelled();
            if (System.nanoTime() >= end) {
                return Optional.empty();
            }
        }
        return Optional.of(free::release);
    }

    /** Waits for a slot; ends when cancelled. */
    public Slot take(Cancellation cancellation) throws InterruptedException {
        cancellation.throwIfCancelled();
        while (!free.tryAcquire(LOOK, TimeUnit.NANOSECONDS)) {
            cancellation.throwIfCancelled();
        }
        return free::release;
    }
}
