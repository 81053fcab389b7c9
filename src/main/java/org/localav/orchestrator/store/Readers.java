package org.localav.orchestrator.store;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;

/** A few connections that only read, opened as they are needed and kept. */
final class Readers {
    private final int most;
    private final Database database;
    private final Semaphore left;
    private final Deque<Idle> idle = new ArrayDeque<>();

    private record Idle(Handle handle, long since) {}

    /** Younger ones are not asked whether they still work. */
    private static final long FRESH_NANOS = 200_000_000;

    Readers(int most, Database database) {
        this.most = most;
        this.database = database;
        this.left = new Semaphore(most);
    }

    <T> T read(HandleCallback<T, RuntimeException> work) {
        left.acquireUninterruptibly();
        Handle reader = null;
        try {
            reader = take();
            T found = reader.inTransaction(work);
            synchronized (idle) {
                idle.push(new Idle(reader, System.nanoTime()));
            }
            reader = null;
            return found;
        } finally {
            if (reader != null) {
                reader.close();
            }
            left.release();
        }
    }

    private Handle take() {
        while (true) {
            Idle kept;
            synchronized (idle) {
                kept = idle.poll();
            }
            if (kept == null) {
                database.refuseWhenClosed();
                return database.openReader();
            }
            if (System.nanoTime() - kept.since() < FRESH_NANOS || database.works(kept.handle())) {
                return kept.handle();
            }
            kept.handle().close();
        }
    }

    /** Waits for what is being read. */
    void close() {
        left.acquireUninterruptibly(most);
        try {
            synchronized (idle) {
                idle.forEach(kept -> kept.handle().close());
                idle.clear();
            }
        } finally {
            left.release(most);
        }
    }
}
