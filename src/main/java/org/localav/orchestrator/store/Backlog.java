package org.localav.orchestrator.store;

import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/**
 * What waits.
 *
 * @param jobs in the queue, by priority
 * @param messages to webhooks that are still to be delivered
 */
public record Backlog(Map<Integer, Long> jobs, long messages) {
    public Backlog {
        jobs = Map.copyOf(jobs);
    }

    /** How many jobs are in the queue. */
    public long queued() {
        return jobs.values().stream().mapToLong(Long::longValue).sum();
    }

    static Backlog count(Handle handle) {
        Map<Integer, Long> jobs = new TreeMap<>();
        handle.createQuery("SELECT priority, count(*) AS jobs FROM jobs WHERE status = 'queued' GROUP BY priority")
                .map((row, context) -> jobs.put(row.getInt("priority"), row.getLong("jobs")))
                .list();
        long messages = handle.createQuery("SELECT count(*) FROM outbox WHERE status = 'pending'")
                .mapTo(Long.class)
                .one();
        return new Backlog(jobs, messages);
    }
}
