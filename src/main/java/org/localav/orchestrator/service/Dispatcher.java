package org.localav.orchestrator.service;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.localav.orchestrator.engine.Engine;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.log.LogFields;
import org.localav.orchestrator.store.Bell;
import org.localav.orchestrator.store.Claim;
import org.localav.orchestrator.store.Ending;
import org.localav.orchestrator.store.JobRow;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.StoreException;
import org.localav.orchestrator.trace.Caller;
import org.localav.orchestrator.webhook.Announcement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes jobs from the store's queue as there is room, and sees each to its end. */
final class Dispatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    /** How long the queue waits before it asks a store again that could not be read or written. */
    private static final Duration STORE_PAUSE = Duration.ofSeconds(2);

    /** How long a job may wait for a node that nobody has told of it. */
    private static final Duration ROUND = Duration.ofSeconds(3);

    private final Workshop workshop;
    private final Production production;
    private final JobStore store;
    private final Feed feed;
    private final Optional<Bell> bell;
    private final String node;
    private final Runnable mail;
    private final Rule rule;
    private final Badge badge;
    private final Presence presence;
    private final Fitness fitness;
    private final Helping helping;
    private final int concurrent;
    private final Duration grace;
    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final Instant since = Instant.now();
    private final Object lock = new Object();
    private boolean news;
    private boolean unsure;
    private boolean lost;
    private long looked = System.nanoTime() - ROUND.toNanos();
    private boolean closing;
    private Thread queue;

    Dispatcher(
            Workshop workshop,
            Engine engine,
            JobStore store,
            Feed feed,
            Optional<Bell> bell,
            String node,
            Runnable mail) {
        this.workshop = workshop;
        this.store = store;
        this.feed = feed;
        this.bell = bell;
        this.node = node;
        this.mail = mail;
        this.concurrent = Math.max(1, workshop.settings().integer("jobs.concurrent"));
        this.grace = workshop.settings().duration("shutdown.grace");
        Set<String> labels = Set.copyOf(workshop.settings().words("node.labels"));
        this.rule = new Rule(store, workshop.processes());
        this.badge = new Badge(workshop, engine, labels, concurrent);
        this.presence = new Presence(store, node, workshop.settings().duration("lease"), badge, this::lost, this::look);
        this.fitness = new Fitness(labels, presence::others);
        this.helping = new Helping(workshop, engine, store, feed, node, presence, fitness, this::idle);
        this.production = new Production(workshop, engine, store, feed, helping);
    }

    int concurrent() {
        return concurrent;
    }

    NodeState node() {
        NodeState.Standing standing = presence.draining() ? NodeState.Standing.DRAINING : NodeState.Standing.READY;
        return new NodeState(node, standing, since, Instant.now(), running.size(), badge.get());
    }

    Helping helping() {
        return helping;
    }

    Presence presence() {
        return presence;
    }

    void start() {
        presence.start();
        mail.run();
        rule.read();
        queue = new Thread(this::dispatch, "queue");
        queue.start();
        helping.start();
    }

    /** Whether jobs are started at all: false after a defect has ended the thread that does. */
    boolean alive() {
        return queue == null || queue.isAlive();
    }

    /** Does what other nodes have asked for meanwhile. */
    void look() {
        presence.refresh();
        rule.read();
        store.nodes().cancelling(node).forEach(this::cancel);
        wake();
    }

    /** Ends all that runs here, and starts nothing before it has ended: the same jobs may come back. */
    private void lost() {
        synchronized (lock) {
            lost = true;
        }
        running.values().forEach(job -> job.cancellation.cancel(Running.LOST));
        helping.lost();
    }

    /** Something may have become ready to start. */
    void wake() {
        synchronized (lock) {
            news = true;
            lock.notifyAll();
        }
        helping.wake();
    }

    QueueState.Mode mode() {
        return rule.mode();
    }

    void rule(QueueState.Mode wanted) {
        rule.set(wanted);
        wake();
    }

    void cancel(String id) {
        Running job = running.get(id);
        if (job != null) {
            job.cancellation.cancel("it was cancelled");
        }
    }

    private void dispatch() {
        while (awaitRoom()) {
            try {
                if (unsure) {
                    giveBackStrays();
                }
                Optional<Claim> claim = turn() ? store.claim(node, Engine.newRun(), fitness) : Optional.empty();
                if (claim.isPresent()) {
                    begin(claim.get());
                } else {
                    awaitNews();
                }
            } catch (StoreException e) {
                unsure = store.shared();
                LOG.error("{}; the queue tries again in {} s", e.getMessage(), STORE_PAUSE.toSeconds());
                pause(STORE_PAUSE);
            }
        }
    }

    /** Whether to look for a job: when one is offered to this node and, because offers may be lost, now and then. */
    private boolean turn() {
        long now = System.nanoTime();
        boolean due = now - looked > ROUND.toNanos();
        boolean turn = due
                || bell.isEmpty()
                || bell.get().turn(labels -> fitness.apply(labels).isEmpty());
        if (due) {
            looked = now;
        }
        return turn;
    }

    /** A claim whose answer was lost may have been kept. */
    private void giveBackStrays() {
        Set<String> known = new HashSet<>();
        running.values().forEach(job -> known.add(job.claim.token()));
        store.nodes().giveBackAllBut(node, known, Announcement::cancelled);
        unsure = false;
    }

    /** Whether to go on: false when the service is ending. */
    private boolean awaitRoom() {
        synchronized (lock) {
            while (!closing && !mayStart()) {
                await(lock, 0);
            }
            // What comes from here on may come too late for the claim that follows, so it is news again.
            news = false;
            return !closing;
        }
    }

    private boolean mayStart() {
        lost &= !running.isEmpty();
        return !lost && rule.mode() == QueueState.Mode.RUNNING && !presence.draining() && running.size() < concurrent;
    }

    /** Whether no job waits that could start here, and others may be helped. */
    private boolean idle() {
        synchronized (lock) {
            if (closing || lost || rule.mode() != QueueState.Mode.RUNNING || presence.draining()) {
                return false;
            }
        }
        return running.size() >= concurrent
                || store.lines().keySet().stream()
                        .noneMatch(line -> fitness.apply(line.labels()).isEmpty());
    }

    private void awaitNews() {
        synchronized (lock) {
            while (!closing && !news) {
                await(lock, 0);
            }
        }
    }

    private void pause(Duration time) {
        synchronized (lock) {
            await(lock, time.toMillis());
        }
    }

    private void await(Object monitor, long millis) {
        try {
            monitor.wait(millis);
        } catch (InterruptedException e) {
            closing = true;
            Thread.currentThread().interrupt();
        }
    }

    private void begin(Claim claim) {
        Running job = new Running(claim);
        running.put(claim.job().id(), job);
        new Thread(() -> run(job), "job-" + claim.job().id()).start();
        feed.news(claim.job().id());
        // It may have been cancelled between the claim and now. Asked last: a store that fails here must not keep a
        // claimed job from running.
        if (store.find(claim.job().id()).map(JobRow::cancelling).orElse(false)) {
            job.cancellation.cancel("it was cancelled");
        }
    }

    private void run(Running running) {
        Claim claim = running.claim;
        String id = claim.job().id();
        try (LogFields fields = LogFields.ofJob(id, claim.job().tags());
                Caller.Scope caller = production.caller(id).enter()) {
            persist(running, production.run(running));
        } finally {
            this.running.remove(id);
            feed.news(id);
            wake();
        }
    }

    /** Until it is kept, a job has not ended: a disk that is full now may have room in a minute. */
    private void persist(Running running, Ending ending) {
        String id = running.claim.job().id();
        while (true) {
            try {
                boolean known = running.givenBack && ending.status() != JobStatus.SUCCEEDED
                        ? store.release(id, running.claim.token(), (job, spec) -> ending.messages())
                        : store.end(id, running.claim.token(), ending);
                mail.run();
                if (!known && !endedAs(running, ending)) {
                    LOG.warn("job {} ended here, but belongs to another node by now; its end is not kept", id);
                }
                return;
            } catch (StoreException e) {
                LOG.error("{}; the end of job {} is kept as soon as that is mended", e.getMessage(), id);
                synchronized (lock) {
                    if (closing && running.givenBack) {
                        // The next start finds it running without an owner and takes it up again.
                        return;
                    }
                }
                pause(STORE_PAUSE);
            }
        }
    }

    /** Whether an earlier try to keep its end was kept, and only the answer lost. */
    private boolean endedAs(Running running, Ending ending) {
        return store.find(running.id())
                .filter(job -> job.run().equals(running.claim.job().run()) && job.status() == ending.status())
                .isPresent();
    }

    @Override
    public void close() {
        synchronized (lock) {
            closing = true;
            lock.notifyAll();
        }
        if (queue == null) {
            return;
        }
        join(queue);
        long until = System.nanoTime() + grace.toNanos();
        awaitIdle(until);
        for (Running job : running.values()) {
            job.givenBack = true;
            job.cancellation.cancel("the service is ending");
        }
        // Programs that stand still could not end.
        workshop.processes().resume();
        awaitIdle(System.nanoTime() + Duration.ofSeconds(10).toNanos());
        helping.close();
        presence.close();
    }

    private void awaitIdle(long until) {
        synchronized (lock) {
            long left = until - System.nanoTime();
            while (!running.isEmpty() && left > 0) {
                await(lock, Math.max(1, left / 1_000_000));
                left = until - System.nanoTime();
            }
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
