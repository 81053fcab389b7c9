package org.localav.orchestrator.route;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.localav.orchestrator.process.Cancellation;

/** So many at once, whichever job they work for; first come, first served. */
public final class Slots {
    private final int number;
    private final Queue<Object> waiting = new ArrayDeque<>();
    private int used;

    public Slots(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** How many are taken. */
    public synchronized int used() {
        return used;
    }

    /** How many wait for one. */
    public synchronized int waiting() {
        return waiting.size();
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
        return take(cancellation, Duration.ofNanos(Long.MAX_VALUE)).orElseThrow();
    }

    /** Waits for a slot for so long at most; ends when cancelled. */
    public Optional<Slot> take(Cancellation cancellation, Duration longest) throws InterruptedException {
        long began = System.nanoTime();
        Object turn = new Object();
        try (Cancellation.Registration registration = cancellation.onCancel(this::wake)) {
            return await(turn, cancellation, began, longest.toNanos());
        }
    }

    private synchronized Optional<Slot> await(Object turn, Cancellation cancellation, long began, long longest)
            throws InterruptedException {
        waiting.add(turn);
        try {
            cancellation.throwIfCancelled();
            while (waiting.peek() != turn || used == number) {
                long left = longest - (System.nanoTime() - began);
                if (left <= 0) {
                    return Optional.empty();
                }
                // Rounded up: wait(0) would wait for ever.
                wait(left / 1_000_000 + 1);
                cancellation.throwIfCancelled();
            }
            used++;
            return Optional.of(this::release);
        } finally {
            waiting.remove(turn);
            notifyAll();
        }
    }

    private synchronized void release() {
        used--;
        notifyAll();
    }

    private synchronized void wake() {
        notifyAll();
    }
}
