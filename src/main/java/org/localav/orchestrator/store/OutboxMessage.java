package org.localav.orchestrator.store;

import java.net.URI;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.localav.orchestrator.job.WebhookMessage;

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

    /** A new one, due at once, for a message that a job has left. */
    public static OutboxMessage of(String jobId, WebhookMessage m, Instant now) {
        return of(m.id(), jobId, m.url(), m.secretEnv(), m.type(), m.body(), now);
    }

    /** What is sent. */
    public WebhookMessage message() {
        return new WebhookMessage(id, url, secretEnv, type, body);
    }

    /** The server behind the URL, as {@code https://ci.example:8443}: several webhooks may lead to one. */
    public String receiver() {
        URI uri = URI.create(url);
        return (uri.getScheme() + "://" + uri.getRawAuthority()).toLowerCase(Locale.ROOT);
    }
}
