package org.localav.orchestrator.store;

import java.time.Instant;
import java.util.Optional;

/**
 * One try to deliver a message: a line of the delivery log.
 *
 * @param attempt from 1
 * @param tookMs how long it took
 * @param code the HTTP status, if there was an answer
 * @param error why it failed otherwise, a sentence
 */
public record Delivery(
        String messageId,
        String jobId,
        String url,
        int attempt,
        Instant at,
        long tookMs,
        Optional<Integer> code,
        Optional<String> error) {}
