package org.localav.orchestrator.store;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.StageRecord;
import org.localav.orchestrator.settings.Settings;

/** The job store in a database; each method that changes something is one transaction. */
public final class SqlJobStore implements JobStore {
    /** Jobs forgotten in one transaction; more would keep others from writing. */
    private static final int PRUNED_AT_ONCE = 200;

    private final Database database;
    private final NodeStore nodes;
    private final OfferStore offers;

    private SqlJobStore(Database database) {
        this.database = database;
        this.nodes = new SqlNodes(database);
        this.offers = new SqlOffers(database);
    }

    /**
     * Opens the store that the settings name: a database server, or else the file in the state folder.
     *
     * @param environment where the password is found by the name that the settings give
     * @throws InvalidSettingException when the URL is none of PostgreSQL's, or the password is not where it should be
     * @throws StoreException when it can't be opened
     */
    public static SqlJobStore of(Settings settings, Path stateFolder, Map<String, String> environment) {
        String url = settings.text("store.url");
        return url.isEmpty() ? open(stateFolder) : open(url, settings.secret("store.password_env", environment));
    }

    /**
     * Opens a store on a PostgreSQL server.
     *
     * @param url {@code jdbc:postgresql://HOST:PORT/DATABASE?user=NAME}
     * @param password empty: from the file that PGPASSFILE names, or ~/.pgpass
     */
    static SqlJobStore open(String url, String password) {
        return new SqlJobStore(PostgresServer.open(url, password));
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
        return database.write(handle -> new Intake(handle).accept(job));
    }

    @Override
    public Optional<JobRow> find(String id) {
        return database.read(handle -> new Jobs(handle).find(id));
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
        return database.read(handle ->
                handle.createQuery(sql).bind("id", id).mapTo(String.class).findOne());
    }

    @Override
    public List<StageRecord> stages(String id) {
        return database.read(handle -> new Jobs(handle).stages(id));
    }

    @Override
    public List<JobRow> list(JobQuery query) {
        return database.read(handle -> new Jobs(handle).list(query));
    }

    @Override
    public Map<JobStatus, Long> counts() {
        return database.read(handle -> new Jobs(handle).counts());
    }

    @Override
    public Backlog backlog() {
        return database.read(Backlog::count);
    }

