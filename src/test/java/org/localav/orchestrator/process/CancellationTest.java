package org.localav.orchestrator.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CancellationTest {
    private final Cancellation cancellation = new Cancellation();
    private final List<String> heard = new ArrayList<>();

    @Test
    void keepsTheFirstReasonAndTellsEachListenerOnce() {
        cancellation.onCancel(() -> heard.add("a"));
        cancellation.onCancel(() -> heard.add("b"));

        cancellation.cancel("first");
        cancellation.cancel("second");

        assertEquals(Optional.of("first"), cancellation.reason());
        assertEquals(List.of("a", "b"), heard);
    }

    @Test
    void tellsALateListenerAtOnceAndAClosedOneNever() {
        cancellation.onCancel(() -> heard.add("closed")).close();
        cancellation.cancel("over");
        cancellation.onCancel(() -> heard.add("late"));

        assertEquals(List.of("late"), heard);
    }

    @Test
    void tellsTheOthersWhenOneListenerFails() {
        cancellation.onCancel(() -> {
            throw new IllegalStateException("broken");
        });
        cancellation.onCancel(() -> heard.add("told"));

        var failure = assertThrows(IllegalStateException.class, () -> cancellation.cancel("over"));

        assertEquals("broken", failure.getMessage());
        assertEquals(List.of("told"), heard);
    }

    @Test
    void cancelsChildrenButNotParents() {
        Cancellation first = cancellation.child();
        Cancellation second = cancellation.child();

        first.cancel("only me");
        assertFalse(cancellation.cancelled());
        cancellation.cancel("all");

        assertEquals(Optional.of("only me"), first.reason());
        assertEquals(Optional.of("all"), second.reason());
        assertTrue(cancellation.child().cancelled());
    }

    @Test
    void cutsASleepShort() throws InterruptedException {
        CountDownLatch asleep = new CountDownLatch(1);
        AtomicReference<Exception> ended = new AtomicReference<>();
        Thread sleeper = new Thread(() -> {
            asleep.countDown();
            try {
                cancellation.sleep(Duration.ofHours(1));
            } catch (CancelledException | InterruptedException e) {
                ended.set(e);
            }
        });
        sleeper.start();
        asleep.await();

        cancellation.cancel("wake up");
        sleeper.join(10_000);

        assertEquals(CancelledException.class, ended.get().getClass());
        assertEquals("wake up", ended.get().getMessage());
    }
}
