package org.localav.orchestrator.store;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The offers in a database; each method that changes something is one transaction. */
final class SqlOffers implements OfferStore {
    private static final String FREE = "UPDATE offers SET node = NULL, claim = NULL WHERE report IS NULL AND ";

    private final Database database;

    SqlOffers(Database database) {
        this.database = database;
    }

    /** Takes from a node what it has claimed. */
    static void free(Handle handle, String node) {
        handle.execute(FREE + "node = ?", node);
    }

    /** The same of all nodes whose lease is over. */
    static void freeOfDead(Handle handle, long now) {
        handle.execute(
                FREE + "node IS NOT NULL AND NOT EXISTS"
                        + " (SELECT 1 FROM nodes WHERE nodes.name = offers.node AND alive_until > ?)",
                now);
    }

    @Override
    public boolean offer(String jobId, String token, String site, List<Offer> steps) {
        return database.write(handle -> {
            Optional<Held> job = Held.change(handle, jobId, token);
            job.ifPresent(held -> {
                PreparedBatch rows = handle.prepareBatch(
                        """
                        INSERT INTO offers (job, token, step, key, site, errand) VALUES (?, ?, ?, ?, ?, ?)
                        ON CONFLICT (token, key) DO NOTHING""");
                steps.forEach(step -> rows.add(held.number(), token, step.step(), step.key(), site, step.errand()));
                rows.execute();
                new Jobs(handle).append(held.number(), Instant.now(), "offered", Map.of("steps", steps.size()));
            });
            return job.isPresent();
        });
    }

    @Override
    public Map<String, Standing> of(String token) {
        return database.read(handle -> handle.createQuery("SELECT key, node, report FROM offers WHERE token = :token")
                .bind("token", token)
                .reduceRows(new HashMap<>(), (all, row) -> {
                    all.put(
                            row.getColumn("key", String.class),
                            new Standing(
                                    Optional.ofNullable(row.getColumn("node", String.class)),
                                    Optional.ofNullable(row.getColumn("report", String.class))));
                    return all;
                }));
    }

    @Override
    public boolean takeBack(String token, String key) {
        return database.write(handle ->
                        handle.execute("DELETE FROM offers WHERE token = ? AND key = ? AND claim IS NULL", token, key))
                == 1;
    }

    @Override
    public boolean open(String node, String site) {
        return database.read(handle -> handle.createQuery(
                        """
                        SELECT 1 FROM offers o JOIN jobs j ON j.number = o.job
                        WHERE o.claim IS NULL AND o.site = :site AND j.owner <> :node LIMIT 1""")
                .bind("node", node)
                .bind("site", site)
                .mapTo(Integer.class)
                .findOne()
                .isPresent());
    }

    @Override
    public Optional<Lent> claim(String node, String site, Predicate<List<String>> fits, Set<String> but) {
        return database.write(
                handle -> offering(handle, node, site, fits, but).map(token -> take(handle, node, site, token)));
    }

    private record Line(String token, List<String> labels) {}

    /** The token under which the first job offers something that fits. */
    private static Optional<String> offering(
            Handle handle, String node, String site, Predicate<List<String>> fits, Set<String> but) {
        return handle
                .createQuery(
                        """
                        SELECT j.token, j.labels FROM jobs j
                        WHERE j.status = 'running' AND NOT j.cancelling AND j.owner <> :node AND EXISTS
                            (SELECT 1 FROM offers o WHERE o.claim IS NULL AND o.site = :site AND o.token = j.token)
                        ORDER BY j.priority DESC, j.number""")
                .bind("node", node)
                .bind("site", site)
                .map((row, context) -> new Line(row.getString("token"), Rows.labels(row.getString("labels"))))
                .list()
                .stream()
                .filter(line -> !but.contains(line.token()) && fits.test(line.labels()))
                .map(Line::token)
                .findFirst();
    }

    private static Lent take(Handle handle, String node, String site, String token) {
        String claim = UUID.randomUUID().toString();
        return handle.createQuery(
                        """
                        UPDATE offers SET node = :node, claim = :claim
                        WHERE number = (SELECT min(number) FROM offers WHERE claim IS NULL AND site = :site AND token = :token)
                        RETURNING key, errand, (SELECT id FROM jobs WHERE number = offers.job) AS id""")
                .bind("node", node)
                .bind("claim", claim)
                .bind("site", site)
                .bind("token", token)
                .map((row, context) ->
                        new Lent(row.getString("id"), token, row.getString("key"), row.getString("errand"), claim))
                .one();
    }

    @Override
    public Set<String> held(String node) {
        return database.read(handle -> new HashSet<>(handle.createQuery(
                        """
                        SELECT o.claim FROM offers o JOIN jobs j ON j.number = o.job
                        WHERE o.node = :node AND o.report IS NULL AND j.status = 'running' AND NOT j.cancelling""")
                .bind("node", node)
                .mapTo(String.class)
                .list()));
    }

    @Override
    public void giveBack(String claim) {
        database.<Integer>write(handle -> handle.execute(FREE + "claim = ?", claim));
    }

    private record Made(long job, String step, String node) {}

    @Override
    public boolean made(String claim, String report) {
        return database.write(handle -> {
            Optional<Made> made = handle.createQuery(
                            """
                            UPDATE offers SET report = :report WHERE claim = :claim AND report IS NULL
                            RETURNING job, step, node""")
                    .bind("report", report)
                    .bind("claim", claim)
                    .map((row, context) -> new Made(row.getLong("job"), row.getString("step"), row.getString("node")))
                    .findOne();
            made.ifPresent(m -> new Jobs(handle)
                    .append(m.job(), Instant.now(), "helped", Map.of("step", m.step(), "node", m.node())));
            return made.isPresent();
        });
    }
}
