package org.localav.orchestrator.webhook;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * When a message that could not be delivered is tried again: the example schedule of the Standard Webhooks
 * specification, ten tries in a little more than three days. It goes by tries and not by the clock, so that a service
 * that was down for a week still gives a receiver its ten chances.
 */
final class Schedule {
    private static final List<Duration> PAUSES = List.of(
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Duration.ofHours(5),
            Duration.ofHours(10),
            Duration.ofHours(14),
            Duration.ofHours(20),
            Duration.ofHours(24));

    /** A receiver may ask for a longer pause than the schedule's, but not for one that outlasts the day. */
    private static final Duration LONGEST = Duration.ofHours(24);

    /** Pauses are lengthened by up to a fifth, by chance: what failed together must not come back together. */
    private static final double SPREAD = 0.2;

    private final DoubleSupplier chance;

    /** @param chance gives numbers from 0 to 1 */
    Schedule(DoubleSupplier chance) {
        this.chance = chance;
    }

    /**
     * The next try; empty when there is none.
     *
     * @param tries so far, all failed
     * @param asked how long the receiver wants to be left alone
     */
    Optional<Instant> next(int tries, Instant now, Optional<Duration> asked) {
        if (tries > PAUSES.size()) {
            return Optional.empty();
        }
        Duration pause = PAUSES.get(tries - 1);
        Duration wanted = asked.filter(a -> a.compareTo(pause) > 0).orElse(pause);
        Duration bounded = wanted.compareTo(LONGEST) > 0 ? LONGEST : wanted;
        return Optional.of(now.plus(bounded).plusMillis((long) (bounded.toMillis() * SPREAD * chance.getAsDouble())));
    }
}
