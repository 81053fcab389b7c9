package org.localav.orchestrator.store;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.StageRecord;

/**
 * The truth about jobs: what was accepted, how it stands, what happened, and which webhooks are still to be told. What a
 * method has returned from is durable. A running job is changed only with the token of its claim; a change with a stale
 * token changes nothing and returns false.
 *
 * <p>Every change of a job also appends an {@link Event}. All methods are safe to use from any thread and throw
 * {@link StoreException} when the store can't be read or written.
 */
public interface JobStore extends AutoCloseable {
    /** How long an idempotency key is remembered. */
    Duration KEYS_KEPT = Duration.ofDays(7);

    /** Accepts a job, or says why not; exactly one of several equal calls at once is told that its job is new. */
    Acceptance accept(NewJob job);

    Optional<JobRow> find(String id);

    /** The spec's text. */
    Optional<String> spec(String id);

    /** The report of its latest run that ended, as JSON. */
    Optional<String> report(String id);

    /** The stages of its latest run, in the order of the path. */
    List<StageRecord> stages(String id);

    List<JobRow> list(JobQuery query);

    Map<JobStatus, Long> counts();

    /** What waits, counted without a look at what has ended. */
    Backlog backlog();

    /**
     * Takes the first queued job that fits, highest priority first, then oldest, and makes it running.
     *
     * @param owner the node
     * @param obstacle asked once for each set of labels in the queue, however many jobs have it. Empty: jobs with these
     *     labels may start here; otherwise why they wait, which is kept on them where it is seen; an empty text when they
     *     wait for nothing but room on another node
     */
    Optional<Claim> claim(String owner, String run, Function<List<String>, Optional<String>> obstacle);

    /** Keeps how a stage stands; each further attempt of a stage is kept with the error of the one before. */
    boolean stage(String jobId, String token, StageRecord record);

    /** Every attempt of every stage in every run, oldest first. */
    List<Attempt> attempts(String id);

    /** Ends a running job. */
    boolean end(String jobId, String token, Ending ending);

    /**
     * Puts a running job back into the queue, at its old place: the node is ending. One that was asked to end is ended as
     * cancelled instead.
     */
    boolean release(String jobId, String token, Farewell farewell);

    /** The nodes that work on it. */
    NodeStore nodes();

    /** The steps that nodes make for each other. */
    OfferStore offers();

    /** Whether several nodes may work on it at once. */
    boolean shared();

    /** Opens what tells of changes that other nodes make; empty where there are no others. */
    Optional<Bell> bell();

    /** How many jobs wait for the same, by what they wait for. */
    Map<Bell.Line, Integer> lines();

    /** Whether a token is still the one of a running job. */
    boolean holds(String jobId, String token);

    /**
     * Keeps what a running job is about to put in place, until it ends: whoever takes it over is given it with the claim.
     *
     * @param moves as {@link org.localav.orchestrator.job.Publication} writes and reads them
     */
    boolean announce(String jobId, String token, String moves);

    /** Asks a job to end: a queued one is cancelled at once, a running one is marked. Empty: there is no such job. */
    Optional<JobRow> cancel(String id, Farewell farewell);

    /** Puts a failed or cancelled job into the queue again; others are left as they are. Empty: there is no such job. */
    default Optional<JobRow> retry(String id) {
        return retry(id, Map.of());
    }

    /** The same, with what its history is to tell of the request. */
    Optional<JobRow> retry(String id, Map<String, String> request);

    /** What the history of a job tells of the request it came by; empty when there is no such job. */
    Map<String, String> request(String id);

    /**
     * Gives a job that waits another priority, if it still has the one it is believed to have.
     *
     * @param believed empty: whatever it is
     * @return as it stands then; unchanged when it does not wait any more or has another one. Empty: there is no such job
     */
    Optional<JobRow> prioritise(String id, Optional<Integer> believed, int priority);

    /** Of jobs that ended, how many did how, in steps of time from a moment on; steps without any are left out. */
    List<Tally> tallies(Instant from, Duration step);

    /** Appends something worth telling that changes no state, such as a note; of a job that there is. */
    void happened(String jobId, String type, String data);

    /** Events after a number, of one job or (empty) of all, oldest first, at most so many. */
    List<Event> events(Optional<String> jobId, long after, int limit);

    /** The number of the latest event; 0 before the first. */
    long latestEvent();

    /**
     * Puts a message of a running job into the outbox that does not wait for the job's end.
     *
     * @param run the run that leaves it; nothing is done for one that is over, or was taken over
     */
    void leave(OutboxMessage message, String run);

    /**
     * Messages due by then, longest due first.
     *
     * @param busy receivers, as {@link OutboxMessage#receiver} names them, whose messages are left out: a slow one must not
     *     hide the others behind its own
     */
    List<OutboxMessage> due(Instant now, Set<String> busy, int limit);

    /**
     * Takes a due message for the time of a try, so that no other node tries it meanwhile; false: one does already. In a
     * store that is not shared it is simply there.
     */
    boolean hold(OutboxMessage message, Instant until);

    /** When the next message is due. */
    Optional<Instant> nextDue();

    /**
     * Keeps a try to deliver a message and how the message stands after it.
     *
     * @param status pending, delivered, refused or given_up; refused ends every pending message to the same URL
     * @param nextTry of one that stays pending
     */
    void delivered(Delivery delivery, String status, Instant nextTry);

    /** The outbox of a job, oldest first. */
    List<OutboxMessage> messages(String jobId);

    /** The delivery log, newest first; of one job or (empty) of all. */
    List<Delivery> deliveries(Optional<String> jobId, int limit);

    /**
     * Forgets jobs that ended before then, with all that belongs to them, idempotency keys included, unless a message of
     * theirs is still pending; and all idempotency keys older than {@link #KEYS_KEPT}.
     *
     * @return ids of the forgotten jobs, and the runs' folders are the caller's to remove
     */
    List<String> prune(Instant endedBefore);

    /** What was remembered under a name, such as whether the queue is paused. */
    Optional<String> remembered(String name);

    void remember(String name, String value);

    /** Where it lies, for messages. */
    String place();

    @Override
    void close();
}
