package org.localav.orchestrator.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.localav.orchestrator.job.JobStatus;

/**
 * How many jobs ended alike within one step of time.
 *
 * @param at when the step begins
 * @param reason of failures, as the metrics name it
 * @param busy how long they ran, added up
 */
public record Tally(Instant at, JobStatus status, Optional<String> reason, long jobs, Duration busy) {}
