package org.localav.orchestrator.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.store.Jobbing.ANY;
import static org.localav.orchestrator.store.Jobbing.ending;
import static org.localav.orchestrator.store.Jobbing.job;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.store.OfferStore.Lent;
import org.localav.orchestrator.store.OfferStore.Offer;
import org.localav.orchestrator.store.OfferStore.Standing;

@Timeout(60)
class SqlOffersTest {
    static final Standing OPEN = new Standing(Optional.empty(), Optional.empty());

    @TempDir
    Path state;

    SqlJobStore store;
    OfferStore offers;

    @BeforeEach
    void given() throws Exception {
        store = open();
        offers = store.offers();
    }

    SqlJobStore open() throws Exception {
        return SqlJobStore.open(state);
    }

    @AfterEach
    void close() {
        store.close();
    }

    Claim offering(String id, String... keys) {
        return offering(job(id), keys);
    }

    private Claim offering(NewJob job, String... keys) {
        store.accept(job);
        Claim claim = store.claim("owner", "run of " + job.id(), ANY).orElseThrow();
        assertTrue(offers.offer(job.id(), claim.token(), "site", steps(keys)));
        return claim;
    }

    private static List<Offer> steps(String... keys) {
        return Stream.of(keys)
                .map(key -> new Offer("step of " + key, key, "how to make " + key))
                .toList();
    }

    Optional<Lent> take(String node) {
        return offers.claim(node, "site", labels -> true, Set.of());
    }

    private static Standing with(String node) {
        return new Standing(Optional.of(node), Optional.empty());
    }

    @Test
    void areTakenOneByOneAndToldWhenMade() {
        Claim job = offering("film", "k1", "k2");

        Lent lent = take("helper").orElseThrow();
        assertEquals(new Lent("film", job.token(), "k1", "how to make k1", lent.claim()), lent);
        assertEquals(Map.of("k1", with("helper"), "k2", OPEN), offers.of(job.token()));
        assertEquals(Set.of(lent.claim()), offers.held("helper"));

        assertTrue(offers.made(lent.claim(), "done"));

        assertEquals(
                new Standing(Optional.of("helper"), Optional.of("done")),
                offers.of(job.token()).get("k1"));
        assertEquals(Set.of(), offers.held("helper"));
        assertFalse(offers.made(lent.claim(), "done again"));
        assertEquals(
                List.of("offered {steps=2}", "helped {node=helper, step=step of k1}"),
                store.events(Optional.of("film"), 0, 100).stream()
                        .filter(event -> event.type().matches("offered|helped"))
                        .map(event -> event.type() + " " + new TreeMap<>(Rows.texts(event.data())))
                        .toList());
    }

    @Test
    void areTakenBackUntilANodeHasClaimedThem() {
        Claim job = offering("film", "k1", "k2");
        take("helper");

        assertFalse(offers.takeBack(job.token(), "k1"));
        assertTrue(offers.takeBack(job.token(), "k2"));

        assertFalse(offers.takeBack(job.token(), "k2"));
        assertEquals(Optional.empty(), take("helper"));
        assertFalse(offers.open("helper", "site"));
    }

    @Test
    void areEachGivenToOneNodeOnly() {
        Claim job =
                offering("film", IntStream.range(0, 40).mapToObj(i -> "k" + i).toArray(String[]::new));

        List<CompletableFuture<List<String>>> nodes = IntStream.range(0, 4)
                .mapToObj(n -> CompletableFuture.supplyAsync(() -> {
                    List<String> taken = new ArrayList<>();
                    for (Optional<Lent> lent = take("n" + n); lent.isPresent(); lent = take("n" + n)) {
                        taken.add(lent.get().key());
                    }
                    return taken;
                }))
                .toList();
        List<String> all =
                nodes.stream().flatMap(taken -> taken.join().stream()).toList();

        assertEquals(40, all.size());
        assertEquals(offers.of(job.token()).keySet(), all.stream().collect(Collectors.toSet()));
    }

    @Test
    void areForThoseWhoShareTheSiteAndFitTheJob() {
        offering(job("film", 5, "gpu"), "k1");

        assertFalse(offers.open("helper", "another"));
        assertEquals(Optional.empty(), offers.claim("helper", "another", labels -> true, Set.of()));
        assertEquals(Optional.empty(), offers.claim("helper", "site", labels -> !labels.contains("gpu"), Set.of()));
        assertTrue(
                offers.claim("helper", "site", List.of("gpu")::equals, Set.of()).isPresent());
    }

    @Test
    void areForOtherNodesThanTheJobsOwn() {
        offering("film", "k1");

        assertEquals(Optional.empty(), take("owner"));

        assertFalse(offers.open("owner", "site"));
        assertTrue(offers.open("helper", "site"));
    }

    @Test
    void ofTheJobWithTheHighestPriorityGoFirstAndSomeJobsAreLeftAlone() {
        Claim low = offering(job("low", 2), "k1");
        Claim high = offering(job("high", 8), "k2");

        assertEquals(
                "low",
                offers.claim("helper", "site", labels -> true, Set.of(high.token()))
                        .orElseThrow()
                        .jobId());
        offers.takeBack(low.token(), "k1");
        assertEquals("high", take("helper").orElseThrow().jobId());
    }

    @Test
    void areOpenAgainWhenTheyAreGivenBack() {
        Claim job = offering("film", "k1");
        Lent lent = take("helper").orElseThrow();

        offers.giveBack(lent.claim());

        assertEquals(Map.of("k1", OPEN), offers.of(job.token()));
        assertFalse(offers.made(lent.claim(), "too late"));
        assertTrue(take("another").isPresent());
    }

    @Test
    void offeredAgainStayAsTheyAre() {
        Claim job = offering("film", "k1");
        take("helper");

        offers.offer("film", job.token(), "site", steps("k1", "k2"));

        assertEquals(Map.of("k1", with("helper"), "k2", OPEN), offers.of(job.token()));
    }

    @Test
    void areMadeOnlyByWhoHoldsTheJob() {
        offering("film");

        assertFalse(offers.offer("film", "stale", "site", steps("k1")));

        assertFalse(offers.open("helper", "site"));
    }

    @Test
    void areHeldNoMoreWhenTheJobIsAskedToEnd() {
        offering("film", "k1", "k2");
        take("helper");

        store.cancel("film", Farewell.SILENT);

        assertEquals(Set.of(), offers.held("helper"));
        assertEquals(Optional.empty(), take("helper"));
    }

    @Test
    void endWithTheJobOrWithItsRun() {
        Claim ended = offering("ended", "k1");
        Claim released = offering("released", "k1");
        Lent lent = take("helper").orElseThrow();

        store.end("ended", ended.token(), ending(JobStatus.SUCCEEDED));
        store.release("released", released.token(), Farewell.SILENT);

        assertEquals(Map.of(), offers.of(ended.token()));
        assertEquals(Map.of(), offers.of(released.token()));
        assertEquals(Set.of(), offers.held("helper"));
        assertFalse(offers.made(lent.claim(), "too late"));
    }

    @Test
    void areOpenAgainWhenTheNodeLeaves() {
        NodeStore.Node node = new NodeStore.Node("helper", "first", 1, "{}");
        store.nodes().join(node, Duration.ofMinutes(1), Farewell.SILENT);
        Claim job = offering("film", "k1");
        take("helper");

        store.nodes().leave(node);

        assertEquals(Map.of("k1", OPEN), offers.of(job.token()));
    }
}
