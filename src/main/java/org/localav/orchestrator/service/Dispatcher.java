package org.localav.orchestrator.service;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.localav.orchestrator.engine.Engine;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobListener;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.job.StageRecord;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.log.LogFields;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.stage.FailureReason;
import org.localav.orchestrator.store.Claim;
import org.localav.orchestrator.store.Ending;
import org.localav.orchestrator.store.JobRow;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.OutboxMessage;
import org.localav.orchestrator.store.StoreException;
import org.localav.orchestrator.webhook.Announcement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes jobs from the store's queue as there is room, and sees each to its end. */
final class Dispatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final String MODE = "queue.mode";

    /** How long the queue waits before it asks a store again that could not be read or written. */
    private static final Duration STORE_PAUSE = Duration.ofSeconds(2);

    private final Workshop workshop;
    private final Engine engine;
    private final JobStore store;
    private final Feed feed;
    private final String node;
    private final Runnable mail;
    private final Set<String> labels;
    private final int concurrent;
    private final Duration grace;
    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final Instant since = Instant.now();
    private final Object lock = new Object();
    private QueueState.Mode mode = QueueState.Mode.RUNNING;
    private boolean news;
    private boolean closing;
    private Thread queue;

    Dispatcher(Workshop workshop, Engine engine, JobStore store, Feed feed, String node, Runnable mail) {
        this.workshop = workshop;
        this.engine = engine;
        this.store = store;
        this.feed = feed;
        this.node = node;
        this.mail = mail;
        this.labels = labels(workshop.settings().text("node.labels"));
        this.concurrent = Math.max(1, workshop.settings().integer("jobs.concurrent"));
        this.grace = workshop.settings().duration("shutdown.grace");
    }

    private static Set<String> labels(String written) {
        Set<String> labels = new TreeSet<>();
        for (String label : written.split(",")) {
            if (!label.isBlank()) {
                labels.add(label.strip());
            }
        }
        return labels;
    }

    int concurrent() {
        return concurrent;
    }

    NodeState node() {
        return new NodeState(
                node,
                labels,
                since,
                concurrent,
                running.size(),
                workshop.preparation().encoders());
    }

    void start() {
        // The store is this process' alone: whoever had a job running in it is dead, whatever its name was.
        List<String> left = store.owners().stream()
                .flatMap(owner -> store.recover(owner, Announcement::cancelled).stream())
                .toList();
        if (!left.isEmpty()) {
            LOG.info("{} jobs that were running when the service last ended go on: {}", left.size(), left);
        }
        mail.run();
        mode = store.remembered(MODE)
                .map(name -> QueueState.Mode.valueOf(name.toUpperCase(Locale.ROOT)))
                .orElse(QueueState.Mode.RUNNING);
        // Programs don't outlive the service: after a restart there are none to stand still.
        applySuspension();
        queue = new Thread(this::dispatch, "queue");
        queue.start();
    }

    /** Whether jobs are started at all: false after a defect has ended the thread that does. */
    boolean alive() {
        return queue == null || queue.isAlive();
    }

    /** Something may have become ready to start. */
    void wake() {
        synchronized (lock) {
            news = true;
            lock.notifyAll();
        }
    }

    QueueState.Mode mode() {
        synchronized (lock) {
            return mode;
        }
    }

    void rule(QueueState.Mode wanted) {
        store.remember(MODE, wanted.id());
        synchronized (lock) {
            mode = wanted;
        }
        applySuspension();
        wake();
    }

    private void applySuspension() {
        if (mode() == QueueState.Mode.SUSPENDED) {
            workshop.processes().suspend();
        } else {
            workshop.processes().resume();
        }
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
                Optional<Claim> claim = store.claim(node, Engine.newRun(), this::obstacle);
                if (claim.isPresent()) {
                    begin(claim.get());
                } else {
                    awaitNews();
                }
            } catch (StoreException e) {
                LOG.error("{}; the queue tries again in {} s", e.getMessage(), STORE_PAUSE.toSeconds());
                pause(STORE_PAUSE);
            }
        }
    }

    /** Why jobs with these labels may not start here; empty: they may. */
    private Optional<String> obstacle(List<String> wanted) {
        Set<String> lacking = new TreeSet<>(wanted);
        lacking.removeAll(labels);
        return lacking.isEmpty()
                ? Optional.empty()
                : Optional.of("waits for a node with the label " + String.join(", ", lacking) + "; this one has "
                        + (labels.isEmpty() ? "none" : String.join(", ", labels)) + " (node.labels)");
    }

    /** Whether to go on: false when the service is ending. */
    private boolean awaitRoom() {
        synchronized (lock) {
            while (!closing && (mode != QueueState.Mode.RUNNING || running.size() >= concurrent)) {
                await(lock, 0);
            }
            // What comes from here on may come too late for the claim that follows, so it is news again.
            news = false;
            return !closing;
        }
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
        // claimed
        // job from running.
        if (store.find(claim.job().id()).map(JobRow::cancelling).orElse(false)) {
            job.cancellation.cancel("it was cancelled");
        }
    }

    private void run(Running running) {
        Claim claim = running.claim;
        String id = claim.job().id();
        try (LogFields fields = LogFields.ofJob(id, claim.job().tags())) {
            Ending ending = outcome(running);
            persist(running, ending);
        } finally {
            this.running.remove(id);
            feed.news(id);
            wake();
        }
    }

    private Ending outcome(Running running) {
        JobRow row = running.claim.job();
        try {
            boolean json = row.specName().endsWith(".json");
            Parsed parsed = SpecReader.read(row.specName(), running.claim.spec(), json);
            boolean overwrite = row.overwrite() && workshop.settings().flag("output.overwrite");
            Engine.Order order = new Engine.Order(
                    row.id(), row.run().orElseThrow(), parsed, row.folder().resolve(row.specName()), overwrite);
            Job job = engine.run(order, running.cancellation, new Scribe(running.claim.token()));
            return ending(job);
        } catch (InvalidSpecException | BlockedException | IOException | RuntimeException e) {
            Throwable cause = FailureReason.cause(e);
            LOG.warn("job {} could not be run: {}", row.id(), e.toString());
            JobStatus how = running.cancellation.cancelled() ? JobStatus.CANCELLED : JobStatus.FAILED;
            Optional<String> why = Optional.of(FailureReason.sentence(cause));
            return new Ending(
                    how,
                    why,
                    Optional.of(FailureReason.of(cause).id()),
                    Optional.empty(),
                    Announcement.ended(row, running.claim.spec(), how, why));
        }
    }

    private Ending ending(Job job) {
        return new Ending(
                job.status(),
                job.failure().map(FailureReason::sentence),
                job.failure().map(f -> FailureReason.of(f).id()),
                Optional.of(engine.report(job)),
                job.messages().stream()
                        .map(m -> OutboxMessage.of(job.id(), m, Instant.now()))
                        .toList());
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
                if (!known) {
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

    /** Writes down how a job goes. */
    private final class Scribe implements JobListener {
        private final String token;

        Scribe(String token) {
            this.token = token;
        }

        @Override
        public void stageChanged(Job job, StageRecord record) {
            keep(() -> store.stage(job.id(), token, record));
            feed.news(job.id());
        }

        @Override
        public void progressed(Job job, String stage, double done, double speed) {
            feed.progressed(new Progress(job.id(), stage, done, speed));
        }

        @Override
        public void noted(Job job, String sentence) {
            keep(() -> store.happened(job.id(), "note", json(Map.of("text", sentence))));
            feed.news(job.id());
        }

        /** History that can't be written must not stop the work: the job's end is what has to be kept. */
        private void keep(Runnable writing) {
            try {
                writing.run();
            } catch (StoreException e) {
                LOG.error("{}", e.getMessage());
            }
        }
    }

    private static String json(Map<String, Object> value) {
        try {
            return Report.JSON.writeValueAsString(value);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
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
