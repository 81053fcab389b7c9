package org.localav.orchestrator.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.settings.Settings;

/** The running service as its clients see it: asks over HTTP, and turns what goes wrong into sentences. */
final class Server {
    static final JsonMapper JSON = new JsonMapper();

    private static final Duration CONNECTING = Duration.ofSeconds(5);
    private static final Duration ANSWERING = Duration.ofSeconds(60);

    /** Pauses between tries of a request that may be repeated and whose answer was lost. */
    private static final List<Duration> PAUSES =
            List.of(Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(6));

    /** After this no further try is made. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final HttpClient http;
    private final ServerAddress address;

    private Server(ServerAddress address) {
        this.address = address;
        this.http = HttpClient.newBuilder()
                // Without it each first request asks in vain for HTTP/2.
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECTING)
                .build();
    }

    /** @param named by {@code --server} */
    static Server of(Optional<String> named, Settings settings, Map<String, String> environment) {
        return new Server(ServerAddress.find(named, settings, environment));
    }

    /** A path to one job, or to something of it. */
    static String job(String id, String rest) {
        return "/api/jobs/" + encoded(id).replace("+", "%20") + rest;
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    JsonNode get(String path) throws IOException, InterruptedException, RefusedException {
        return answer(repeated(request(path).timeout(ANSWERING).GET().build()));
    }

    /** Asks for a change that a second request might make twice, and so sends it once. */
    JsonNode post(String path) throws IOException, InterruptedException, RefusedException {
        return post(path, "application/json", new byte[0]);
    }

    private JsonNode post(String path, String type, byte[] body)
            throws IOException, InterruptedException, RefusedException {
        return answer(send(posting(path, type, body).build()));
    }

    /** Pauses the queue or lets it run; asking twice does no harm. */
    JsonNode rule(String mode) throws IOException, InterruptedException, RefusedException {
        byte[] body = JSON.createObjectNode().put("mode", mode).toString().getBytes(StandardCharsets.UTF_8);
        return post("/api/queue", "application/json", body);
    }

    /** Gives a job another priority; asking twice does no harm. */
    JsonNode prioritise(String id, int priority) throws IOException, InterruptedException, RefusedException {
        byte[] body =
                JSON.createObjectNode().put("priority", priority).toString().getBytes(StandardCharsets.UTF_8);
        return post(job(id, "/priority"), "application/json", body);
    }

    String url() {
        return address.url();
    }

    /** Asks for a change under a key by which the service knows a repetition: sent again when the answer is lost. */
    JsonNode postOnce(String path, String type, byte[] body, String key)
            throws IOException, InterruptedException, RefusedException {
        return answer(repeated(
                posting(path, type, body).header("Idempotency-Key", key).build()));
    }

    private HttpRequest.Builder posting(String path, String type, byte[] body) {
        BodyPublisher publisher = body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body);
        return request(path).timeout(ANSWERING).header("Content-Type", type).POST(publisher);
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address.url() + path))
                .header("User-Agent", "avo/" + Version.text())
                .header("Accept", "application/json");
        address.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        return request;
    }

    private HttpResponse<byte[]> repeated(HttpRequest request) throws IOException, InterruptedException {
        boolean lost = false;
        long end = System.nanoTime() + LONGEST.toNanos();
        for (Duration pause : PAUSES) {
            try {
                return http.send(request, BodyHandlers.ofByteArray());
            } catch (IOException e) {
                boolean unreached = e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
                if ((unreached && !lost) || System.nanoTime() > end) {
                    throw silent(request, e);
                }
                lost = true;
            }
            Thread.sleep(pause.toMillis());
        }
        return send(request);
    }

    private HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
        try {
            return http.send(request, BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw silent(request, e);
        }
    }

    /** What to say when nobody answers. */
    IOException silent(HttpRequest request, Throwable failure) {
        if (failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException) {
            return new IOException(
                    "no service answers at " + address.url() + "; is it running? 'avo serve' starts it", failure);
        }
        String why = failure instanceof HttpTimeoutException
                ? "it took longer than " + ANSWERING.toSeconds() + " s"
                : String.valueOf(failure.getMessage());
        String rest = request.method().equals("POST") ? "; whether it was done, 'avo jobs' shows" : "";
        return new IOException("the answer of the service at " + address.url() + " was lost: " + why + rest, failure);
    }

    private JsonNode answer(HttpResponse<byte[]> response) throws IOException, RefusedException {
        int status = response.statusCode();
        if (status >= 300) {
            throw refusal(status, response.body());
        }
        return json(response.body())
                .orElseThrow(() -> new IOException(
                        "what answers at " + address.url() + " is not this service: its answer is no JSON"));
    }

    private static Optional<JsonNode> json(byte[] body) throws IOException {
        try {
            return Optional.of(JSON.readTree(body)).filter(JsonNode::isObject);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    RefusedException refusal(int status, byte[] body) throws IOException {
        if (status == 401) {
            return new RefusedException(status, address.tokenAdvice());
        }
        Optional<JsonNode> problem = json(body).filter(p -> p.has("detail"));
        return problem.isPresent()
                ? RefusedException.of(status, problem.get())
                : new RefusedException(
                        status,
                        "what answers at " + address.url() + " is not this service: it answered " + status
                                + " without a problem document");
    }

    /** Follows a stream of events over lost connections, each told to the listener, until the server says it is over. */
    void follow(String path, EventSource.Listener listener) throws IOException, InterruptedException, RefusedException {
        new EventSource(this, http, () -> request(path).setHeader("Accept", "text/event-stream"), listener).follow();
    }
}
