package org.localav.orchestrator.store;

import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.localav.orchestrator.job.JobStatus;

/**
 * Which jobs to list, newest first.
 *
 * @param statuses empty: all
 * @param tags all of which a job must have
 * @param before only jobs with a smaller number
 * @param limit at most so many, from 1
 */
public record JobQuery(Set<JobStatus> statuses, Map<String, String> tags, OptionalLong before, int limit) {
    public JobQuery {
        statuses = Set.copyOf(statuses);
        tags = Map.copyOf(tags);
    }
}
