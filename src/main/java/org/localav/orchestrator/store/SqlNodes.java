package org.localav.orchestrator.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** The nodes in a database; each method that changes something is one transaction. */
final class SqlNodes implements NodeStore {
    /** How long a dead node is remembered. */
    private static final Duration REMEMBERED = Duration.ofDays(1);

    private static final String DEAD_OWNERS =
            """
            SELECT DISTINCT owner FROM jobs WHERE status = 'running'
                AND NOT EXISTS (SELECT 1 FROM nodes WHERE nodes.name = jobs.owner AND alive_until > :now)""";

    private final Database database;

    SqlNodes(Database database) {
        this.database = database;
    }

    static List<String> alive(Handle handle, long now) {
        return handle.createQuery("SELECT name FROM nodes WHERE alive_until > :now ORDER BY name")
                .bind("now", now)
                .mapTo(String.class)
                .list();
    }

    @Override
    public Joining join(Node node, Duration lease, Farewell farewell) {
        return database.write(handle -> {
            long now = database.now(handle);
            if (!database.shared()) {
                // The store is this process' alone: whoever had a job running in it is dead, whatever its name was.
                handle.execute("UPDATE nodes SET alive_until = 0");
                handle.execute("DELETE FROM nodes WHERE name <> ?", node.name());
            }
            Optional<Joining> refusal = refusal(handle, node, now);
            return refusal.orElseGet(() -> enter(handle, node, now, lease, farewell));
        });
    }

    private static Optional<Joining> refusal(Handle handle, Node node, long now) {
        Optional<Joining> taken = handle.createQuery(
                        "SELECT alive_until FROM nodes WHERE name = :name AND alive_until > :now AND incarnation <> :mine")
                .bind("name", node.name())
                .bind("now", now)
                .bind("mine", node.incarnation())
                .mapTo(Long.class)
                .findOne()
                .map(until -> new Joining.NameTaken(Duration.ofMillis(until - now)));
        if (taken.isPresent()) {
            return taken;
        }
        List<NodeRow> others = list(handle, now).stream()
                .filter(other -> other.alive() && other.protocol() != node.protocol())
                .toList();
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of(new Joining.OtherProtocol(
                        others.stream().map(NodeRow::name).toList(),
                        others.get(0).protocol()));
    }

    private Joining enter(Handle handle, Node node, long now, Duration lease, Farewell farewell) {
        handle.createUpdate(
                        """
                        INSERT INTO nodes (name, incarnation, protocol, since, seen_at, alive_until, about)
                        VALUES (:name, :incarnation, :protocol, :now, :now, :until, :about)
                        ON CONFLICT (name) DO UPDATE SET incarnation = excluded.incarnation, protocol = excluded.protocol,
                            since = excluded.since, seen_at = excluded.seen_at, alive_until = excluded.alive_until,
                            about = excluded.about""")
                .bind("name", node.name())
                .bind("incarnation", node.incarnation())
                .bind("protocol", node.protocol())
                .bind("now", now)
                .bind("until", until(now, lease))
                .bind("about", node.about())
                .execute();
        SqlOffers.free(handle, node.name());
        List<String> requeued = new ArrayList<>(giveBack(handle, Held.of(handle, node.name()), farewell));
        for (String owner : deadOwners(handle, now)) {
            requeued.addAll(giveBack(handle, Held.of(handle, owner), farewell));
        }
        boolean draining = handle.createQuery("SELECT draining FROM nodes WHERE name = :name")
                .bind("name", node.name())
                .mapTo(Boolean.class)
                .one();
        return new Joining.Joined(requeued, draining);
    }

    private long until(long now, Duration lease) {
        return database.shared() ? now + lease.toMillis() : Long.MAX_VALUE;
    }

    private static List<String> deadOwners(Handle handle, long now) {
        return handle.createQuery(DEAD_OWNERS)
                .bind("now", now)
                .mapTo(String.class)
                .list();
    }

