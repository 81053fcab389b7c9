package org.localav.orchestrator.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.localav.orchestrator.plan.Recipe;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.process.CancelledException;

class SlotsTest {
    private final Slots slots = new Slots(1);

    @Test
    void givesUpWaitingInTime() throws Exception {
        try (Slots.Slot taken = slots.take(new Cancellation())) {
            assertTrue(slots.take(new Cancellation(), Duration.ofMillis(1)).isEmpty());
        }
        assertTrue(slots.take(new Cancellation(), Duration.ZERO).isPresent());
    }

    @Test
    void waitsForNothingWhenCancelled() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel("no longer wanted");

        assertThrows(CancelledException.class, () -> slots.take(cancellation, Duration.ofHours(1)));
    }

    @Test
    void servesFirstWhoCameFirstHoweverLongTheyWait() throws Exception {
        List<Integer> served = Collections.synchronizedList(new ArrayList<>());
        List<Thread> comers = new ArrayList<>();
        try (Slots.Slot taken = slots.take(new Cancellation())) {
            for (int i = 0; i < 8; i++) {
                int number = i;
                Thread comer = new Thread(() -> {
                    try (Slots.Slot turn = slots.take(new Cancellation())) {
                        served.add(number);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
                comers.add(comer);
                comer.start();
                while (slots.waiting() <= i) {
                    Thread.onSpinWait();
                }
            }
            assertTrue(slots.take(new Cancellation(), Duration.ofMillis(150)).isEmpty());
        }
        for (Thread comer : comers) {
            comer.join();
        }

        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7), served);
        assertEquals(0, slots.used());
    }

    @Test
    void letsGoAtOnceWhoIsCancelledWhileItWaits() throws Exception {
        Cancellation cancellation = new Cancellation();
        try (Slots.Slot taken = slots.take(new Cancellation())) {
            Thread canceller = new Thread(() -> {
                while (slots.waiting() == 0) {
                    Thread.onSpinWait();
                }
                cancellation.cancel("no longer wanted");
            });
            canceller.start();

            assertThrows(CancelledException.class, () -> slots.take(cancellation));
            canceller.join();
        }
        assertEquals(0, slots.waiting());
    }

    @Test
    void lightWorkNeverWaitsAndAGraphicsProcessorHasPlacesOfItsOwn() {
        WorkSlots work = new WorkSlots(new Slots(2), new Slots(1));

        assertEquals(Optional.empty(), work.of(Recipe.Work.LIGHT));
        assertSame(work.processor(), work.of(Recipe.Work.PROCESSOR).orElseThrow());
        assertSame(work.gpu(), work.of(Recipe.Work.GPU).orElseThrow());
    }
}
