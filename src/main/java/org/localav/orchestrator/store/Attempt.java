package org.localav.orchestrator.store;

import java.time.Instant;
import java.util.Optional;

/**
 * One attempt of a stage of a job.
 *
 * @param run which run of the job it belongs to
 * @param attempt from 1
 * @param status as the stage's; an attempt that was followed by another has failed
 * @param error the sentence it failed with
 */
public record Attempt(
        String run,
        String stage,
        int attempt,
        String status,
        Instant startedAt,
        Optional<Instant> endedAt,
        Optional<String> error) {}