    private static List<String> giveBack(Handle handle, List<Held> jobs, Farewell farewell) {
        List<String> queued = new ArrayList<>();
        for (Held job : jobs) {
            if (job.giveBack(farewell)) {
                queued.add(job.id());
            }
        }
        return queued;
    }

    @Override
    public Optional<Boolean> renew(Node node, Duration lease) {
        return database.write(handle -> {
            long now = database.now(handle);
            return handle.createQuery(
                            """
                            UPDATE nodes SET seen_at = :now, alive_until = :until, about = :about
                            WHERE name = :name AND incarnation = :incarnation
                            RETURNING draining""")
                    .bind("now", now)
                    .bind("until", until(now, lease))
                    .bind("about", node.about())
                    .bind("name", node.name())
                    .bind("incarnation", node.incarnation())
                    .mapTo(Boolean.class)
                    .findOne();
        });
    }

    @Override
    public void leave(Node node) {
        database.<Void>write(handle -> {
            SqlOffers.free(handle, node.name());
            handle.execute(
                    "DELETE FROM nodes WHERE name = ? AND incarnation = ? AND NOT draining",
                    node.name(),
                    node.incarnation());
            handle.execute(
                    "UPDATE nodes SET alive_until = 0, incarnation = '' WHERE name = ? AND incarnation = ?",
                    node.name(),
                    node.incarnation());
            return null;
        });
    }

    @Override
    public List<NodeRow> list() {
        return database.read(handle -> list(handle, database.now(handle)));
    }

    private static List<NodeRow> list(Handle handle, long now) {
        return handle.createQuery(
                        """
                        SELECT n.*, (SELECT count(*) FROM jobs WHERE status = 'running' AND owner = n.name) AS running
                        FROM nodes n ORDER BY name""")
                .map((row, context) -> new NodeRow(
                        row.getString("name"),
                        row.getInt("protocol"),
                        Instant.ofEpochMilli(row.getLong("since")),
                        Instant.ofEpochMilli(row.getLong("seen_at")),
                        row.getLong("alive_until") > now,
                        row.getBoolean("draining"),
                        row.getInt("running"),
                        row.getString("about")))
                .list();
    }

    @Override
    public boolean drain(String name, boolean draining) {
        return database.write(handle -> handle.execute("UPDATE nodes SET draining = ? WHERE name = ?", draining, name))
                == 1;
    }

    @Override
    public List<String> bury(Farewell farewell) {
        // Asked first beside the writers: most of the time nobody has died.
        return database.read(this::anyDead)
                ? database.write(handle -> {
                    long now = database.now(handle);
                    handle.execute("UPDATE nodes SET incarnation = '' WHERE alive_until <= ?", now);
                    handle.execute(
                            "DELETE FROM nodes WHERE alive_until <= ? AND seen_at < ? AND NOT draining",
                            now,
                            now - REMEMBERED.toMillis());
                    SqlOffers.freeOfDead(handle, now);
                    List<String> requeued = new ArrayList<>();
                    for (String owner : deadOwners(handle, now)) {
                        requeued.addAll(giveBack(handle, Held.of(handle, owner), farewell));
                    }
                    return requeued;
                })
                : List.of();
    }

    private boolean anyDead(Handle handle) {
        long now = database.now(handle);
        return !deadOwners(handle, now).isEmpty()
                || handle.createQuery("SELECT count(*) FROM nodes WHERE alive_until <= :now AND incarnation <> ''")
                                .bind("now", now)
                                .mapTo(Long.class)
                                .one()
                        > 0;
    }

    @Override
    public List<String> giveBackAllBut(String owner, Set<String> tokens, Farewell farewell) {
        return database.write(handle -> giveBack(
                handle,
                Held.of(handle, owner).stream()
                        .filter(job -> !tokens.contains(job.token()))
                        .toList(),
                farewell));
    }

    @Override
    public List<String> cancelling(String owner) {
        return database.read(handle -> handle.createQuery(
                        "SELECT id FROM jobs WHERE status = 'running' AND owner = :owner AND cancelling")
                .bind("owner", owner)
                .mapTo(String.class)
                .list());
    }
}
