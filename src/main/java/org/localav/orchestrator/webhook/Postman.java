package org.localav.orchestrator.webhook;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.localav.orchestrator.audit.Audit;
import org.localav.orchestrator.job.HostPolicy;
import org.localav.orchestrator.log.LogFields;
import org.localav.orchestrator.store.Delivery;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.OutboxMessage;
import org.localav.orchestrator.store.StoreException;
import org.localav.orchestrator.trace.Caller;
import org.localav.orchestrator.trace.TraceParent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works the store's outbox: sends what is due, several messages side by side but few to one receiver, and keeps how each
 * try went. A try is kept after it was made, so a message whose try was not kept is sent again: a receiver may get one
 * twice, and never not at all.
 */
public final class Postman implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Postman.class);
    private static final int AT_ONCE = 8;

    /** So that a receiver that is slow leaves room for the others. */
    private static final int AT_ONCE_TO_ONE = 2;

    private static final Duration STORE_PAUSE = Duration.ofSeconds(2);

    /** For so long no other node tries what is being tried here; longer than a try takes. */
    private static final Duration HELD = Sender.LIMIT.plusSeconds(15);

    /** How often the outbox is looked at without need: a machine that slept has lost count of its time. */
    private static final Duration ROUND = Duration.ofMinutes(1);

    private final JobStore store;
    private final Audit audit;
    private final Sender sender;
    private final Clock clock;
    private final Schedule schedule;
    private final ExecutorService senders = Executors.newFixedThreadPool(AT_ONCE, Postman::thread);
    private final Thread rounds = new Thread(this::work, "postman");
    private final Object lock = new Object();
    private final Map<String, OutboxMessage> underway = new HashMap<>();
    private final List<String> done = new ArrayList<>();
    private boolean news;
    private boolean closing;

    /** @param environment where secrets are found by the names that specs give */
    public Postman(JobStore store, HostPolicy hosts, Map<String, String> environment, Audit audit) {
        this(
                store,
                audit,
                new Sender(hosts, environment, Clock.systemUTC()),
                Clock.systemUTC(),
                new Schedule(() -> ThreadLocalRandom.current().nextDouble()));
    }

    /** @param sender is closed with this */
    Postman(JobStore store, Audit audit, Sender sender, Clock clock, Schedule schedule) {
        this.store = store;
        this.audit = audit;
        this.sender = sender;
        this.clock = clock;
        this.schedule = schedule;
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "postman-round");
        thread.setDaemon(true);
        return thread;
    }

    /** Begins with what is due, among it what an earlier process left. */
    public void start() {
        rounds.setDaemon(true);
        rounds.start();
    }

    /** There may be a new message. */
    public void wake() {
        synchronized (lock) {
            news = true;
            lock.notifyAll();
        }
    }

    private void work() {
        while (awaitRoom()) {
            try {
                if (!sendDue()) {
                    awaitNews(untilNext());
                }
            } catch (StoreException e) {
                LOG.error("{}; webhooks are told as soon as that is mended", e.getMessage());
                pause();
            }
        }
    }

    /** Whether to go on: false when this is closing. */
    private boolean awaitRoom() {
        synchronized (lock) {
            forgetDone();
            while (!closing && underway.size() >= AT_ONCE) {
                await(0);
                forgetDone();
            }
            news = false;
            return !closing;
        }
    }

    /** Only between two looks at the outbox: in what a look brought, messages that have ended meanwhile are still due. */
    private void forgetDone() {
        done.forEach(underway::remove);
        done.clear();
    }

    /** Sends as much as there is room for; false: there was nothing to begin. */
    private boolean sendDue() {
        Set<String> busy;
        int limit;
        synchronized (lock) {
            busy = busy();
            limit = AT_ONCE + underway.size();
        }
        boolean begun = false;
        for (OutboxMessage message : store.due(clock.instant(), busy, limit)) {
            begun |= begin(message);
        }
        return begun;
    }

    private Set<String> busy() {
        Map<String, Integer> counts = new HashMap<>();
        underway.values().forEach(m -> counts.merge(m.receiver(), 1, Integer::sum));
        Set<String> busy = new HashSet<>(counts.keySet());
        busy.removeIf(receiver -> counts.get(receiver) < AT_ONCE_TO_ONE);
        return busy;
    }

    private boolean begin(OutboxMessage message) {
        synchronized (lock) {
            if (closing
                    || underway.size() >= AT_ONCE
                    || underway.containsKey(message.id())
                    || busy().contains(message.receiver())) {
                return false;
            }
            underway.put(message.id(), message);
        }
        senders.execute(() -> deliver(message));
        return true;
    }

    private void deliver(OutboxMessage message) {
        try (LogFields fields = LogFields.with(LogFields.JOB, message.jobId());
                Caller.Scope caller = caller(message).enter()) {
            Instant at = clock.instant();
            if (!store.hold(message, at.plus(HELD))) {
                return;
            }
            long began = System.nanoTime();
            Answer answer = send(message);
            long took = (System.nanoTime() - began) / 1_000_000;
            keep(message, answer, at, took);
        } catch (StoreException e) {
            LOG.error("{}; message {} is sent as soon as that is mended", e.getMessage(), message.id());
            pause();
        } catch (InterruptedException e) {
            // This is closing: the message stays due.
            Thread.currentThread().interrupt();
        } finally {
            synchronized (lock) {
                done.add(message.id());
                lock.notifyAll();
            }
        }
    }

    private Caller caller(OutboxMessage message) {
        Optional<TraceParent> trace = Optional.empty();
        try {
            trace = TraceParent.read(store.request(message.jobId()).getOrDefault("traceparent", ""));
        } catch (StoreException e) {
            LOG.error("{}; message {} is sent outside of its job's trace", e.getMessage(), message.id());
        }
        return new Caller("service", message.id(), trace);
    }

    private Answer send(OutboxMessage message) throws InterruptedException {
        try {
            return sender.send(message.message(), Sender.LIMIT);
        } catch (RejectedExecutionException e) {
            throw (InterruptedException) new InterruptedException().initCause(e);
        } catch (RuntimeException e) {
            LOG.error("message {} could not be sent", message.id(), e);
            return Answer.none(e.toString());
        }
    }

    private void keep(OutboxMessage message, Answer answer, Instant at, long took) {
        int tries = message.tries() + 1;
        Delivery delivery = new Delivery(
                message.id(), message.jobId(), message.url(), tries, at, took, answer.code(), answer.error());
        Optional<Instant> next = schedule.next(tries, clock.instant(), answer.retryAfter());
        String status = answer.delivered()
                ? "delivered"
                : answer.gone() ? "refused" : next.isPresent() ? "pending" : "given_up";
        if (keep(delivery, status, next.orElse(message.nextTry()))) {
            tell(message, status, answer.error().orElse(""), next);
            Map<String, Object> details = new LinkedHashMap<>();
            details.put("url", message.url());
            details.put("type", message.type());
            details.put("attempt", tries);
            answer.code().ifPresent(code -> details.put("code", code));
            audit.wrote("webhook_" + (status.equals("pending") ? "failed" : status), message.jobId(), details);
        }
    }

    /** Keeps on until it is kept; false when this is closing, and the message will be sent again. */
    private boolean keep(Delivery delivery, String status, Instant next) {
        while (true) {
            try {
                store.delivered(delivery, status, next);
                return true;
            } catch (StoreException e) {
                LOG.error(
                        "{}; how the try of {} went is kept as soon as that is mended",
                        e.getMessage(),
                        delivery.messageId());
            }
            pause();
            synchronized (lock) {
                if (closing) {
                    return false;
                }
            }
        }
    }

    private static void tell(OutboxMessage message, String status, String why, Optional<Instant> next) {
        switch (status) {
            case "pending" ->
                LOG.info(
                        "{} of job {} was not delivered to {}: {}; next try at {}",
                        message.type(),
                        message.jobId(),
                        message.receiver(),
                        why,
                        next.get());
            case "given_up", "refused" ->
                LOG.warn(
                        "{} of job {} will not be delivered to {}: {}",
                        message.type(),
                        message.jobId(),
                        message.receiver(),
                        why);
            default -> LOG.debug("{} of job {} was delivered", message.type(), message.jobId());
        }
    }

    /** Lets a store that can't be used now rest, whatever comes meanwhile. */
    private void pause() {
        long end = System.nanoTime() + STORE_PAUSE.toNanos();
        synchronized (lock) {
            for (long left = STORE_PAUSE.toMillis();
                    !closing && left > 0;
                    left = (end - System.nanoTime()) / 1_000_000) {
                await(left);
            }
        }
    }

    /** What is due already and was not begun waits for room at its receiver; what comes due meanwhile must not. */
    private Duration untilNext() {
        Duration until = store.nextDue()
                .map(next -> Duration.between(clock.instant(), next))
                .orElse(ROUND);
        if (until.isNegative() || until.isZero()) {
            return Duration.ofSeconds(1);
        }
        return until.compareTo(ROUND) > 0 ? ROUND : until;
    }

    private void awaitNews(Duration longest) {
        synchronized (lock) {
            if (!closing && !news && done.isEmpty()) {
                await(longest.toMillis() + 1);
            }
        }
    }

    private void await(long millis) {
        try {
            lock.wait(millis);
        } catch (InterruptedException e) {
            closing = true;
            Thread.currentThread().interrupt();
        }
    }

    /** Ends within a second; what is underway is sent again at the next start. */
    @Override
    public void close() {
        synchronized (lock) {
            closing = true;
            lock.notifyAll();
        }
        senders.shutdownNow();
        try {
            rounds.join(500);
            senders.awaitTermination(500, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sender.close();
    }
}
