package org.localav.orchestrator.store;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.StageRecord;
import org.localav.orchestrator.plan.Stage;

/** The job store in a database; each method that changes something is one transaction. */
public final class SqlJobStore implements JobStore {
    /** Jobs forgotten in one transaction; more would keep others from writing. */
    private static final int PRUNED_AT_ONCE = 200;

    private final SqliteFile file;

    private SqlJobStore(SqliteFile file) {
        this.file = file;
    }

    /**
     * Opens the store of a state folder for this process alone, and makes it where there is none.
     *
     * @throws StoreException when another process has it, it was written by a newer version, it is damaged, or the folder
     *     can't be written
     */
    public static SqlJobStore open(Path stateFolder) {
        return new SqlJobStore(SqliteFile.open(stateFolder.toAbsolutePath().resolve("jobs")));
    }

    @Override
    public Acceptance accept(NewJob job) {
        return file.write(handle -> {
            Jobs jobs = new Jobs(handle);
            Optional<Acceptance> before = job.key().flatMap(key -> usedBefore(handle, key, job.createdAt()));
            if (before.isPresent()) {
                return before.get();
            }
            Optional<JobRow> taken = jobs.find(job.id());
            if (taken.isPresent()) {
                return new Acceptance.IdTaken(taken.get());
            }
            JobRow accepted = jobs.insert(job);
            job.key()
                    .ifPresent(key -> handle.execute(
                            """
                            INSERT INTO idempotency_keys (value, fingerprint, job, created_at) VALUES (?, ?, ?, ?)
                            ON CONFLICT (value) DO UPDATE
                            SET fingerprint = excluded.fingerprint, job = excluded.job, created_at = excluded.created_at""",
                            key.value(),
                            key.fingerprint(),
                            accepted.number(),
                            job.createdAt().toEpochMilli()));
            return new Acceptance.Accepted(accepted);
        });
    }

    private static Optional<Acceptance> usedBefore(Handle handle, NewJob.Key key, Instant now) {
        return handle.createQuery(
                        "SELECT job, fingerprint FROM idempotency_keys WHERE value = :key AND created_at >= :oldest")
                .bind("key", key.value())
                .bind("oldest", now.minus(KEYS_KEPT).toEpochMilli())
                .map((row, context) -> {
                    JobRow job = new Jobs(handle).get(row.getLong("job"));
                    return row.getString("fingerprint").equals(key.fingerprint())
                            ? (Acceptance) new Acceptance.Repeated(job)
                            : new Acceptance.KeyReused(job);
                })
                .findOne();
    }

    @Override
    public Optional<JobRow> find(String id) {
        return file.read(handle -> new Jobs(handle).find(id));
    }

    @Override
    public Optional<String> spec(String id) {
        return text("SELECT s.spec FROM specs s JOIN jobs j ON j.number = s.job WHERE j.id = :id", id);
    }

    @Override
    public Optional<String> report(String id) {
        return text("SELECT r.report FROM reports r JOIN jobs j ON j.number = r.job WHERE j.id = :id", id);
    }

    private Optional<String> text(String sql, String id) {
        return file.read(handle ->
                handle.createQuery(sql).bind("id", id).mapTo(String.class).findOne());
    }

    @Override
    public List<StageRecord> stages(String id) {
        List<StageRecord> asBegun = file.read(handle -> handle.createQuery(
                        "SELECT s.*, j.id FROM stages s JOIN jobs j ON j.number = s.job WHERE j.id = :id ORDER BY s.number")
                .bind("id", id)
                .map(Rows::stage)
                .list());
        return asBegun.stream()
                .sorted(Comparator.comparingInt(SqlJobStore::place))
                .toList();
    }

    /** Stages that a user's own routes added come last. */
    private static int place(StageRecord record) {
        for (Stage stage : Stage.values()) {
            if (stage.id().equals(record.stage())) {
                return stage.ordinal();
            }
        }
        return Stage.values().length;
    }

