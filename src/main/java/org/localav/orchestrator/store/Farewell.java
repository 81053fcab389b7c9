package org.localav.orchestrator.store;

import java.util.List;

/**
 * What a job's webhooks are told when the store itself ends the job as cancelled, because it is not running anywhere; the
 * messages enter the outbox in the same transaction.
 */
@FunctionalInterface
public interface Farewell {
    /** Nobody is told. */
    Farewell SILENT = (job, spec) -> List.of();

    /**
     * The messages.
     *
     * @param job as it was before
     * @param spec its text
     */
    List<OutboxMessage> of(JobRow job, String spec);
}
