package org.localav.orchestrator.store;

import java.time.Instant;

/**
 * Something that happened to a job.
 *
 * @param number in order over all jobs, from 1, without reuse; what {@code Last-Event-ID} names
 * @param type accepted, started, stage, note, cancelling, requeued, retried, waiting, priority, succeeded, failed or cancelled
 * @param data a JSON object
 */
public record Event(long number, String jobId, Instant at, String type, String data) {}