    @Override
    public List<JobRow> list(JobQuery query) {
        return file.read(handle -> new Jobs(handle).list(query));
    }

    @Override
    public Map<JobStatus, Long> counts() {
        return file.read(handle -> new Jobs(handle).counts());
    }

    @Override
    public Backlog backlog() {
        return file.read(Backlog::count);
    }

    @Override
    public Optional<Claim> claim(String owner, String run, Function<List<String>, Optional<String>> obstacle) {
        while (true) {
            Queue.Look look = file.write(handle -> new Queue(handle, obstacle).look(owner, run));
            if (look.claim().isPresent() || look.told() < Queue.TOLD_AT_ONCE) {
                return look.claim();
            }
        }
    }

    @Override
    public boolean stage(String jobId, String token, StageRecord record) {
        return change(jobId, token, job -> job.stage(record));
    }

    /** Changes a running job, if the token is still its own. */
    private boolean change(String jobId, String token, Consumer<Held> act) {
        return file.write(handle -> {
            Optional<Held> held = Held.change(handle, jobId, token);
            held.ifPresent(act);
            return held.isPresent();
        });
    }

    @Override
    public List<Attempt> attempts(String id) {
        return file.read(handle -> handle.createQuery(
                        """
                        SELECT a.* FROM attempts a JOIN jobs j ON j.number = a.job WHERE j.id = :id ORDER BY a.number""")
                .bind("id", id)
                .map(Rows::attempt)
                .list());
    }

    @Override
    public boolean end(String jobId, String token, Ending ending) {
        if (!ending.status().ended()) {
            throw new IllegalArgumentException("a run ends succeeded, failed or cancelled, not "
                    + ending.status().id());
        }
        return change(jobId, token, job -> job.end(ending));
    }

    @Override
    public boolean release(String jobId, String token, Farewell farewell) {
        return change(jobId, token, job -> job.giveBack(farewell));
    }

    @Override
    public Set<String> owners() {
        return file.read(handle -> handle.createQuery("SELECT DISTINCT owner FROM jobs WHERE status = 'running'")
                .mapTo(String.class)
                .set());
    }

    @Override
    public List<String> recover(String owner, Farewell farewell) {
        return file.write(handle -> {
            List<String> queued = new ArrayList<>();
            for (Held job : Held.of(handle, owner)) {
                if (job.giveBack(farewell)) {
                    queued.add(job.id());
                }
            }
            return queued;
        });
    }

    @Override
    public Optional<JobRow> cancel(String id, Farewell farewell) {
        return file.write(handle -> {
            Jobs jobs = new Jobs(handle);
            Optional<JobRow> job = jobs.find(id);
            job.ifPresent(j -> cancel(handle, j, farewell));
            return job.map(j -> jobs.get(j.number()));
        });
    }

    private static void cancel(Handle handle, JobRow job, Farewell farewell) {
        Instant now = Instant.now();
        if (job.status() == JobStatus.QUEUED) {
            handle.execute(
                    "UPDATE jobs SET status = 'cancelled', ended_at = ?, waiting = '', version = version + 1 WHERE number = ?",
                    now.toEpochMilli(),
                    job.number());
            Jobs jobs = new Jobs(handle);
            jobs.append(job.number(), now, "cancelled", Map.of());
            Outbox outbox = new Outbox(handle);
            farewell.of(job, jobs.spec(job.number())).forEach(message -> outbox.add(job.number(), message));
        } else if (job.status() == JobStatus.RUNNING && !job.cancelling()) {
            handle.execute("UPDATE jobs SET cancelling = TRUE, version = version + 1 WHERE number = ?", job.number());
            new Jobs(handle).append(job.number(), now, "cancelling", Map.of());
        }
    }

