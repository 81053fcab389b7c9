package org.localav.orchestrator.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of one stage of one job.
 *
 * @param attempts 1, and one more for each step that failed and was tried again
 * @param error the sentence it ended with, when it failed
 * @param metadata figures worth seeing beside it, such as the number of its steps
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record StageRecord(
        String jobId,
        String stage,
        String status,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt,
        int attempts,
        Optional<String> error,
        Map<String, Object> metadata) {
    public StageRecord {
        metadata = Map.copyOf(metadata);
    }
}
