package org.localav.orchestrator.store;

import java.util.List;
import java.util.Optional;
import org.localav.orchestrator.job.JobStatus;

/**
 * How a run ended.
 *
 * @param status succeeded, failed or cancelled
 * @param error the sentence a failed one ended with
 * @param reason of the failure, as the metrics name it
 * @param report the run's report as JSON
 * @param messages for its webhooks; they enter the outbox in the same transaction
 */
public record Ending(
        JobStatus status,
        Optional<String> error,
        Optional<String> reason,
        Optional<String> report,
        List<OutboxMessage> messages) {
    public Ending {
        messages = List.copyOf(messages);
    }
}
