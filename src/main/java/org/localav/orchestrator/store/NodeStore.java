package org.localav.orchestrator.store;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The nodes of a store. A node holds a lease, and with it all jobs it has claimed; when the lease is over, others may
 * {@linkplain #bury bury} it, which takes its jobs from it for good. Leases run by the store's own clock.
 *
 * <p>A store that is not shared has one node, whose lease never ends.
 */
public interface NodeStore {
    /**
     * A process that wants to work on the store.
     *
     * @param incarnation tells it from an earlier or later one of the same name
     * @param about see {@link NodeRow}
     */
    record Node(String name, String incarnation, int protocol, String about) {}

    /** Enters a node, and puts back into the queue what an earlier process of its name was running. */
    Joining join(Node node, Duration lease, Farewell farewell);

    /**
     * Makes its lease hold for so long from now.
     *
     * @return whether it is draining; empty: it was buried, and what it runs is no longer its own
     */
    Optional<Boolean> renew(Node node, Duration lease);

    /** Strikes a node out that has ended in good order; of a draining one it stays known that it is. */
    void leave(Node node);

    /** Those that live and those of the last day, by name. */
    List<NodeRow> list();

    /** Lets a node start no further job, or lets it again; false: there is no such node. */
    boolean drain(String name, boolean draining);

    /**
     * Puts the jobs of nodes whose lease is over back into the queue, at their old places; one that was asked to end is
     * ended as cancelled instead.
     *
     * @return ids of those that are in the queue again
     */
    List<String> bury(Farewell farewell);

    /**
     * Puts jobs back into the queue that a node has claimed without knowing, because the answer to its claim was lost.
     *
     * @param tokens of the jobs that it does run
     */
    List<String> giveBackAllBut(String owner, Set<String> tokens, Farewell farewell);

    /** Jobs that this node runs and that were asked to end. */
    List<String> cancelling(String owner);
}
