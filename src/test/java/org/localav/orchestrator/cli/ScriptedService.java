package org.localav.orchestrator.cli;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers as the service was seen to answer, over real connections, and can lose them as a real one may. */
final class ScriptedService implements AutoCloseable {
    private final HttpServer http;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Queue<Answer>> answers = new ConcurrentHashMap<>();
    final List<Request> requests = new CopyOnWriteArrayList<>();

    /** What was asked. */
    record Request(String line, Headers headers, String body) {}

    /** What to do with a request. */
    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    ScriptedService() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(threads);
        http.createContext("/", this::answer);
        http.start();
    }

    String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    /** Adds an answer; the last one of a line is given again and again. */
    ScriptedService on(String line, Answer answer) {
        answers.computeIfAbsent(line, l -> new ArrayDeque<>()).add(answer);
        return this;
    }

    ScriptedService on(String line, int status, String body) {
        return on(line, json(status, body));
    }

    static Answer json(int status, String body) {
        return exchange -> {
            exchange.getResponseHeaders()
                    .set("Content-Type", status < 300 ? "application/json" : "application/problem+json");
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        };
    }

    /** Takes the request and hangs up. */
    static Answer lost() {
        return HttpExchange::close;
    }

    /** A stream that goes to its end. */
    static Answer events(String... texts) {
        return exchange -> {
            send(exchange, texts);
            exchange.close();
        };
    }

    /** A stream that breaks off in the middle. */
    static Answer brokenEvents(String... texts) {
        return exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            byte[] bytes = String.join("", texts).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length + 1000L);
            exchange.getResponseBody().write(bytes);
            exchange.getResponseBody().flush();
            // An answer shorter than was promised closes the connection.
            exchange.close();
        };
    }

    private static void send(HttpExchange exchange, String... texts) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        for (String text : texts) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }

    /** A kept event as the stream has it. */
    static String event(long number, String type, String data) {
        return "id: " + number + "\nevent: " + type + "\ndata: {\"number\":" + number
                + ",\"job_id\":\"one\",\"at\":\"2026-11-24T03:00:00Z\",\"type\":\"" + type + "\",\"data\":" + data
                + "}\n\n";
    }

    static String stage(long number, String stage, String status) {
        return event(
                number,
                "stage",
                "{\"job_id\":\"one\",\"stage\":\"" + stage + "\",\"status\":\"" + status
                        + "\",\"started_at\":\"2026-11-24T03:00:00Z\","
                        + (status.equals("running") ? "" : "\"ended_at\":\"2026-11-24T03:00:01.500Z\",")
                        + "\"attempts\":1,\"metadata\":{\"inputs\":1}}");
    }

    private void answer(HttpExchange exchange) throws IOException {
        String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        requests.add(new Request(line, exchange.getRequestHeaders(), body));
        Queue<Answer> prepared = answers.get(line);
        if (prepared == null) {
            json(
                            404,
                            "{\"type\":\"urn:x\",\"title\":\"none\",\"status\":404,\"detail\":\"no script for " + line
                                    + "\"}")
                    .to(exchange);
            return;
        }
        Answer answer;
        synchronized (prepared) {
            answer = prepared.size() > 1 ? prepared.remove() : prepared.element();
        }
        answer.to(exchange);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        requests.forEach(r -> lines.add(r.line()));
        return lines;
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }
}
