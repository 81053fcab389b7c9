package org.localav.orchestrator.door;

import org.localav.orchestrator.store.JobRow;

/**
 * What became of a file of the inbox.
 *
 * @param how new, known or again
 */
record Taken(JobRow job, How how) {
    enum How {
        /** It is a job of its own. */
        NEW,
        /** It says the same as one before it, which is this job. */
        KNOWN,
        /** It says the same as one before it, whose job had failed or was cancelled and is in the queue again. */
        AGAIN
    }

    String sentence() {
        return switch (how) {
            case NEW -> "it is job " + job.id();
            case KNOWN ->
                "it says the same as job " + job.id() + ", which is "
                        + job.status().id() + ": no second job was made";
            case AGAIN -> "it says the same as job " + job.id() + ", which had not succeeded and is tried again";
        };
    }
}