    @Override
    public Optional<Claim> claim(String owner, String run, Function<List<String>, Optional<String>> obstacle) {
        // Where others want to write as well, a node that finds nothing to do keeps nobody from it.
        if (shared() && !database.read(handle -> new Queue(handle, obstacle).worthALook())) {
            return Optional.empty();
        }
        while (true) {
            Queue.Look look = database.write(handle -> new Queue(handle, obstacle).look(owner, run));
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
        return database.write(handle -> {
            Optional<Held> held = Held.change(handle, jobId, token);
            held.ifPresent(act);
            return held.isPresent();
        });
    }

    @Override
    public List<Attempt> attempts(String id) {
        return database.read(handle -> new Jobs(handle).attempts(id));
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
    public NodeStore nodes() {
        return nodes;
    }

    @Override
    public OfferStore offers() {
        return offers;
    }

    @Override
    public boolean shared() {
        return database.shared();
    }

    @Override
    public Optional<Bell> bell() {
        return database.bell();
    }

    @Override
    public Map<Bell.Line, Integer> lines() {
        return database.read(handle -> new Jobs(handle).lines());
    }

    @Override
    public boolean holds(String jobId, String token) {
        return database.read(handle -> Held.by(handle, jobId, token));
    }

    @Override
    public boolean announce(String jobId, String token, String moves) {
        return change(jobId, token, job -> job.announce(moves));
    }

    @Override
    public Optional<JobRow> cancel(String id, Farewell farewell) {
        return database.write(handle -> {
            Jobs jobs = new Jobs(handle);
            Optional<JobRow> job = jobs.find(id);
            job.ifPresent(j -> jobs.cancel(j, farewell));
            return job.map(j -> jobs.get(j.number()));
        });
    }

    @Override
    public Optional<JobRow> retry(String id, Map<String, String> request) {
        return database.write(handle -> {
            Jobs jobs = new Jobs(handle);
            Optional<JobRow> job = jobs.find(id);
            job.filter(j -> tryable(j.status())).ifPresent(j -> jobs.retry(j, request));
            return job.map(j -> jobs.get(j.number()));
        });
    }

    @Override
    public Map<String, String> request(String id) {
        return database.read(handle -> new Jobs(handle).request(id));
    }

    private static boolean tryable(JobStatus status) {
        return status == JobStatus.FAILED || status == JobStatus.CANCELLED;
    }

    @Override
    public Optional<JobRow> prioritise(String id, Optional<Integer> believed, int priority) {
        return database.write(handle -> new Jobs(handle).prioritise(id, believed, priority));
    }

    @Override
    public List<Tally> tallies(Instant from, Duration step) {
        return database.read(handle -> new Jobs(handle).tallies(from, step));
    }

    @Override
    public void happened(String jobId, String type, String data) {
        database.<Void>write(handle -> {
            new Jobs(handle).happened(jobId, type, data);
            return null;
        });
    }

    @Override
    public List<Event> events(Optional<String> jobId, long after, int limit) {
        return database.read(handle -> new Jobs(handle).events(jobId, after, limit));
    }

    @Override
    public long latestEvent() {
        return database.read(handle -> handle.createQuery("SELECT coalesce(max(number), 0) FROM events")
                .mapTo(Long.class)
                .one());
    }

    @Override
    public void leave(OutboxMessage message, String run) {
        database.<Void>write(handle -> {
            new Jobs(handle)
                    .find(message.jobId())
                    .filter(job ->
                            job.status() == JobStatus.RUNNING && job.run().equals(Optional.of(run)))
                    .ifPresent(job -> new Outbox(handle).add(job.number(), message));
            return null;
        });
    }

    @Override
    public boolean hold(OutboxMessage message, Instant until) {
        return !shared() || database.write(handle -> new Outbox(handle).hold(message, until));
    }

    @Override
    public List<OutboxMessage> due(Instant now, Set<String> busy, int limit) {
        return database.read(handle -> new Outbox(handle).due(now, List.copyOf(busy), limit));
    }

    @Override
    public Optional<Instant> nextDue() {
        return database.read(handle -> new Outbox(handle).nextDue());
    }

    @Override
    public void delivered(Delivery delivery, String status, Instant nextTry) {
        database.<Void>write(handle -> {
            new Outbox(handle).delivered(delivery, status, nextTry);
            return null;
        });
    }

    @Override
    public List<OutboxMessage> messages(String jobId) {
        return database.read(handle -> new Outbox(handle).of(jobId));
    }

    @Override
    public List<Delivery> deliveries(Optional<String> jobId, int limit) {
        return database.read(handle -> new Outbox(handle).deliveries(jobId, limit));
    }

    @Override
    public List<String> prune(Instant endedBefore) {
        long oldestKey = Instant.now().minus(KEYS_KEPT).toEpochMilli();
        database.<Integer>write(
                handle -> handle.execute("DELETE FROM idempotency_keys WHERE created_at < ?", oldestKey));
        List<String> forgotten = new ArrayList<>();
        List<String> some;
        do {
            some = database.write(handle -> new Jobs(handle).prune(endedBefore, PRUNED_AT_ONCE));
            forgotten.addAll(some);
        } while (some.size() == PRUNED_AT_ONCE);
        return forgotten;
    }

    @Override
    public Optional<String> remembered(String name) {
        return text("SELECT value FROM remembered WHERE name = :id", name);
    }

    @Override
    public void remember(String name, String value) {
        database.<Integer>write(handle -> handle.execute(
                "INSERT INTO remembered (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                name,
                value));
    }

    @Override
    public String place() {
        return database.place();
    }

    @Override
    public void close() {
        database.close();
    }
}
