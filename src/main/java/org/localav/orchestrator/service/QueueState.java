package org.localav.orchestrator.service;

import java.util.Locale;
import java.util.Map;
import org.localav.orchestrator.job.JobStatus;

/**
 * How the queue stands.
 *
 * @param concurrent how many jobs may run at once here
 * @param jobs how many there are of each status
 */
public record QueueState(Mode mode, int concurrent, Map<JobStatus, Long> jobs) {
    /** Whether jobs start. */
    public enum Mode {
        /** Jobs start as there is room. */
        RUNNING,
        /** No job starts; running ones go on to their end. */
        PAUSED,
        /** No job starts, and the programs of running ones stand still. */
        SUSPENDED;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
