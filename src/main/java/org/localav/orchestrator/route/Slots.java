package org.localav.orchestrator.route;

import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.localav.orchestrator.process.Cancellation;

/** So many at once, whichever job they work for; first come, first served. */
public final class Slots {
    private final Semaphore free;

    public Slots(int number) {
        this.free = new Semaphore(number, true);
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

    /** Waits for a slot; ends when cancelled. */
    public Slot take(Cancellation cancellation) throws InterruptedException {
        cancellation.throwIfCancelled();
        while (!free.tryAcquire(100, TimeUnit.MILLISECONDS)) {
            cancellation.throwIfCancelled();
        }
        return free::release;
    }
}
