package org.localav.orchestrator.door;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.job.StageRecord;
import org.localav.orchestrator.store.JobRow;

/**
 * A job as clients see it.
 *
 * @param node that runs it
 * @param stages of its latest run; in lists left out
 * @param outputs of its latest run, once it has ended; in lists left out
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record JobDocument(
        String id,
        String status,
        Optional<String> title,
        Map<String, String> tags,
        List<String> labels,
        int priority,
        String origin,
        String specName,
        Path folder,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt,
        int runs,
        Optional<String> run,
        Optional<String> node,
        boolean cancelling,
        Optional<String> waiting,
        Optional<String> error,
        Optional<String> reason,
        Optional<List<StageRecord>> stages,
        Optional<JsonNode> outputs) {

    static JobDocument of(JobRow job) {
        return of(job, Optional.empty(), Optional.empty());
    }

    static JobDocument of(JobRow job, Optional<List<StageRecord>> stages, Optional<JsonNode> outputs) {
        return new JobDocument(
                job.id(),
                job.status().id(),
                job.title(),
                job.tags(),
                job.labels(),
                job.priority(),
                job.origin(),
                job.specName(),
                job.folder(),
                job.createdAt(),
                job.startedAt(),
                job.endedAt(),
                job.runs(),
                job.run(),
                job.owner(),
                job.cancelling(),
                job.waiting(),
                job.error(),
                job.reason(),
                stages,
                outputs);
    }

    /** Where it can be read. */
    String location() {
        return location(id);
    }

    static String location(String id) {
        return "/api/jobs/"
                + java.net.URLEncoder.encode(id, java.nio.charset.StandardCharsets.UTF_8)
                        .replace("+", "%20");
    }
}
