package org.localav.orchestrator.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A node as its clients see it, over HTTP. */
class AvoClient {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final int port;
    private final Path token;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    /** @param state the node's folder, in which its token lies */
    AvoClient(int port, Path state) {
        this.port = port;
        this.token = state.resolve("token");
    }

    final int port() {
        return port;
    }

    JsonNode job(String id) throws Exception {
        return JSON.readTree(get("/api/jobs/" + id).body());
    }

    JsonNode read(String path) throws Exception {
        return JSON.readTree(get(path).body());
    }

    /** How many jobs it knows. */
    int count() throws Exception {
        int count = 0;
        String cursor = "";
        do {
            JsonNode page = read("/api/jobs?limit=500" + cursor);
            count += page.path("jobs").size();
            cursor = page.has("next") ? "&cursor=" + page.path("next").asText() : "";
        } while (!cursor.isEmpty());
        return count;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Sends a spec; the same key is the same job however often it is sent. */
    HttpResponse<String> submit(String key, String spec, Path from) throws IOException, InterruptedException {
        String folder = URLEncoder.encode(from.toString(), StandardCharsets.UTF_8);
        return client.send(
                request("/api/jobs?folder=" + folder)
                        .header("Content-Type", "application/yaml")
                        .header("Idempotency-Key", key)
                        .POST(HttpRequest.BodyPublishers.ofString(spec))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return client.send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20));
        return Files.exists(token)
                ? request.header(
                        "Authorization", "Bearer " + Files.readString(token).strip())
                : request;
    }

    static boolean ended(JsonNode job) {
        return List.of("succeeded", "failed", "cancelled")
                .contains(job.path("status").asText());
    }
}
