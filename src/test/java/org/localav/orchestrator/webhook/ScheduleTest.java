package org.localav.orchestrator.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When a message that was not delivered is tried again. */
class ScheduleTest {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private final Schedule even = new Schedule(() -> 0);

    @Test
    void isTheSpecificationsAndLastsThreeDays() {
        List<String> tries = new ArrayList<>();
        Instant now = START;
        for (int n = 1; ; n++) {
            Duration since = Duration.between(START, now);
            tries.add("%02d:%02d:%02d".formatted(since.toHours(), since.toMinutesPart(), since.toSecondsPart()));
            Optional<Instant> next = even.next(n, now, Optional.empty());
            if (next.isEmpty()) {
                break;
            }
            now = next.get();
        }

        assertEquals(
                List.of(
                        "00:00:00",
                        "00:00:05",
                        "00:05:05",
                        "00:35:05",
                        "02:35:05",
                        "07:35:05",
                        "17:35:05",
                        "31:35:05",
                        "51:35:05",
                        "75:35:05"),
                tries);
        assertTrue(Duration.between(START, now).compareTo(Duration.ofDays(3)) > 0);
    }

    @Test
    void isSpreadByUpToAFifthAndNeverShorter() {
        Instant latest = new Schedule(() -> 1).next(2, START, Optional.empty()).orElseThrow();

        assertEquals(START.plusSeconds(360), latest);
        assertEquals(
                START.plusSeconds(300), even.next(2, START, Optional.empty()).orElseThrow());
    }

    @Test
    void leavesAReceiverAloneAsLongAsItAsks() {
        assertEquals(START.plusSeconds(90), even.next(1, START, seconds(90)).orElseThrow());
        assertEquals(START.plusSeconds(5), even.next(1, START, seconds(1)).orElseThrow());
    }

    @Test
    void doesNotLetAReceiverPutItOffForEver() {
        assertEquals(
                START.plus(Duration.ofDays(1)),
                even.next(1, START, seconds(999_999_999)).orElseThrow());
    }

    private static Optional<Duration> seconds(long seconds) {
        return Optional.of(Duration.ofSeconds(seconds));
    }
}
