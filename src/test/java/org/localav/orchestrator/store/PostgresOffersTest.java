package org.localav.orchestrator.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.localav.orchestrator.store.OfferStore.Lent;
import org.localav.orchestrator.store.OfferStore.Offer;

/** The same of a store on a PostgreSQL server, and what only shows where several nodes share it. */
class PostgresOffersTest extends SqlOffersTest {
    private String url;

    @Override
    SqlJobStore open() throws Exception {
        if (url == null) {
            url = LocalPostgres.common().store();
        }
        return SqlJobStore.open(url, "");
    }

    private void join(String name, Duration lease) {
        store.nodes().join(new NodeStore.Node(name, "of " + name, 1, "{}"), lease, Farewell.SILENT);
    }

    @Test
    void areOpenAgainWhenTheLeaseOfTheNodeIsOver() {
        join("owner", Duration.ofMinutes(1));
        join("helper", Duration.ZERO);
        Claim job = offering("film", "k1");
        Lent lent = take("helper").orElseThrow();

        store.nodes().bury(Farewell.SILENT);

        assertEquals(Map.of("k1", OPEN), offers.of(job.token()));
        assertFalse(offers.made(lent.claim(), "too late"));
    }

    @Test
    void ringTheBellWhenOfferedAndWhenMade() throws Exception {
        try (SqlJobStore other = open();
                Bell bell = other.bell().orElseThrow()) {
            Claim job = offering("film", "k1");
            awaitSilence(bell);

            offers.offer("film", job.token(), "site", List.of(new Offer("step", "k2", "how")));
            assertTrue(rings(bell, Duration.ofSeconds(20)));
            awaitSilence(bell);
            offers.made(take("helper").orElseThrow().claim(), "done");

            assertTrue(rings(bell, Duration.ofSeconds(20)));
        }
    }

    private static void awaitSilence(Bell bell) throws InterruptedException {
        boolean rings = true;
        while (rings) {
            rings = rings(bell, Duration.ofMillis(300));
        }
    }

    private static boolean rings(Bell bell, Duration longest) throws InterruptedException {
        long began = System.nanoTime();
        bell.await(longest);
        return System.nanoTime() - began < longest.toNanos();
    }
}
