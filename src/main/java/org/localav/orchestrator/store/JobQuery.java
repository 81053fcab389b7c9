package org.localav.orchestrator.store;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.localav.orchestrator.job.JobStatus;

/**
 * Which jobs to list.
 *
 * @param statuses empty: all; with {@link Order#QUEUE} only those that wait are listed, whatever stands here
 * @param tags all of which a job must have
 * @param text what its id or title must contain, capitals or not
 * @param cursor only jobs that come after this place in the order; from {@link #cursor(JobRow)}
 * @param limit at most so many, from 1
 */
public record JobQuery(
        Set<JobStatus> statuses,
        Map<String, String> tags,
        Optional<String> text,
        Order order,
        OptionalLong cursor,
        int limit) {
    /** In which order. */
    public enum Order {
        NEWEST,
        /** Those that wait, as they will start: highest priority first, then oldest. */
        QUEUE
    }

    private static final int PRIORITY_SHIFT = 40;

    public JobQuery {
        statuses = Set.copyOf(statuses);
        tags = Map.copyOf(tags);
    }

    /** Newest first. */
    public JobQuery(Set<JobStatus> statuses, Map<String, String> tags, OptionalLong cursor, int limit) {
        this(statuses, tags, Optional.empty(), Order.NEWEST, cursor, limit);
    }

    /** The place of a job in this order. */
    public long cursor(JobRow job) {
        return order == Order.NEWEST ? job.number() : ((9L - job.priority()) << PRIORITY_SHIFT) + job.number();
    }

    /** The priority that a cursor in the order of the queue stands for. */
    int priority() {
        return 9 - (int) (cursor.orElse(0) >> PRIORITY_SHIFT);
    }

    /** The number that a cursor stands for. */
    long number() {
        return order == Order.NEWEST ? cursor.orElse(Long.MAX_VALUE) : cursor.orElse(0) & ((1L << PRIORITY_SHIFT) - 1);
    }
}
