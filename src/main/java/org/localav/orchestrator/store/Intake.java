package org.localav.orchestrator.store;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Takes jobs in, each once, in one transaction. */
final class Intake {
    private final Handle handle;
    private final Jobs jobs;

    Intake(Handle handle) {
        this.handle = handle;
        this.jobs = new Jobs(handle);
    }

    Acceptance accept(NewJob job) {
        Optional<Acceptance> before = job.key().flatMap(key -> usedBefore(key, job.createdAt()));
        if (before.isPresent()) {
            return before.get();
        }
        Optional<JobRow> taken = jobs.find(job.id());
        if (taken.isPresent()) {
            return new Acceptance.IdTaken(taken.get());
        }
        JobRow accepted = jobs.insert(job);
        job.key().ifPresent(key -> keep(key, accepted.number(), job.createdAt()));
        return new Acceptance.Accepted(accepted);
    }

    private Optional<Acceptance> usedBefore(NewJob.Key key, Instant now) {
        return handle.createQuery(
                        "SELECT job, fingerprint FROM idempotency_keys WHERE value = :key AND created_at >= :oldest")
                .bind("key", key.value())
                .bind("oldest", now.minus(JobStore.KEYS_KEPT).toEpochMilli())
                .map((row, context) -> {
                    JobRow job = jobs.get(row.getLong("job"));
                    return row.getString("fingerprint").equals(key.fingerprint())
                            ? (Acceptance) new Acceptance.Repeated(job)
                            : new Acceptance.KeyReused(job);
                })
                .findOne();
    }

    private void keep(NewJob.Key key, long job, Instant now) {
        handle.execute(
                """
                INSERT INTO idempotency_keys (value, fingerprint, job, created_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (value) DO UPDATE
                SET fingerprint = excluded.fingerprint, job = excluded.job, created_at = excluded.created_at""",
                key.value(),
                key.fingerprint(),
                job,
                now.toEpochMilli());
    }
}
