package org.localav.orchestrator.store;

import java.time.Instant;
import java.util.Optional;

/**
 * A message to a webhook, kept until it is delivered or given up.
 *
 * @param id the {@code webhook-id} header: the same at every try, so that a receiver can tell repetitions
 * @param secretEnv the environment variable that holds the secret it is signed with
 * @param type such as {@code job.succeeded}
 * @param body JSON
 * @param status pending, delivered, refused (410: the receiver wants no more) or given_up
 * @param tries so far
 * @param nextTry when it is due while pending
 */
public record OutboxMessage(
        String id,
        String jobId,
        String url,
        Optional<String> secretEnv,
        String type,
        String body,
        Instant createdAt,
        String status,
        int tries,
        Instant nextTry) {
    /** A new one, due at once. */
    public static OutboxMessage of(
            String id, String jobId, String url, Optional<String> secretEnv, String type, String body, Instant now) {
        return new OutboxMessage(id, jobId, url, secretEnv, type, body, now, "pending", 0, now);
    }
}
