package org.localav.orchestrator.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.localav.orchestrator.settings.InvalidSettingException;
import org.postgresql.Driver;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A store on a PostgreSQL server that several nodes share. Who writes holds one lock of the whole store until the commit,
 * as in a file of SQLite: so the same statements mean the same, and events become visible in the order of their numbers.
 * A node that stands still with the lock loses it, and its transaction, after a few seconds.
 */
final class PostgresServer extends Database {
    /** What the trigger tells those that listen on. */
    static final String NEWS = "avo_news";

    private static final String MIGRATIONS = "classpath:org/localav/orchestrator/store/migrations/postgresql";
    private static final int READERS = 8;
    private static final Duration CONNECTING = Duration.ofSeconds(5);

    /** How long one answer may take; longer than a lock is waited for. */
    private static final Duration ANSWERING = Duration.ofSeconds(12);

    private static final String LIMITS = "SET lock_timeout = '8s'; SET idle_in_transaction_session_timeout = '3s'";

    private final String url;
    private final Properties properties = new Properties();
    private final Jdbi jdbi = Jdbi.create((ConnectionFactory) this::connect);

    private PostgresServer(String url, String password) {
        super(READERS);
        this.url = url;
        properties.setProperty("connectTimeout", Long.toString(CONNECTING.toSeconds()));
        properties.setProperty("socketTimeout", Long.toString(ANSWERING.toSeconds()));
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("ApplicationName", "avo");
        if (!password.isEmpty()) {
            properties.setProperty("password", password);
        }
    }

    /**
     * Opens the store, makes its tables where there are none, and brings older ones up to date when no node uses them.
     *
     * @param password empty: as libpq finds it, in the file that PGPASSFILE names or ~/.pgpass
     */
    static PostgresServer open(String url, String password) {
        if (!url.startsWith("jdbc:postgresql://")) {
            throw new InvalidSettingException(
                    "store.url: '" + url.replaceFirst("\\?.*", "")
                            + "' is not a database this program knows; write jdbc:postgresql://HOST/DATABASE?user=NAME, or nothing");
        }
        if (url.matches(".*[?&](ssl)?password=.*")) {
            throw new InvalidSettingException(
                    "store.url holds a password, which others may read there; name the variable"
                            + " that holds it in store.password_env, or write it into ~/.pgpass");
        }
        PostgresServer opened = new PostgresServer(url, password);
        opened.update();
        opened.start();
        return opened;
    }

    private Connection connect() throws SQLException {
        return new Driver().connect(url, properties);
    }

    /** A connection of one's own, for what waits on it. */
    Connection connection() {
        try {
            return connect();
        } catch (SQLException e) {
            throw failed("reached", e);
        }
    }

    private void update() {
        int schema;
        List<String> nodes;
        try (Handle handle = jdbi.open()) {
            schema = handle.createQuery("SELECT to_regclass('flyway_schema_history') IS NOT NULL")
                            .mapTo(Boolean.class)
                            .one()
                    ? handle.createQuery(
                                    "SELECT coalesce(max(CAST(version AS INTEGER)), 0) FROM flyway_schema_history WHERE success")
                            .mapTo(Integer.class)
                            .one()
                    : 0;
            nodes = schema == 0 || schema >= SCHEMA ? List.of() : SqlNodes.alive(handle, now(handle));
        } catch (JdbiException e) {
            throw failed("read", e);
        }
        if (schema > SCHEMA) {
            throw new StoreException(
                    "the job store " + place() + " was changed by a newer version of this program (its schema is "
                            + schema + ", this version knows " + SCHEMA + "); run that version on every node",
                    null);
        }
        if (!nodes.isEmpty()) {
            throw new StoreException(
                    "the job store " + place() + " is in use by nodes of an older version (" + String.join(", ", nodes)
                            + "), and this version has to change its tables (schema " + schema + " to " + SCHEMA
                            + "); end those nodes first, then start this one",
                    null);
        }
        if (schema < SCHEMA) {
            migrate();
        }
    }

    private void migrate() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url);
        if (properties.containsKey("password")) {
            source.setPassword(properties.getProperty("password"));
        }
        try {
            Flyway.configure(PostgresServer.class.getClassLoader())
                    .dataSource(source)
                    .locations(MIGRATIONS)
                    .failOnMissingLocations(true)
                    .baselineVersion("0")
                    .loggers("slf4j")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw failed("brought up to date", e);
        }
    }

    @Override
    Handle openReader() {
        Handle reader = jdbi.open();
        // One state for all statements of a reading, as in a file of SQLite.
        reader.execute(
                LIMITS + "; SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        return reader;
    }

    @Override
    boolean works(Handle reader) {
        try {
            return reader.getConnection().isValid((int) CONNECTING.toSeconds());
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    Handle openWriter() {
        Handle writer = jdbi.open();
        writer.execute(LIMITS);
        return writer;
    }

    @Override
    void lock(Handle writer) {
        writer.createQuery("SELECT 1 FROM pg_advisory_xact_lock(hashtext('avo ' || current_schema()))")
                .mapTo(Integer.class)
                .one();
    }

    @Override
    boolean shared() {
        return true;
    }

    @Override
    Optional<Bell> bell() {
        return Optional.of(new PostgresBell(this));
    }

    @Override
    long now(Handle handle) {
        return handle.createQuery("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)")
                .mapTo(Long.class)
                .one();
    }

    /** The URL up to its parameters. */
    @Override
    String place() {
        return url.replaceFirst("\\?.*", "");
    }

    @Override
    StoreException failed(String what, Throwable e) {
        return new StoreException("the job store " + place() + " could not be " + what + ": " + advice(e), e);
    }

    private static String advice(Throwable e) {
        String state = "";
        Throwable root = e;
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                state = sql.getSQLState();
            }
            root = cause;
        }
        String said = String.valueOf(root.getMessage()).replaceAll("\\s*\\R\\s*", " ");
        if (state.startsWith("28")) {
            return "the server refuses the user or the password (" + said
                    + "); name the user in store.url as ?user=NAME, and the variable that holds the password in store.password_env";
        }
        if (state.startsWith("08")) {
            return "the server does not answer (" + said + "); see that it runs and that store.url leads to it";
        }
        return switch (state) {
            case "3D000" -> said + "; make it: createdb NAME";
            case "42501" -> said + "; let the user of store.url own the database or its schema";
            case "53100" -> "the server's disk is full; make room on it, and the work goes on";
            case "53300" -> said + "; raise max_connections of the server to ten for each node";
            case "55P03" ->
                "another node has kept it locked; the work goes on when that node ends or is frozen for 3 s";
            case "57P01", "57P02", "57P03" -> "the server is ending or starting (" + said + ")";
            default -> said;
        };
    }
}
