package org.localav.orchestrator.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.service.NodeState.Card;
import org.localav.orchestrator.service.NodeState.Standing;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.Joining;
import org.localav.orchestrator.store.NodeRow;
import org.localav.orchestrator.store.NodeStore;
import org.localav.orchestrator.store.StoreException;
import org.localav.orchestrator.webhook.Announcement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node among those of its store: keeps its lease, learns of the others, and takes the jobs of those that died. In a
 * store of its own it only says that it is there.
 */
final class Presence implements AutoCloseable {
    /** Changes with whatever nodes must agree on to work side by side: what rows mean, what a step's key covers. */
    static final int PROTOCOL = 1;

    private static final ObjectReader CARD =
            Report.JSON.readerFor(Card.class).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    private static final Logger LOG = LoggerFactory.getLogger(Presence.class);

    private final JobStore store;
    private final String name;
    private final Duration lease;
    private final Supplier<Card> card;
    private final Runnable lost;
    private final Runnable look;
    private final Thread thread = new Thread(this::work, "node-lease");
    private final Object lock = new Object();
    private String incarnation = UUID.randomUUID().toString();
    private long unbrokenSince = System.nanoTime();
    private volatile boolean draining;
    private volatile List<NodeState> others = List.of();
    private boolean closing;

    /**
     * Does the last two in the thread that renews the lease.
     *
     * @param lost nothing that runs here is this node's own any more
     * @param look there may be jobs to start, to end, or another order for the queue
     */
    Presence(JobStore store, String name, Duration lease, Supplier<Card> card, Runnable lost, Runnable look) {
        this.store = store;
        this.name = name;
        this.lease = lease;
        this.card = card;
        this.lost = lost;
        this.look = look;
    }

    /**
     * Enters the store, and puts back into the queue what an earlier process of this name was running.
     *
     * @throws StoreException when a node of this name is alive, or this version can't work with those that are
     */
    void start() {
        join();
        if (store.shared()) {
            refresh();
            thread.setDaemon(true);
            thread.start();
        }
    }

    boolean draining() {
        return draining;
    }

    /** The other nodes, as they were a moment ago. */
    List<NodeState> others() {
        return others;
    }

    private NodeStore.Node node() {
        return new NodeStore.Node(name, incarnation, PROTOCOL, store.shared() ? json(card.get()) : "{}");
    }

    private void join() {
        long patience = System.nanoTime() + lease.multipliedBy(2).toNanos();
        while (true) {
            Joining joining = store.nodes().join(node(), lease, Announcement::cancelled);
            if (joining instanceof Joining.Joined joined) {
                draining = joined.draining();
                tell("jobs that were running when this node last ended go on", joined.requeued());
                return;
            }
            if (joining instanceof Joining.OtherProtocol other) {
                throw new StoreException(
                        "this version can't work with the nodes at work (" + String.join(", ", other.nodes())
                                + "): they speak protocol " + other.protocol() + ", this one " + PROTOCOL
                                + "; run the same version on all, or end those first",
                        null);
            }
            Duration left = ((Joining.NameTaken) joining).left();
            if (System.nanoTime() > patience) {
                throw new StoreException(
                        "a node named '" + name + "' is at work on this store already; give this one another node.name",
                        null);
            }
            LOG.info("waiting for the lease of an earlier process of node {}: {} ms at most", name, left.toMillis());
            pause(left.plusMillis(50));
        }
    }

    private static void tell(String what, List<String> jobs) {
        if (!jobs.isEmpty()) {
            LOG.info("{} {}: {}", jobs.size(), what, jobs);
        }
    }

    private void work() {
        while (pause(lease.dividedBy(3))) {
            try {
                renew();
                // After a break, as when the store was away, the others need time to renew theirs.
                if (System.nanoTime() - unbrokenSince > lease.toNanos()) {
                    tell(
                            "jobs of nodes that died are in the queue again",
                            store.nodes().bury(Announcement::cancelled));
                }
                refresh();
                look.run();
            } catch (StoreException e) {
                LOG.error("{}; the lease of this node is renewed as soon as that is mended", e.getMessage());
                unbrokenSince = System.nanoTime();
            } catch (RuntimeException e) {
                LOG.error("the lease of this node could not be renewed", e);
            }
        }
    }

    private void renew() {
        Optional<Boolean> renewed = store.nodes().renew(node(), lease);
        if (renewed.isPresent()) {
            draining = renewed.get();
            return;
        }
        LOG.warn("this node was silent for longer than its lease of {} s; its jobs went to others", lease.toSeconds());
        lost.run();
        incarnation = UUID.randomUUID().toString();
        unbrokenSince = System.nanoTime();
        join();
    }

    /** Learns of the others, and whether this one is to drain. */
    void refresh() {
        List<NodeRow> rows = store.nodes().list();
        draining = rows.stream().anyMatch(row -> row.name().equals(name) && row.draining());
        others = rows.stream()
                .filter(row -> !row.name().equals(name))
                .map(Presence::state)
                .toList();
    }

    private static NodeState state(NodeRow row) {
        Standing standing = !row.alive() ? Standing.AWAY : row.draining() ? Standing.DRAINING : Standing.READY;
        try {
            Card card = CARD.readValue(row.about());
            return new NodeState(row.name(), standing, row.since(), row.seenAt(), row.running(), card);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("node " + row.name() + " tells of itself what is not understood", e);
        }
    }

    private static String json(Card card) {
        try {
            return Report.JSON.writeValueAsString(card);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** False when this is closing. */
    private boolean pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        synchronized (lock) {
            for (long left = time.toMillis(); !closing && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                try {
                    lock.wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return !closing;
        }
    }

    /** Leaves the store; nothing may run here any more. */
    @Override
    public void close() {
        synchronized (lock) {
            closing = true;
            lock.notifyAll();
        }
        try {
            thread.join();
            store.nodes().leave(node());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StoreException e) {
            LOG.warn("{}; the others wait for the lease of this node", e.getMessage());
        }
    }
}
