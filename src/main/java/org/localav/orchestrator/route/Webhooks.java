package org.localav.orchestrator.route;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.camel.Exchange;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.Published;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.spec.JobSpec.Webhook;
import org.localav.orchestrator.stage.FailureReason;
import org.localav.orchestrator.stage.StageLifecycle;

/**
 * What the routes call {@code webhooks}: tells a job's receivers how it ended, with the headers and the HMAC-SHA256
 * signature of the Standard Webhooks specification. Redirects are not followed.
 */
public final class Webhooks {
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final List<Duration> WAITS = List.of(Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(3));

    private final Map<String, String> environment;

    /** @param environment where secrets are found by the names that specs give */
    Webhooks(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /** The receivers that asked for this end; none in a job that was cancelled by ending the program. */
    public List<Webhook> due(Exchange exchange) {
        Job job = StageLifecycle.job(exchange);
        return job.spec().job().webhooks().stream()
                .filter(w -> w.events().contains(job.status().id()))
                .toList();
    }

    /** Delivers to the webhook in the body; a failure is noted and fails nothing. */
    public void deliver(Exchange exchange) throws InterruptedException, JsonProcessingException {
        Webhook webhook = exchange.getMessage().getBody(Webhook.class);
        Job job = StageLifecycle.job(exchange);
        byte[] body = Report.JSON.writeValueAsBytes(message(job));
        String problem = "";
        for (Duration wait : WAITS) {
            Thread.sleep(wait.toMillis());
            try {
                int status = post(webhook, job, body);
                if (status >= 200 && status < 300) {
                    return;
                }
                problem = "answered " + status;
                if (status == 410) {
                    break;
                }
            } catch (IOException e) {
                problem = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                problem = e.getMessage();
                break;
            }
        }
        job.note("the webhook at " + URI.create(webhook.url()).getHost() + " was not told: " + problem);
    }

    private int post(Webhook webhook, Job job, byte[] body)
            throws IOException, InterruptedException, GeneralSecurityException {
        HttpClient client = HttpClient.newBuilder()
                .connectTimeout(Duration.ofSeconds(5))
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        String id = "msg_" + job.run() + "_" + job.status().id();
        String time = Long.toString(Instant.now().getEpochSecond());
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(webhook.url()))
                .timeout(LIMIT)
                .header("Content-Type", "application/json")
                .header("User-Agent", "avo")
                .header("webhook-id", id)
                .header("webhook-timestamp", time)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        Optional<String> secret = secret(webhook);
        if (secret.isPresent()) {
            request.header("webhook-signature", "v1," + sign(secret.get(), id, time, body));
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private Optional<String> secret(Webhook webhook) {
        if (webhook.secretEnv().isEmpty()) {
            return Optional.empty();
        }
        String name = webhook.secretEnv().get();
        String secret = environment.get(name);
        if (secret == null || secret.isBlank()) {
            throw new IllegalArgumentException("the variable " + name + " (secret_env) is not set");
        }
        return Optional.of(secret);
    }

    /** Over {@code id.timestamp.body}, Base64; a secret that begins with {@code whsec_} is Base64 itself. */
    static String sign(String secret, String id, String time, byte[] body) throws GeneralSecurityException {
        byte[] key = secret.startsWith("whsec_")
                ? Base64.getDecoder().decode(secret.substring("whsec_".length()))
                : secret.getBytes(StandardCharsets.UTF_8);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((id + "." + time + ".").getBytes(StandardCharsets.UTF_8));
        return Base64.getEncoder().encodeToString(mac.doFinal(body));
    }

    private static Map<String, Object> message(Job job) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("job_id", job.id());
        data.put("status", job.status().id());
        data.put("tags", job.spec().job().tags());
        data.put("outputs", job.published().stream().map(Webhooks::output).toList());
        job.failure().ifPresent(f -> data.put("error", FailureReason.sentence(f)));
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("type", "job." + job.status().id());
        message.put("timestamp", Instant.now());
        message.put("data", data);
        return message;
    }

    private static Map<String, Object> output(Published published) {
        return Map.of(
                "path",
                published.file(),
                "sha256",
                published.sha256(),
                "bytes",
                published.bytes(),
                "preset",
                published.preset());
    }
}
