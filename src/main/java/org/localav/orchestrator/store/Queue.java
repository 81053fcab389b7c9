package org.localav.orchestrator.store;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Finds the next job without looking at those that can't start: jobs with the same labels stand in one line, and only the
 * heads of the lines are compared. So ten thousand jobs that wait for a GPU cost as much as one.
 */
final class Queue {
    /** So many jobs are told at once why they wait; more would keep others from writing. */
    static final int TOLD_AT_ONCE = 1000;

    private final Function<List<String>, Optional<String>> obstacle;
    private final Handle handle;

    Queue(Handle handle, Function<List<String>, Optional<String>> obstacle) {
        this.handle = handle;
        this.obstacle = obstacle;
    }

    private record Head(long number, int priority) {
        boolean before(Head other) {
            return priority != other.priority ? priority > other.priority : number < other.number;
        }
    }

    /**
     * One look at the queue.
     *
     * @param told how many jobs were told why they wait; when it is {@link #TOLD_AT_ONCE}, there may be more
     */
    record Look(Optional<Claim> claim, int told) {}

    /** Whether a look would find a job to start, or one to be told why it waits. */
    boolean worthALook() {
        for (String labels : lines()) {
            Optional<String> reason = obstacle.apply(Rows.labels(labels));
            if (reason.isEmpty() || !untold(labels, reason.get(), 1).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    Look look(String owner, String run) {
        if (draining(owner)) {
            return new Look(Optional.empty(), 0);
        }
        Head first = null;
        int told = 0;
        for (String labels : lines()) {
            Optional<String> reason = obstacle.apply(Rows.labels(labels));
            told += tell(labels, reason, TOLD_AT_ONCE - told);
            if (reason.isEmpty()) {
                Head head = head(labels);
                first = first == null || head.before(first) ? head : first;
            }
        }
        return new Look(Optional.ofNullable(first).map(head -> take(head.number, owner, run)), told);
    }

    private boolean draining(String owner) {
        return handle.createQuery("SELECT 1 FROM nodes WHERE name = :owner AND draining")
                .bind("owner", owner)
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }

    /** The sets of labels in the queue; each step jumps over all jobs of one set. */
    private List<String> lines() {
        return handle.createQuery(
                        """
                        WITH RECURSIVE line(labels) AS (
                            SELECT min(labels) FROM jobs WHERE status = 'queued'
                            UNION ALL
                            SELECT (SELECT min(labels) FROM jobs WHERE status = 'queued' AND labels > line.labels)
                            FROM line WHERE line.labels IS NOT NULL)
                        SELECT labels FROM line WHERE labels IS NOT NULL""")
                .mapTo(String.class)
                .list();
    }

    private Head head(String labels) {
        return handle.createQuery(
                        """
                        SELECT number, priority FROM jobs WHERE status = 'queued' AND labels = :labels
                        ORDER BY priority DESC, number LIMIT 1""")
                .bind("labels", labels)
                .map((row, context) -> new Head(row.getLong("number"), row.getInt("priority")))
                .one();
    }

    private Claim take(long number, String owner, String run) {
        Instant now = Instant.now();
        String token = UUID.randomUUID().toString();
        handle.createUpdate(
                        """
                        UPDATE jobs SET status = 'running', owner = :owner, token = :token, run = :run, runs = runs + 1,
                            started_at = :now, waiting = '', version = version + 1
                        WHERE number = :number AND status = 'queued'""")
                .bind("owner", owner)
                .bind("token", token)
                .bind("run", run)
                .bind("now", now.toEpochMilli())
                .bind("number", number)
                .execute();
        handle.execute("DELETE FROM stages WHERE job = ?", number);
        Jobs jobs = new Jobs(handle);
        jobs.append(number, now, "started", Map.of("run", run, "owner", owner));
        return new Claim(jobs.get(number), jobs.spec(number), token, jobs.publication(number));
    }

    /** Keeps on the jobs of a line why they wait, where that is not on them already. */
    private int tell(String labels, Optional<String> reason, int atMost) {
        if (atMost == 0) {
            return 0;
        }
        String said = reason.orElse("");
        List<Long> untold = untold(labels, said, atMost);
        if (!untold.isEmpty()) {
            tell(untold, said);
        }
        return untold.size();
    }

    private List<Long> untold(String labels, String said, int atMost) {
        return handle.createQuery(
                        """
                        SELECT number FROM jobs WHERE status = 'queued' AND labels = :labels AND waiting < :said
                        UNION ALL
                        SELECT number FROM jobs WHERE status = 'queued' AND labels = :labels AND waiting > :said
                        LIMIT :most""")
                .bind("labels", labels)
                .bind("said", said)
                .bind("most", atMost)
                .mapTo(Long.class)
                .list();
    }

    private void tell(List<Long> jobs, String said) {
        PreparedBatch changes =
                handle.prepareBatch("UPDATE jobs SET waiting = ?, version = version + 1 WHERE number = ?");
        PreparedBatch events =
                handle.prepareBatch("INSERT INTO events (job, at, type, data) VALUES (?, ?, 'waiting', ?)");
        long now = Instant.now().toEpochMilli();
        String data = Rows.json(Map.of("reason", said));
        for (long job : jobs) {
            changes.add(said, job);
            events.add(job, now, data);
        }
        changes.execute();
        events.execute();
    }
}