    @Override
    public Optional<JobRow> retry(String id) {
        return file.write(handle -> {
            Jobs jobs = new Jobs(handle);
            Optional<JobRow> job = jobs.find(id);
            if (job.isPresent() && tryable(job.get().status())) {
                handle.execute(
                        """
                        UPDATE jobs SET status = 'queued', started_at = NULL, ended_at = NULL, error = NULL, reason = NULL,
                            version = version + 1
                        WHERE number = ?""",
                        job.get().number());
                jobs.append(job.get().number(), Instant.now(), "retried", Map.of());
            }
            return job.map(j -> jobs.get(j.number()));
        });
    }

    private static boolean tryable(JobStatus status) {
        return status == JobStatus.FAILED || status == JobStatus.CANCELLED;
    }

    @Override
    public void happened(String jobId, String type, String data) {
        file.<Void>write(handle -> {
            new Jobs(handle).happened(jobId, type, data);
            return null;
        });
    }

    @Override
    public List<Event> events(Optional<String> jobId, long after, int limit) {
        return file.read(handle -> new Jobs(handle).events(jobId, after, limit));
    }

    @Override
    public long latestEvent() {
        return file.read(handle -> handle.createQuery("SELECT coalesce(max(number), 0) FROM events")
                .mapTo(Long.class)
                .one());
    }

    @Override
    public void leave(OutboxMessage message) {
        file.<Void>write(handle -> {
            new Jobs(handle).find(message.jobId()).ifPresent(job -> new Outbox(handle).add(job.number(), message));
            return null;
        });
    }

    @Override
    public List<OutboxMessage> due(Instant now, Set<String> busy, int limit) {
        return file.read(handle -> new Outbox(handle).due(now, List.copyOf(busy), limit));
    }

    @Override
    public Optional<Instant> nextDue() {
        return file.read(handle -> new Outbox(handle).nextDue());
    }

    @Override
    public void delivered(Delivery delivery, String status, Instant nextTry) {
        file.<Void>write(handle -> {
            new Outbox(handle).delivered(delivery, status, nextTry);
            return null;
        });
    }

    @Override
    public List<OutboxMessage> messages(String jobId) {
        return file.read(handle -> new Outbox(handle).of(jobId));
    }

    @Override
    public List<Delivery> deliveries(Optional<String> jobId, int limit) {
        return file.read(handle -> new Outbox(handle).deliveries(jobId, limit));
    }

    @Override
    public List<String> prune(Instant endedBefore) {
        long oldestKey = Instant.now().minus(KEYS_KEPT).toEpochMilli();
        file.<Integer>write(handle -> handle.execute("DELETE FROM idempotency_keys WHERE created_at < ?", oldestKey));
        List<String> forgotten = new ArrayList<>();
        List<String> some;
        do {
            some = file.write(handle -> prune(handle, endedBefore));
            forgotten.addAll(some);
        } while (some.size() == PRUNED_AT_ONCE);
        return forgotten;
    }

    private static List<String> prune(Handle handle, Instant endedBefore) {
        List<String> ids = handle.createQuery(
                        """
                        SELECT id FROM jobs WHERE ended_at < :before
                            AND NOT EXISTS (SELECT 1 FROM outbox WHERE job = jobs.number AND status = 'pending')
                        LIMIT :limit""")
                .bind("before", endedBefore.toEpochMilli())
                .bind("limit", PRUNED_AT_ONCE)
                .mapTo(String.class)
                .list();
        ids.forEach(id -> handle.execute("DELETE FROM jobs WHERE id = ?", id));
        return ids;
    }

    @Override
    public Optional<String> remembered(String name) {
        return text("SELECT value FROM remembered WHERE name = :id", name);
    }

    @Override
    public void remember(String name, String value) {
        file.<Integer>write(handle -> handle.execute(
                "INSERT INTO remembered (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                name,
                value));
    }

    @Override
    public Path place() {
        return file.place();
    }

    @Override
    public void close() {
        file.close();
    }
}
