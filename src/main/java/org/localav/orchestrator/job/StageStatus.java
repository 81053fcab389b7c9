package org.localav.orchestrator.job;

import java.util.Locale;

/** How a stage of a job stands. */
public enum StageStatus {
    PENDING,
    RUNNING,
    RETRYING,
    SUCCEEDED,
    REUSED,
    FAILED,
    CANCELLED,
    ROLLED_BACK;

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public boolean ended() {
        return compareTo(RETRYING) > 0;
    }
}
