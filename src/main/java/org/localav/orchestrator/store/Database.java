package org.localav.orchestrator.store;

import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;

/** What holds a job store: everything about it that another database does otherwise. */
interface Database extends AutoCloseable {
    /** The number of the newest migration; equal numbers mean equal tables, whatever the database. */
    int SCHEMA = 3;

    /**
     * Does one piece of work as a whole: nothing of it stays when it throws, and nobody else writes meanwhile. The work may
     * run twice, and must not itself use the store.
     */
    <T> T write(HandleCallback<T, RuntimeException> work);

    /** Reads beside the writer: what was committed when it begins. */
    <T> T read(HandleCallback<T, RuntimeException> work);

    /** Whether other processes use it at the same time. */
    boolean shared();

    /** Opens what tells of changes by others; empty when it is not shared. */
    Optional<Bell> bell();

    /** The time in milliseconds by the one clock that all who use it share. */
    long now(Handle handle);

    /** Where it lies, for messages. */
    String place();

    @Override
    void close();
}
