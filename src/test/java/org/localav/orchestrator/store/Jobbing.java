package org.localav.orchestrator.store;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.StageRecord;

/** Jobs for tests of the store, and what is done with them. */
final class Jobbing {
    static final Function<List<String>, Optional<String>> ANY = labels -> Optional.empty();
    static final Instant NOW = Instant.ofEpochMilli(1_790_000_000_123L);

    private Jobbing() {}

    static NewJob job(String id) {
        return job(id, 5);
    }

    static NewJob job(String id, int priority, String... labels) {
        return new NewJob(
                id,
                priority,
                List.of(labels),
                Map.of(),
                Optional.empty(),
                "http",
                "version: 1\n# " + id,
                "job.yaml",
                Path.of("/media/" + id),
                false,
                NOW,
                Optional.empty(),
                Map.of());
    }

    static NewJob keyed(String id, String key, String fingerprint) {
        return keyed(id, key, fingerprint, NOW);
    }

    static NewJob keyed(String id, String key, String fingerprint, Instant at) {
        NewJob job = job(id);
        return new NewJob(
                id,
                job.priority(),
                job.labels(),
                job.tags(),
                job.title(),
                job.origin(),
                job.spec(),
                job.specName(),
                job.folder(),
                job.overwrite(),
                at,
                Optional.of(new NewJob.Key(key, fingerprint)),
                Map.of());
    }

    static NewJob tagged(String id, Map<String, String> tags) {
        NewJob job = job(id);
        return new NewJob(
                id,
                job.priority(),
                job.labels(),
                tags,
                Optional.of("Title of " + id),
                "inbox",
                job.spec(),
                job.specName(),
                job.folder(),
                true,
                NOW,
                Optional.empty(),
                Map.of());
    }

    static StageRecord stage(Claim claim, String stage, String status, int attempts, String error) {
        boolean ended = !List.of("pending", "running", "retrying").contains(status);
        return new StageRecord(
                claim.job().id(),
                stage,
                status,
                Optional.of(NOW),
                ended ? Optional.of(NOW.plusSeconds(2)) : Optional.empty(),
                attempts,
                Optional.ofNullable(error),
                Map.of("inputs", 3, "uses_gpu", false));
    }

    static Ending ending(JobStatus status, OutboxMessage... messages) {
        boolean failed = status == JobStatus.FAILED;
        return new Ending(
                status,
                failed ? Optional.of("ffmpeg ended with 1") : Optional.empty(),
                failed ? Optional.of("error") : Optional.empty(),
                Optional.of("{\"status\":\"" + status.id() + "\"}"),
                List.of(messages));
    }

    static OutboxMessage message(String id, String jobId, String url) {
        return OutboxMessage.of(
                id, jobId, url, Optional.of("HOOK_SECRET"), "job.succeeded", "{\"id\":\"" + jobId + "\"}", NOW);
    }
}
