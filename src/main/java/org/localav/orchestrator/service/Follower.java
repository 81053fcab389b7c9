package org.localav.orchestrator.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.store.Bell;
import org.localav.orchestrator.store.Event;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what the other nodes of a shared store do: reads on in its events whenever the bell rings, and now and then without
 * that, and passes them on to whoever watches or waits here.
 */
final class Follower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);
    private static final int BATCH = 500;

    /** How often is looked without a ring; what a lost one costs. */
    private static final Duration ROUND = Duration.ofSeconds(2);

    /** How often one stage tells other nodes how far it is. */
    private static final long TOLD_NANOS = Duration.ofMillis(500).toNanos();

    private final JobStore store;
    private final Bell bell;
    private final Feed feed;
    private final String node;
    private final Dispatcher dispatcher;
    private final Map<String, Long> told = new ConcurrentHashMap<>();
    private final Thread thread = new Thread(this::follow, "follower");
    private volatile boolean closing;
    private long last;
    private long looked = System.nanoTime();

    Follower(JobStore store, Bell bell, Feed feed, String node, Dispatcher dispatcher) {
        this.store = store;
        this.bell = bell;
        this.feed = feed;
        this.node = node;
        this.dispatcher = dispatcher;
    }

    void start() {
        last = store.latestEvent();
        bell.listen(this::heard);
        feed.forwardTo(new Feed.Outward() {
            @Override
            public void news() {
                bell.ring();
            }

            @Override
            public void progressed(Progress progress) {
                tell(progress);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private record Told(String node, Progress progress) {}

    private void tell(Progress progress) {
        long now = System.nanoTime();
        String key = progress.jobId() + "/" + progress.stage();
        Long before = told.get(key);
        if (before == null || now - before > TOLD_NANOS || progress.done() >= 1) {
            told.put(key, now);
            try {
                bell.tell(Report.JSON.writeValueAsString(new Told(node, progress)));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void heard(String words) {
        try {
            Told heard = Report.JSON.readValue(words, Told.class);
            if (!heard.node().equals(node)) {
                feed.relayed(heard.progress());
            }
        } catch (JsonProcessingException e) {
            LOG.debug("not understood: {}", words, e);
        }
    }

    private void follow() {
        while (!closing) {
            try {
                bell.await(ROUND);
                boolean news = read();
                if (!closing && (!news || System.nanoTime() - looked > ROUND.toNanos())) {
                    // A ring without an event is about something else: an order for the queue, or for this node.
                    looked = System.nanoTime();
                    dispatcher.look();
                    bell.refill(store::lines);
                }
            } catch (StoreException e) {
                LOG.debug("the events of other nodes can't be read", e);
                pause();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(ROUND.toMillis());
        } catch (InterruptedException e) {
            closing = true;
        }
    }

    /** Whether there were any. */
    private boolean read() {
        boolean any = false;
        List<Event> events;
        do {
            events = store.events(Optional.empty(), last, BATCH);
            for (Event event : events) {
                last = event.number();
                pass(event);
            }
            any |= !events.isEmpty();
        } while (events.size() == BATCH);
        return any;
    }

    private void pass(Event event) {
        switch (event.type()) {
            case "accepted", "requeued", "retried" -> dispatcher.wake();
            case "offered", "helped" -> dispatcher.helping().wake();
            case "cancelling" -> {
                dispatcher.cancel(event.jobId());
                dispatcher.helping().wake();
            }
            case "succeeded", "failed", "cancelled" ->
                told.keySet().removeIf(key -> key.startsWith(event.jobId() + "/"));
            default -> {}
        }
        feed.relayed(event.jobId());
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
