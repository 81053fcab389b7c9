package org.localav.orchestrator.service;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.localav.orchestrator.job.Crew;
import org.localav.orchestrator.job.Errand;
import org.localav.orchestrator.job.Prepared;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.store.Claim;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.OfferStore.Offer;
import org.localav.orchestrator.store.OfferStore.Standing;
import org.localav.orchestrator.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of a run that other nodes may make. This node takes one back whenever it has a place for it, and waits for those
 * that another has claimed; a claim that ends without a result makes its step free again.
 */
final class Offering implements Crew {
    private static final Logger LOG = LoggerFactory.getLogger(Offering.class);
    private static final Standing OPEN = new Standing(Optional.empty(), Optional.empty());
    private static final Standing TAKEN = new Standing(Optional.of(""), Optional.empty());

    private static final Duration FOLDER_LAG = Duration.ofSeconds(30);

    private static final Duration LOOK = Duration.ofMillis(100);

    private final Helping helping;
    private final JobStore store;
    private final Claim claim;
    private final Duration lag;

    /** What waits for a place here and is not on offer, in the order in which it was told. */
    private final Map<String, Offer> waiting = new LinkedHashMap<>();

    private final Map<String, Standing> offered = new HashMap<>();
    private final Set<String> madeHere = new HashSet<>();
    private int busy;

    Offering(Helping helping, JobStore store, Claim claim) {
        this(helping, store, claim, FOLDER_LAG);
    }

    /** @param lag how long a shared folder may take to show here what another node has put into it */
    Offering(Helping helping, JobStore store, Claim claim, Duration lag) {
        this.helping = helping;
        this.store = store;
        this.claim = claim;
        this.lag = lag;
    }

    @Override
    public Optional<String> node() {
        return Optional.of(helping.node());
    }

    @Override
    public void offer(Prepared prepared, List<Step> steps) {
        List<Offer> offers = offers(prepared, steps);
        synchronized (this) {
            // After a stage's retry some are on offer already.
            offers.removeIf(offer -> offered.containsKey(offer.key()));
            offers.forEach(offer -> waiting.put(offer.key(), offer));
        }
        helping.began(this);
    }

    private List<Offer> offers(Prepared prepared, List<Step> steps) {
        List<Offer> offers = new ArrayList<>();
        for (Step step : steps) {
            if (!helping.holds(step.key())) {
                Errand.of(step, prepared)
                        .ifPresent(errand -> offers.add(new Offer(step.id(), step.key(), errand.json())));
            }
        }
        return offers;
    }

    @Override
    public Optional<StepReport> turn(Step step, Cancellation cancellation) throws InterruptedException {
        String key = step.key();
        try (Cancellation.Registration registration = cancellation.onCancel(this::wake)) {
            Optional<Standing> settled = await(key, cancellation);
            while (settled.equals(Optional.of(OPEN)) && !takeBack(key)) {
                settled = await(key, cancellation);
            }
            Optional<String> report = settled.flatMap(Standing::report);
            return report.isPresent() ? found(step, report.get(), cancellation) : Optional.empty();
        }
    }

    /** What can be acted upon: it is open, and a place for it is taken here, or it has a report; empty: to be made here. */
    private synchronized Optional<Standing> await(String key, Cancellation cancellation) throws InterruptedException {
        while (true) {
            cancellation.throwIfCancelled();
            Optional<Standing> standing = Optional.ofNullable(offered.get(key));
            boolean place = busy < helping.places();
            if (waiting.containsKey(key)) {
                if (place) {
                    busy++;
                    waiting.remove(key);
                    madeHere.add(key);
                    return Optional.empty();
                }
            } else if (standing.isEmpty() || standing.get().report().isPresent()) {
                return standing;
            } else if (standing.get().equals(OPEN) && place) {
                busy++;
                return standing;
            }
            wait();
        }
    }

    private boolean takeBack(String key) {
        boolean ours = true;
        try {
            ours = store.offers().takeBack(claim.token(), key);
        } catch (StoreException e) {
            // Made twice, if another has it by now; the first result is kept then.
            LOG.warn(
                    "{}; a clip of job {} is encoded here all the same",
                    e.getMessage(),
                    claim.job().id());
        }
        synchronized (this) {
            if (ours) {
                offered.remove(key);
                madeHere.add(key);
            } else {
                busy--;
                offered.put(key, TAKEN);
                notifyAll();
            }
            return ours;
        }
    }

    private Optional<StepReport> found(Step step, String report, Cancellation cancellation)
            throws InterruptedException {
        long end = System.nanoTime() + lag.toNanos();
        while (!helping.holds(step.key())) {
            if (System.nanoTime() > end) {
                LOG.warn(
                        "{} of job {} was made by another node, but is not in the step store here; it is made again",
                        step.id(),
                        claim.job().id());
                return Optional.empty();
            }
            cancellation.sleep(LOOK);
        }
        try {
            return Optional.of(Errand.report(report));
        } catch (IOException e) {
            throw new IllegalStateException("a node tells of " + step.id() + " what is not understood", e);
        }
    }

    @Override
    public synchronized void ended(Step step) {
        if (madeHere.remove(step.key())) {
            busy--;
            notifyAll();
        }
    }

    /** Learns how the offers stand, and offers what still waits here as soon as there is anybody to help. */
    void refresh() throws IOException, InterruptedException {
        if (any(offered)) {
            Map<String, Standing> now = store.offers().of(claim.token());
            synchronized (this) {
                offered.keySet().retainAll(now.keySet());
                offered.replaceAll((key, before) -> now.get(key));
                notifyAll();
            }
        }
        if (any(waiting) && helping.company()) {
            offerRest(helping.site());
        }
    }

    private synchronized boolean any(Map<String, ?> steps) {
        return !steps.isEmpty();
    }

    private void offerRest(String site) {
        List<Offer> rest = rest();
        if (rest.isEmpty()) {
            return;
        }
        boolean done = false;
        try {
            done = store.offers().offer(claim.job().id(), claim.token(), site, rest);
        } finally {
            settle(rest, done);
        }
        helping.offered(claim.job().id());
    }

    /** What is more than can be made here at once; none of it begins here while it is being offered. */
    private synchronized List<Offer> rest() {
        if (waiting.size() + busy <= helping.places()) {
            return List.of();
        }
        List<Offer> rest = List.copyOf(waiting.values());
        rest.forEach(offer -> offered.put(offer.key(), TAKEN));
        waiting.clear();
        return rest;
    }

    private synchronized void settle(List<Offer> rest, boolean done) {
        for (Offer offer : rest) {
            if (done) {
                offered.put(offer.key(), OPEN);
            } else {
                offered.remove(offer.key());
                waiting.put(offer.key(), offer);
            }
        }
        notifyAll();
    }

    private synchronized void wake() {
        notifyAll();
    }
}
