package org.localav.orchestrator.store;

import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.JdbiException;

/** What holds a job store: one connection that writes and a few that read, and all that each database does otherwise. */
abstract class Database implements AutoCloseable {
    /** The number of the newest migration; equal numbers mean equal tables, whatever the database. */
    static final int SCHEMA = 4;

    private final Writer writer = new Writer(this);
    private final Readers readers;

    /** @param mostReaders how many connections may read at once */
    Database(int mostReaders) {
        this.readers = new Readers(mostReaders, this);
    }

    /** To be called once, when it is up to date. */
    final void start() {
        writer.start();
    }

    /**
     * Does one piece of work as a whole: nothing of it stays when it throws, and nobody else writes meanwhile. The work may
     * run twice, and must not itself use the store.
     */
    final <T> T write(HandleCallback<T, RuntimeException> work) {
        return writer.write(work);
    }

    /** Reads beside the writer: what was committed when it begins. */
    final <T> T read(HandleCallback<T, RuntimeException> work) {
        try {
            return readers.read(work);
        } catch (JdbiException e) {
            throw failed("read", e);
        }
    }

    /** Whether other processes use it at the same time. A commit whose connection is lost may have been kept then. */
    abstract boolean shared();

    /** Opens what tells of changes by others; empty when it is not shared. */
    abstract Optional<Bell> bell();

    /** The time in milliseconds by the one clock that all who use it share. */
    abstract long now(Handle handle);

    /** Where it lies, for messages. */
    abstract String place();

    abstract Handle openWriter();

    abstract Handle openReader();

    /** Keeps all others from writing until the transaction ends. */
    abstract void lock(Handle writer);

    /** Whether a connection that was idle for a while still works. */
    abstract boolean works(Handle reader);

    /** @param what could not be done: read, written */
    abstract StoreException failed(String what, Throwable why);

    final void refuseWhenClosed() {
        if (writer.isClosed()) {
            throw new StoreException("the job store " + place() + " is closed", null);
        }
    }

    /** Gives back what no other process may use meanwhile. */
    void release() {}

    /** Waits for what is being read and written. */
    @Override
    public final void close() {
        if (!writer.close()) {
            return;
        }
        // Before the writer: of the last connection SQLite wants that it can write, to bring the log into the file.
        readers.close();
        try {
            writer.join();
            release();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
