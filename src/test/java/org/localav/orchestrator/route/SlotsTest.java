package org.localav.orchestrator.route;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
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
}
