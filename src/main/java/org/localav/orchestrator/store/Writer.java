package org.localav.orchestrator.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.JdbiException;

/**
 * The one thread of this process that writes into a database. What several threads want to write at once shares a
 * transaction, because most of the time of one goes into waiting for the disk.
 */
final class Writer {
    /** As many pieces of work share a transaction at most. */
    private static final int TOGETHER = 200;

    private final Database database;
    private final BlockingQueue<Writing<?>> waiting = new LinkedBlockingQueue<>();
    private final Writing<Boolean> end = new Writing<>(handle -> true);
    private final Thread thread = new Thread(this::writeOn, "job-store");
    private Handle handle;
    private boolean closed;

    Writer(Database database) {
        this.database = database;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    <T> T write(HandleCallback<T, RuntimeException> work) {
        Writing<T> mine = new Writing<>(work);
        synchronized (waiting) {
            database.refuseWhenClosed();
            waiting.add(mine);
        }
        return mine.result();
    }

    private void writeOn() {
        List<Writing<?>> together = new ArrayList<>();
        try {
            while (true) {
                together.add(waiting.take());
                waiting.drainTo(together, TOGETHER - 1);
                boolean last = together.remove(end);
                if (!together.isEmpty()) {
                    write(together);
                }
                if (last) {
                    return;
                }
                together.clear();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the thread of a store", e);
        } finally {
            if (handle != null) {
                handle.close();
            }
        }
    }

    /** When one of them fails, each is tried again alone, so that it fails by itself. */
    private void write(List<Writing<?>> together) {
        boolean[] committing = {false};
        try {
            if (handle == null) {
                handle = database.openWriter();
            }
            handle.useTransaction(open -> {
                database.lock(open);
                together.forEach(work -> work.runIn(open));
                committing[0] = true;
            });
        } catch (RuntimeException | Error e) {
            if (e instanceof JdbiException broken) {
                // Whatever state it is in: the next transaction begins with a connection of its own.
                drop(broken);
            }
            if (together.size() == 1 || committing[0] && database.shared()) {
                Throwable told = e instanceof JdbiException ? database.failed("written", e) : e;
                together.forEach(work -> work.failed(told));
            } else {
                together.forEach(work -> write(List.of(work)));
            }
            return;
        }
        together.forEach(Writing::committed);
    }

    private void drop(JdbiException reason) {
        if (handle != null) {
            try {
                handle.close();
            } catch (JdbiException e) {
                reason.addSuppressed(e);
            }
            handle = null;
        }
    }

    /** Takes no more work; false when it was closed already. */
    boolean close() {
        synchronized (waiting) {
            if (closed) {
                return false;
            }
            closed = true;
            return true;
        }
    }

    boolean isClosed() {
        synchronized (waiting) {
            return closed;
        }
    }

    /** Waits until what was to be written is, and closes the connection. */
    void join() throws InterruptedException {
        synchronized (waiting) {
            waiting.add(end);
        }
        thread.join();
    }
}
