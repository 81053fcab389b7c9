package org.localav.orchestrator.store;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Steps of running jobs that other nodes may make. An offer lives as long as the claim of its job. A node that takes one
 * holds it under a claim of its own, which ends with the node's lease, with the job, or when the job is asked to end.
 */
public interface OfferStore {
    /**
     * A step on offer.
     *
     * @param step its name within the job
     * @param errand what who makes it has to know
     */
    record Offer(String step, String key, String errand) {}

    /**
     * How an offer stands.
     *
     * @param node who has claimed it
     * @param report of what that node has made
     */
    record Standing(Optional<String> node, Optional<String> report) {}

    /**
     * An offer in the hands of a node.
     *
     * @param token of the job's claim
     * @param claim the node's own
     */
    record Lent(String jobId, String token, String key, String errand, String claim) {}

    /**
     * Offers steps of a running job; those that are on offer already stay as they are.
     *
     * @param site names what a node must share with this one to make them
     * @return false: the job is no longer this token's
     */
    boolean offer(String jobId, String token, String site, List<Offer> steps);

    /** The offers under a job's token, by their step's key. */
    Map<String, Standing> of(String token);

    /** Withdraws an offer that no node has claimed; false: one has, or there is none. */
    boolean takeBack(String token, String key);

    /** Whether other nodes offer anything there that nobody has claimed. */
    boolean open(String node, String site);

    /**
     * Takes an offer of another node: of the job with the highest priority.
     *
     * @param fits whether this node may run jobs with such labels
     * @param but tokens of jobs whose offers are left alone
     */
    Optional<Lent> claim(String node, String site, Predicate<List<String>> fits, Set<String> but);

    /** Claims of a node that still are its own and wait for a result. */
    Set<String> held(String node);

    /** Puts an offer back, for others to take. */
    void giveBack(String claim);

    /** Tells that the result is in the step store; false: the claim was no longer the node's. */
    boolean made(String claim, String report);
}
