package org.localav.orchestrator.service;

/** There is no such output of a job, it isn't what the job has made any more, or it can't be shown that way. */
public final class NoOutputException extends Exception {
    private static final long serialVersionUID = 1;

    NoOutputException(String message) {
        super(message);
    }
}
