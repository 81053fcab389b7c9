package org.localav.orchestrator.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;

/** Something to be written in a transaction that it may share; its result is told only after the commit. */
final class Writing<T> {
    private final HandleCallback<T, RuntimeException> work;
    private final CompletableFuture<T> told = new CompletableFuture<>();
    private T result;

    Writing(HandleCallback<T, RuntimeException> work) {
        this.work = work;
    }

    void runIn(Handle handle) {
        result = work.withHandle(handle);
    }

    void committed() {
        told.complete(result);
    }

    void failed(Throwable why) {
        told.completeExceptionally(why);
    }

    /** Waits for it. */
    T result() {
        try {
            return told.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        }
    }
}
