package org.localav.orchestrator.service;

import java.util.Optional;
import org.localav.orchestrator.store.JobRow;

/** What was asked for does not fit how things stand; the message says how they do. */
public final class ConflictException extends Exception {
    private static final long serialVersionUID = 1;
    private final transient Optional<JobRow> job;

    public ConflictException(String message, Optional<JobRow> job) {
        super(message);
        this.job = job;
    }

    /** The job that stands in the way. */
    public Optional<JobRow> job() {
        return job == null ? Optional.empty() : job;
    }
}
