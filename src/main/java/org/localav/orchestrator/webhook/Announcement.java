package org.localav.orchestrator.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.Published;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.job.WebhookMessage;
import org.localav.orchestrator.spec.JobSpec.Webhook;

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
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "job." + event);
        body.put("timestamp", job.endedAt().orElseGet(Instant::now));
        body.put("data", data);
        // No full stop in it: the signature tells id, time and body apart by theirs.
        String id = "msg_" + job.run() + "_" + event + "_" + number;
        return new WebhookMessage(id, webhook.url(), webhook.secretEnv(), "job." + event, json(body));
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
