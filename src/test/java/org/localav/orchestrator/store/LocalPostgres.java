package org.localav.orchestrator.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real PostgreSQL for tests, once for all that want the same one. It does not wait for the disk: what it loses in a power
 * cut is not what is tested.
 */
public final class LocalPostgres implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static LocalPostgres common;

    private final Path folder;
    private final int port;
    private LocalServer server;

    public LocalPostgres() throws Exception {
        folder = Files.createTempDirectory("avo-postgres");
        port = LocalServer.freePort();
        start();
    }

    /** The one that all tests of this process share. */
    public static synchronized LocalPostgres common() throws Exception {
        if (common == null) {
            common = new LocalPostgres();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    common.close();
                } catch (Exception e) {
                    e.printStackTrace();
                }
            }));
        }
        return common;
    }

    /** Starts it, again after {@link #kill}, and waits until it answers. */
    public void start() throws Exception {
        server = LocalServer.start(
                "postgres", folder, port, "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=200");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try {
                connect("postgres").close();
                return;
            } catch (SQLException e) {
                if (!server.alive() || System.nanoTime() > end) {
                    throw new IllegalStateException(
                            "PostgreSQL did not start: " + Files.readString(LocalServer.log(folder)), e);
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    /** {@code kill -9}. */
    public void kill() throws InterruptedException {
        server.kill();
    }

    public int port() {
        return port;
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(url(database));
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=avo";
    }

    /** Makes a database and gives its URL. */
    public String database() throws SQLException {
        return database("template1");
    }

    /** One that has a store's tables already. */
    synchronized String store() throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            if (!statement
                    .executeQuery("SELECT 1 FROM pg_database WHERE datname = 'stores'")
                    .next()) {
                statement.execute("CREATE DATABASE stores");
                SqlJobStore.open(url("stores"), "").close();
            }
        }
        return database("stores");
    }

    private String database(String template) throws SQLException {
        String name = "d" + NUMBER.incrementAndGet();
        execute("postgres", "CREATE DATABASE " + name + " TEMPLATE " + template);
        return url(name);
    }

    private void execute(String database, String sql) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws InterruptedException, IOException {
        server.close();
        org.localav.orchestrator.cache.StepStore.remove(folder);
    }
}
