package org.localav.orchestrator.webhook;

import java.time.Instant;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.WebhookMessage;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.OutboxMessage;
import org.localav.orchestrator.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service's way: a message about a job's end is left on the job and enters the outbox in the transaction that ends
 * it; one about its start enters the outbox at once.
 */
public final class Mailbox implements Carrier {
    private static final Logger LOG = LoggerFactory.getLogger(Mailbox.class);

    private final JobStore store;
    private final Runnable mail;

    /** @param mail is run when there is a message to deliver */
    public Mailbox(JobStore store, Runnable mail) {
        this.store = store;
        this.mail = mail;
    }

    @Override
    public void carry(Job job, WebhookMessage message) {
        if (job.status().ended()) {
            job.leave(message);
            return;
        }
        try {
            store.leave(OutboxMessage.of(job.id(), message, Instant.now()), job.run());
            mail.run();
        } catch (StoreException e) {
            LOG.error("{}; nobody is told that job {} has started", e.getMessage(), job.id());
        }
    }
}
