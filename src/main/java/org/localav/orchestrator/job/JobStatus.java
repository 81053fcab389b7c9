package org.localav.orchestrator.job;

import java.util.Locale;

/** How a job stands. */
public enum JobStatus {
    QUEUED,
    RUNNING,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public boolean ended() {
        return compareTo(RUNNING) > 0;
    }
}
