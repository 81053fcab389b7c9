package org.localav.orchestrator.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The database's own bell: LISTEN and NOTIFY. A trigger rings it with every event, in the transaction of the event. */
final class PostgresBell implements Bell {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresBell.class);
    private static final String WORDS = "avo_words";

    /** PostgreSQL takes less than 8,000 bytes. */
    private static final int LONGEST = 7_000;

    /** How long a look at the connection waits; a lost one is noticed by then. */
    private static final int LOOK_MILLIS = 5_000;

    private final PostgresServer server;
    private final Ringing ringing = new Ringing();
    private final Thread thread = new Thread(this::work, "bell");
    private volatile Consumer<String> listener = words -> {};
    private volatile boolean closing;

    PostgresBell(PostgresServer server) {
        this.server = server;
        thread.setDaemon(true);
        thread.start();
    }

    private void work() {
        while (!closing) {
            try (Connection connection = server.connection();
                    Statement statement = connection.createStatement()) {
                statement.execute("LISTEN " + PostgresServer.NEWS + "; LISTEN " + WORDS);
                // What happened before is news as well.
                ringing.rang();
                while (!closing) {
                    hear(connection.unwrap(PGConnection.class).getNotifications(LOOK_MILLIS));
                    statement.execute("SELECT 1");
                }
            } catch (SQLException | StoreException e) {
                LOG.debug("the bell of the store can't be heard", e);
                pause();
            }
        }
    }

    private void hear(PGNotification[] notes) {
        for (PGNotification note : notes) {
            if (note.getName().equals(WORDS)) {
                listener.accept(note.getParameter());
            } else {
                ringing.rang();
            }
        }
    }

    private void pause() {
        try {
            TimeUnit.SECONDS.sleep(1);
        } catch (InterruptedException e) {
            closing = true;
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void await(Duration longest) throws InterruptedException {
        ringing.await(longest);
    }

    /** The trigger has done it. */
    @Override
    public void ring() {}

    @Override
    public void tell(String words) {
        if (words.length() > LONGEST) {
            return;
        }
        try {
            server.read(handle -> handle.createQuery("SELECT 1 FROM pg_notify(:channel, :words)")
                    .bind("channel", WORDS)
                    .bind("words", words)
                    .mapTo(Integer.class)
                    .one());
        } catch (StoreException e) {
            LOG.debug("not told: {}", words, e);
        }
    }

    @Override
    public void listen(Consumer<String> heard) {
        listener = heard;
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
    }
}
