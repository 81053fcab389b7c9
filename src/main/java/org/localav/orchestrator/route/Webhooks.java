package org.localav.orchestrator.route;

import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.spec.JobSpec.Webhook;
import org.localav.orchestrator.stage.FailureReason;
import org.localav.orchestrator.stage.StageLifecycle;
import org.localav.orchestrator.webhook.Announcement;
import org.localav.orchestrator.webhook.Carrier;

/** What the routes call {@code webhooks}: writes a job's messages to the receivers that asked for them. */
public final class Webhooks {
    private final Carrier carrier;

    Webhooks(Carrier carrier) {
        this.carrier = carrier;
    }

    /** Tells that the job has started. */
    public void started(Exchange exchange) {
        tell(StageLifecycle.job(exchange), "started");
    }

    /** Tells how the job ended; whatever becomes of the messages changes nothing about it. */
    public void ended(Exchange exchange) throws InterruptedException {
        Job job = StageLifecycle.job(exchange);
        tell(job, job.status().id());
        carrier.settle(job);
    }

    private void tell(Job job, String event) {
        List<Webhook> webhooks = job.spec().job().webhooks();
        Optional<String> error =
                job.status() == JobStatus.FAILED ? job.failure().map(FailureReason::sentence) : Optional.empty();
        for (int i = 0; i < webhooks.size(); i++) {
            if (webhooks.get(i).events().contains(event)) {
                carrier.carry(job, Announcement.of(job, webhooks.get(i), i, event, error));
            }
        }
    }
}
