package org.localav.orchestrator.door;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.localav.orchestrator.observe.Observatory;
import org.localav.orchestrator.service.Hall;

/** A service with its doors open on a free port, and a client that checks every answer against the contract. */
final class Lobby implements AutoCloseable {
    static final String YAML = "application/yaml";
    private static final ObjectMapper JSON = new ObjectMapper();

    final Hall hall;
    final Observatory observatory;
    final Doors doors;
    final Path home;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Contract contract = new Contract();

    Lobby(Path home, Map<String, String> more, Patience patience) throws Exception {
        Map<String, String> settings = new HashMap<>(Map.of("http.port", "0", "submit.roots", home.toString()));
        settings.putAll(more);
        this.home = home;
        hall = new Hall(home, settings);
        observatory = new Observatory(hall.meters, hall.studio.engine, hall.service, hall.store);
        doors = new Doors(hall.service, observatory, "test", Map.of(), patience);
        doors.start();
        observatory.open();
    }

    Lobby(Path home, Map<String, String> more) throws Exception {
        this(home, more, Patience.USUAL);
    }

    /** A spec that can be accepted, and fails when it is run. */
    static String spec(String id) {
        return "version: 1\njob: {id: " + id + "}\nassets: {voice: nowhere.wav}\n"
                + "audio: {tracks: {a: [{asset: voice}]}}\noutputs: [{path: out/" + id + ".wav, preset: wav-master}]\n";
    }

    String token() throws IOException {
        return Token.read(home.resolve("state/token")).text();
    }

    HttpRequest.Builder request(String path) throws IOException {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + doors.port() + path))
                .header("Authorization", "Bearer " + token());
    }

    HttpResponse<String> send(String method, String path, HttpRequest.Builder request) throws Exception {
        HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
        contract.check(method, path.replaceAll("\\?.*", ""), answer);
        return answer;
    }

    HttpResponse<String> get(String path, String... headers) throws Exception {
        return send("GET", path, with(request(path), headers));
    }

    HttpResponse<String> post(String path) throws Exception {
        return send("POST", path, request(path).POST(BodyPublishers.noBody()));
    }

    HttpResponse<String> post(String path, String type, String body, String... headers) throws Exception {
        HttpRequest.Builder request = with(request(path), headers).header("Content-Type", type);
        return send("POST", path, request.POST(BodyPublishers.ofString(body)));
    }

    private static HttpRequest.Builder with(HttpRequest.Builder request, String... headers) {
        return headers.length == 0 ? request : request.headers(headers);
    }

    HttpClient client() {
        return client;
    }

    static JsonNode json(HttpResponse<String> answer) throws IOException {
        return JSON.readTree(answer.body());
    }

    static String detail(HttpResponse<String> answer) throws IOException {
        return json(answer).get("detail").asText();
    }

    static List<String> ids(HttpResponse<String> page) throws IOException {
        List<String> ids = new ArrayList<>();
        json(page).get("jobs").forEach(job -> ids.add(job.get("id").asText()));
        return ids;
    }

    /** A connection on which a client does what no library lets it do. */
    Socket socket() throws IOException {
        Socket socket = new Socket("127.0.0.1", doors.port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** Sends these bytes and gives all that comes back until the connection is closed. */
    String raw(String bytes) throws IOException {
        try (Socket socket = socket()) {
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        doors.close();
        observatory.close();
        hall.close();
    }
}
