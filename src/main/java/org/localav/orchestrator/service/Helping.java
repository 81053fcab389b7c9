package org.localav.orchestrator.service;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.localav.orchestrator.engine.Engine;
import org.localav.orchestrator.job.Crew;
import org.localav.orchestrator.job.Errand;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobListener;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.job.Tenure;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.log.LogFields;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.route.Slots;
import org.localav.orchestrator.service.NodeState.Standing;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.stage.FailureReason;
import org.localav.orchestrator.store.Claim;
import org.localav.orchestrator.store.JobRow;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.OfferStore.Lent;
import org.localav.orchestrator.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encodes clips for jobs of other nodes when there is nothing else to do here, and lets others do so for the jobs of this
 * one. In a store of its own it does neither.
 */
final class Helping implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Helping.class);

    /** How often is looked what has become of offers and of claims while there are any. */
    private static final Duration ROUND = Duration.ofSeconds(1);

    private static final Duration ENDING = Duration.ofSeconds(10);

    /** So many are remembered; one that is forgotten is refused once more. */
    private static final int MOST_REFUSED = 1_000;

    private final Workshop workshop;
    private final Engine engine;
    private final JobStore store;
    private final Feed feed;
    private final String node;
    private final Presence presence;
    private final Fitness fitness;
    private final BooleanSupplier idle;
    private final boolean wanted;
    private final Set<Offering> offerings = ConcurrentHashMap.newKeySet();
    private final Map<String, Help> helps = new ConcurrentHashMap<>();

    /** Jobs that this node can't help with. */
    private final Set<String> refused = ConcurrentHashMap.newKeySet();

    private final Thread thread = new Thread(this::work, "helping");
    private boolean news;
    private boolean closing;

    /** @param idle whether no job waits here that could run */
    Helping(
            Workshop workshop,
            Engine engine,
            JobStore store,
            Feed feed,
            String node,
            Presence presence,
            Fitness fitness,
            BooleanSupplier idle) {
        this.workshop = workshop;
        this.engine = engine;
        this.store = store;
        this.feed = feed;
        this.node = node;
        this.presence = presence;
        this.fitness = fitness;
        this.idle = idle;
        this.wanted = store.shared() && workshop.settings().flag("nodes.help");
    }

    /** One clip that is encoded here for another node. */
    private static final class Help implements JobListener {
        private final Lent lent;
        private final Cancellation cancellation = new Cancellation();
        private volatile boolean encodes;

        Help(Lent lent) {
            this.lent = lent;
        }

        @Override
        public void progressed(Job job, String stage, double done, double speed) {
            encodes = true;
        }
    }

    void start() {
        if (wanted) {
            thread.setDaemon(true);
            thread.start();
        }
    }

    String node() {
        return node;
    }

    /** Who makes the steps of a job that this node has claimed. */
    Crew crew(Claim claim) {
        return store.shared() ? new Offering(this, store, claim) : Crew.ALONE;
    }

    /** Whether there is anybody who could help. */
    boolean company() {
        if (wanted) {
            // One that has just come may not have been heard of.
            presence.refresh();
        }
        return wanted && presence.others().stream().anyMatch(other -> other.standing() == Standing.READY);
    }

    /** How many clips are encoded here at once. */
    int places() {
        return engine.slots().processor().number();
    }

    String site() throws IOException, InterruptedException {
        return workshop.site();
    }

    boolean holds(String key) {
        return workshop.store().holds(key);
    }

    /** A run has come to steps that others may make. */
    void began(Offering offering) {
        offerings.add(offering);
        wake();
    }

    void offered(String job) {
        feed.news(job);
    }

    /** The run of these offers has ended. */
    void over(Crew crew) {
        if (crew instanceof Offering offering) {
            offerings.remove(offering);
        }
    }

    /** Something may have been offered, claimed, made or withdrawn. */
    synchronized void wake() {
        news = true;
        notifyAll();
    }

    private void work() {
        while (awaitNews()) {
            try {
                for (Offering offering : offerings) {
                    offering.refresh();
                }
                stop();
                help();
            } catch (StoreException e) {
                LOG.debug("offers of steps can't be read", e);
            } catch (IOException e) {
                // What is wrong with ffmpeg or the step store, jobs and the health check tell.
                LOG.debug("this node can't help others", e);
            } catch (RuntimeException e) {
                LOG.error("a fault of the program keeps this node from helping others", e);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private synchronized boolean awaitNews() {
        try {
            if (!closing && !news) {
                wait(offerings.isEmpty() && helps.isEmpty() ? 0 : ROUND.toMillis());
            }
        } catch (InterruptedException e) {
            closing = true;
        }
        news = false;
        return !closing;
    }

    /** Ends what is no longer wanted of this node, and gives back what it has claimed without hearing so. */
    private void stop() {
        Set<String> held = store.offers().held(node);
        helps.forEach((claim, help) -> {
            if (!held.remove(claim)) {
                help.cancellation.cancel("the job needs it no more");
            }
        });
        held.forEach(store.offers()::giveBack);
    }

    private void help() throws IOException, InterruptedException {
        String site = site();
        while (room() && store.offers().open(node, site) && idle.getAsBoolean()) {
            Optional<Lent> lent = store.offers()
                    .claim(node, site, labels -> fitness.apply(labels).isEmpty(), refused);
            if (lent.isEmpty()) {
                return;
            }
            Help help = new Help(lent.get());
            helps.put(lent.get().claim(), help);
            new Thread(() -> run(help), "help-" + lent.get().key().substring(0, 8)).start();
        }
    }

    /** Whether a processor slot is free that is not meant for a clip claimed a moment ago. */
    private boolean room() {
        Slots slots = engine.slots().processor();
        long starting = helps.values().stream().filter(help -> !help.encodes).count();
        return slots.used() + slots.waiting() + starting < slots.number();
    }

    private void run(Help help) {
        Lent lent = help.lent;
        try (LogFields fields = LogFields.ofJob(lent.jobId(), Map.of())) {
            Optional<StepReport> made = make(help);
            if (made.isEmpty()) {
                LOG.info("encodes nothing more for job {}: the step has been made elsewhere", lent.jobId());
                store.offers().giveBack(lent.claim());
            } else if (store.offers().made(lent.claim(), Errand.json(made.get()))) {
                feed.news(lent.jobId());
            } else {
                LOG.info("encodes nothing more for job {}: what it made is waited for no more", lent.jobId());
            }
        } catch (StoreException e) {
            LOG.warn("{}; what was made for job {} is in the step store", e.getMessage(), lent.jobId());
        } catch (Exception e) {
            giveBack(help, e);
        } finally {
            helps.remove(lent.claim());
            wake();
        }
    }

    /** Empty: it was there already, as its job will find. */
    private Optional<StepReport> make(Help help) throws Exception {
        Lent lent = help.lent;
        JobRow row = store.find(lent.jobId()).orElseThrow();
        Errand errand = Errand.read(lent.errand());
        Parsed parsed = SpecReader.read(
                row.specName(),
                store.spec(lent.jobId()).orElseThrow(),
                row.specName().endsWith(".json"));
        Path specFile = row.folder().resolve(row.specName());
        LOG.info(
                "encodes {} of job {} for node {}",
                errand.step(),
                lent.jobId(),
                row.owner().orElse(""));
        Engine.Order order = new Engine.Order(
                lent.jobId(), "help-" + lent.claim(), parsed, specFile, false, Tenure.ALONE, Crew.ALONE);
        return engine.make(order, errand, lent.key(), help.cancellation, help)
                .map(report -> report.by(Optional.of(node)));
    }

    /** The job's own node makes it then, and if it fails there, too, tells why. */
    private void giveBack(Help help, Exception failure) {
        Lent lent = help.lent;
        if (help.cancellation.cancelled()) {
            LOG.info(
                    "encodes nothing more for job {}: {}",
                    lent.jobId(),
                    help.cancellation.reason().orElse(""));
        } else {
            if (refused.size() == MOST_REFUSED) {
                refused.clear();
            }
            refused.add(lent.token());
            LOG.warn("can't help with job {}: {}", lent.jobId(), FailureReason.sentence(FailureReason.cause(failure)));
        }
        try {
            store.offers().giveBack(lent.claim());
        } catch (StoreException e) {
            LOG.warn("{}; the next look gives the claim back", e.getMessage());
        }
    }

    /** Nothing that is made here for others is this node's any more. */
    void lost() {
        helps.values().forEach(help -> help.cancellation.cancel(Running.LOST));
    }

    /** Ends what is made here for others, and gives it back. */
    @Override
    public void close() {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        try {
            thread.join();
            helps.values().forEach(help -> help.cancellation.cancel("the service is ending"));
            awaitNoHelps(System.nanoTime() + ENDING.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void awaitNoHelps(long until) throws InterruptedException {
        long left = until - System.nanoTime();
        while (!helps.isEmpty() && left > 0) {
            wait(left / 1_000_000 + 1);
            left = until - System.nanoTime();
        }
    }
}
