package org.localav.orchestrator.store;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.job.JobStatus;

/**
 * A job as the store has it; everything but its spec's text, which is read only where it is needed.
 *
 * @param number in order of acceptance, from 1; what cursors count in
 * @param priority 0 to 9, higher first
 * @param labels what a node must have to run it
 * @param origin the way it came in: inbox, http or cli
 * @param specName what its spec is called in messages; a file name
 * @param folder what the spec's relative paths start from; absolute
 * @param overwrite whether the operator allowed this job to replace outputs ({@code force: true})
 * @param runs how often it was started
 * @param run names its latest run, under which the archive has its report
 * @param owner the node that runs it
 * @param cancelling whether it was asked to end
 * @param waiting why it doesn't start though there is room for it, such as a label that no node has
 * @param reason of a failure, as the metrics name it
 * @param version grows with every change; what an ETag is made of
 */
public record JobRow(
        String id,
        long number,
        JobStatus status,
        int priority,
        List<String> labels,
        Map<String, String> tags,
        Optional<String> title,
        String origin,
        String specName,
        Path folder,
        boolean overwrite,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt,
        int runs,
        Optional<String> run,
        Optional<String> owner,
        boolean cancelling,
        Optional<String> waiting,
        Optional<String> error,
        Optional<String> reason,
        long version) {
    public JobRow {
        labels = List.copyOf(labels);
        tags = Map.copyOf(tags);
    }
}
