package org.localav.orchestrator.door;

import java.time.Duration;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.service.JobService;

/**
 * Whether the queue has room for one more job. Counting all jobs for each that comes would cost more than taking it, so
 * they are counted now and then, and what came since is added.
 */
final class QueueLimit {
    private static final long COUNT_HOLDS = Duration.ofSeconds(1).toNanos();
    private static final long FULL_HOLDS = Duration.ofMillis(100).toNanos();

    private final JobService service;
    private final int limit;
    private long queued;
    private long counted;
    private boolean known;

    QueueLimit(JobService service, int limit) {
        this.service = service;
        this.limit = limit;
    }

    /** Takes a place; one that isn't used then is given back with the next count. */
    synchronized void take() throws ProblemException {
        long age = System.nanoTime() - counted;
        if (!known || age > COUNT_HOLDS || queued >= limit && age > FULL_HOLDS) {
            queued = service.queue().jobs().getOrDefault(JobStatus.QUEUED, 0L);
            counted = System.nanoTime();
            known = true;
        }
        if (queued >= limit) {
            throw new ProblemException(Problem.queueFull(queued));
        }
        queued++;
    }
}
