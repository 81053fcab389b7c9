package org.localav.orchestrator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.StageRecord;
import org.localav.orchestrator.job.StageStatus;

/** A running job in the hands of whoever has its token, or of whoever cleans up after its dead owner; in one transaction. */
record Held(Handle handle, long number, String id, String token, String run, boolean cancelling) {
    private static final String INTERRUPTED = "the service ended while it was running";

    private static final String CHANGED = "UPDATE jobs SET version = version + 1 WHERE status = 'running' AND ";
    private static final String TAKEN = " RETURNING number, id, token, run, cancelling";

    /** Counts a change of the job, if it is still this token's; empty: it is not. */
    static Optional<Held> change(Handle handle, String id, String token) {
        return handle.createQuery(CHANGED + "id = :id AND token = :token" + TAKEN)
                .bind("id", id)
                .bind("token", token)
                .map((row, context) -> held(handle, row))
                .findOne();
    }

    static List<Held> of(Handle handle, String owner) {
        return handle.createQuery(CHANGED + "owner = :owner" + TAKEN)
                .bind("owner", owner)
                .map((row, context) -> held(handle, row))
                .list();
    }

    private static Held held(Handle handle, ResultSet row) throws SQLException {
        return new Held(
                handle,
                row.getLong("number"),
                row.getString("id"),
                row.getString("token"),
                row.getString("run"),
                row.getBoolean("cancelling"));
    }

    /** Whether the job is still this token's. */
    static boolean by(Handle handle, String id, String token) {
        return handle.createQuery("SELECT 1 FROM jobs WHERE id = :id AND token = :token AND status = 'running'")
                .bind("id", id)
                .bind("token", token)
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }

    void announce(String moves) {
        handle.execute(
                "INSERT INTO publications (job, moves) VALUES (?, ?) ON CONFLICT (job) DO UPDATE SET moves = excluded.moves",
                number,
                moves);
    }

    void stage(StageRecord record) {
        handle.createUpdate(
                        """
                        INSERT INTO stages (job, stage, status, started_at, ended_at, attempts, error, metadata)
                        VALUES (:job, :stage, :status, :started, :ended, :attempts, :error, :metadata)
                        ON CONFLICT (job, stage) DO UPDATE SET status = excluded.status, started_at = excluded.started_at,
                            ended_at = excluded.ended_at, attempts = excluded.attempts, error = excluded.error,
                            metadata = excluded.metadata""")
                .bind("job", number)
                .bind("stage", record.stage())
                .bind("status", record.status())
                .bind("started", Rows.millis(record.startedAt()))
                .bind("ended", Rows.millis(record.endedAt()))
                .bind("attempts", record.attempts())
                .bind("error", record.error())
                .bind("metadata", Rows.json(record.metadata()))
                .execute();
        attempt(record);
        new Jobs(handle).append(number, Instant.now(), "stage", record);
    }

    /** A stage that is to be tried again counts the coming attempt already, and has the error of the one that failed. */
    private void attempt(StageRecord record) {
        if (record.attempts() == 0) {
            return;
        }
        Instant now = Instant.now();
        if (record.status().equals(StageStatus.RETRYING.id())) {
            attempt(record, record.attempts() - 1, StageStatus.FAILED.id(), Optional.of(now), record.error());
            attempt(record, record.attempts(), StageStatus.RETRYING.id(), Optional.empty(), Optional.empty());
        } else if (record.endedAt().isPresent()) {
            attempt(record, record.attempts(), record.status(), record.endedAt(), record.error());
        } else {
            attempt(record, record.attempts(), record.status(), Optional.empty(), Optional.empty());
        }
    }

    private void attempt(
            StageRecord record, int attempt, String status, Optional<Instant> ended, Optional<String> error) {
        handle.createUpdate(
                        """
                        INSERT INTO attempts (job, run, stage, attempt, status, started_at, ended_at, error)
                        VALUES (:job, :run, :stage, :attempt, :status, :now, :ended, :error)
                        ON CONFLICT (job, run, stage, attempt) DO UPDATE
                        SET status = excluded.status, ended_at = excluded.ended_at, error = excluded.error""")
                .bind("job", number)
                .bind("run", run)
                .bind("stage", record.stage())
                .bind("attempt", attempt)
                .bind("status", status)
                .bind("now", Instant.now().toEpochMilli())
                .bind("ended", Rows.millis(ended))
                .bind("error", error)
                .execute();
    }

    void end(Ending ending) {
        Instant now = Instant.now();
        handle.createUpdate(
                        """
                        UPDATE jobs SET status = :status, ended_at = :now, error = :error, reason = :reason, owner = NULL,
                            token = NULL, cancelling = FALSE
                        WHERE number = :number""")
                .bind("status", ending.status().id())
                .bind("now", now.toEpochMilli())
                .bind("error", ending.error())
                .bind("reason", ending.reason())
                .bind("number", number)
                .execute();
        ending.report()
                .ifPresent(report -> handle.execute(
                        "INSERT INTO reports (job, report) VALUES (?, ?) ON CONFLICT (job) DO UPDATE SET report = excluded.report",
                        number,
                        report));
        handle.execute("DELETE FROM publications WHERE job = ?", number);
        handle.execute("DELETE FROM offers WHERE job = ?", number);
        Outbox outbox = new Outbox(handle);
        ending.messages().forEach(message -> outbox.add(number, message));
        Map<String, String> data =
                ending.error().map(error -> Map.of("run", run, "error", error)).orElse(Map.of("run", run));
        new Jobs(handle).append(number, now, ending.status().id(), data);
    }

    /**
     * Puts the job back into the queue, or ends it when it was asked to end and has nothing in place that is to be undone;
     * tells whether it is in the queue.
     */
    boolean giveBack(Farewell farewell) {
        interruptStages();
        Jobs jobs = new Jobs(handle);
        if (cancelling && jobs.publication(number).isEmpty()) {
            end(new Ending(
                    JobStatus.CANCELLED,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    farewell.of(jobs.get(number), jobs.spec(number))));
            return false;
        }
        handle.execute(
                "UPDATE jobs SET status = 'queued', started_at = NULL, owner = NULL, token = NULL WHERE number = ?",
                number);
        handle.execute("DELETE FROM offers WHERE job = ?", number);
        jobs.append(number, Instant.now(), "requeued", Map.of("run", run));
        return true;
    }

    private void interruptStages() {
        long now = Instant.now().toEpochMilli();
        for (String table : List.of("stages", "attempts")) {
            handle.execute(
                    "UPDATE " + table + " SET status = 'cancelled', ended_at = ?, error = ?"
                            + " WHERE job = ? AND status IN ('running', 'retrying')",
                    now,
                    INTERRUPTED,
                    number);
        }
    }
}
