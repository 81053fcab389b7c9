package org.localav.orchestrator.service;

/** There is no such job, or no longer. */
public final class UnknownJobException extends Exception {
    private static final long serialVersionUID = 1;

    public UnknownJobException(String id) {
        super("there is no job '" + id + "'; 'avo jobs' lists those there are");
    }
}
