package org.localav.orchestrator.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Published;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.job.WebhookMessage;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.JobSpec.Webhook;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.store.JobRow;
import org.localav.orchestrator.store.OutboxMessage;

/** What receivers are told of a job: how it stands and what it has made, small enough to be sent often. */
public final class Announcement {
    private static final ObjectWriter JSON = Report.JSON.writer().without(SerializationFeature.INDENT_OUTPUT);

    private Announcement() {}

    /**
     * The message of one event to one receiver.
     *
     * @param number of the webhook in the spec, since several may ask for the same event
     * @param event such as {@code succeeded}
     * @param error the sentence a failed job ended with
     */
    public static WebhookMessage of(Job job, Webhook webhook, int number, String event, Optional<String> error) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("job_id", job.id());
        data.put("run", job.run());
        data.put("status", job.status().id());
        job.spec().job().title().ifPresent(title -> data.put("title", title));
        data.put("tags", job.spec().job().tags());
        data.put("outputs", job.published().stream().map(Announcement::output).toList());
        error.ifPresent(sentence -> data.put("error", sentence));
        String body = json(body(event, job.endedAt().orElseGet(Instant::now), data));
        // No full stop in it: the signature tells id, time and body apart by theirs.
        String id = "msg_" + job.run() + "_" + event + "_" + number;
        return new WebhookMessage(id, webhook.url(), webhook.secretEnv(), "job." + event, body);
    }

    /** What a job's webhooks are told when it is cancelled while it is not running anywhere. */
    public static List<OutboxMessage> cancelled(JobRow job, String spec) {
        return ended(job, spec, JobStatus.CANCELLED, Optional.empty());
    }

    /**
     * What a job's webhooks are told when it ends without having come as far as its path.
     *
     * @param spec its text
     */
    public static List<OutboxMessage> ended(JobRow job, String spec, JobStatus how, Optional<String> error) {
        List<Webhook> webhooks;
        try {
            boolean json = job.specName().endsWith(".json");
            webhooks = SpecReader.read(job.specName(), spec, json).spec().job().webhooks();
        } catch (InvalidSpecException e) {
            // Written by an older version, and not to be understood by this one.
            return List.of();
        }
        Instant now = Instant.now();
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("job_id", job.id());
        job.run().ifPresent(run -> data.put("run", run));
        data.put("status", how.id());
        job.title().ifPresent(title -> data.put("title", title));
        data.put("tags", job.tags());
        data.put("outputs", List.of());
        error.ifPresent(sentence -> data.put("error", sentence));
        return webhooks.stream()
                .filter(w -> w.events().contains(how.id()))
                .map(w -> OutboxMessage.of(
                        "msg_" + UUID.randomUUID(),
                        job.id(),
                        w.url(),
                        w.secretEnv(),
                        "job." + how.id(),
                        json(body(how.id(), now, data)),
                        now))
                .toList();
    }

    private static Map<String, Object> body(String event, Instant at, Map<String, Object> data) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "job." + event);
        body.put("timestamp", at);
        body.put("data", data);
        return body;
    }

    private static Map<String, Object> output(Published published) {
        Map<String, Object> output = new LinkedHashMap<>();
        output.put("path", published.file());
        output.put("preset", published.preset());
        output.put("sha256", published.sha256());
        output.put("bytes", published.bytes());
        return output;
    }

    private static String json(Map<String, Object> body) {
        try {
            return JSON.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
