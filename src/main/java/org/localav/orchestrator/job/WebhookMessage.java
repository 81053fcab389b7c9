package org.localav.orchestrator.job;

import java.util.Optional;

/**
 * What a webhook of a job is to be told.
 *
 * @param id the same at every try, so that a receiver can tell repetitions
 * @param secretEnv the environment variable that holds the secret it is signed with
 * @param type such as {@code job.succeeded}
 * @param body JSON
 */
public record WebhookMessage(String id, String url, Optional<String> secretEnv, String type, String body) {}
