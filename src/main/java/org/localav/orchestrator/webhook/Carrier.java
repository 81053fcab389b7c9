package org.localav.orchestrator.webhook;

import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.WebhookMessage;

/** Takes a job's messages from its path to where they are delivered; whoever runs jobs chooses one. */
@FunctionalInterface
public interface Carrier extends AutoCloseable {
    /** Takes a message; returns at once, and fails for nothing that befalls the message. */
    void carry(Job job, WebhookMessage message);

    /** Waits for the messages of a job that nobody will care for after it. */
    default void settle(Job job) throws InterruptedException {}

    @Override
    default void close() {}
}
