package org.localav.orchestrator.cache;

/** An entry is not what was put in; the sentence says in what. */
final class DamagedException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedException(String message) {
        super(message);
    }
}
