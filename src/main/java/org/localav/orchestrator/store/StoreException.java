package org.localav.orchestrator.store;

/** The store can't be read or written; the message says which file and what to do. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
