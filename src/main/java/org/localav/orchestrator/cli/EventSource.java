package org.localav.orchestrator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Server-sent events as the HTML standard has them. A connection that is lost, or silent for longer than the service ever
 * is, is made again with the id of the last event that was seen, so that none is missed and none is told twice.
 */
final class EventSource {
    /** The service says something four times as often, if only that it is there. */
    private static final Duration SILENCE = Duration.ofSeconds(60);

    /** How long a service may be away: it is started again meanwhile. */
    private static final Duration AWAY = Duration.ofSeconds(90);

    /** How many lines are read ahead. */
    private static final int AHEAD = 1000;

    /** Is told what comes, in the thread that follows. */
    interface Listener {
        void heard(String type, JsonNode data);

        /** The connection was lost and is being made again. */
        void lost(String sentence);

        /** Whether there is nothing more to come when a stream ends. */
        boolean over();
    }

    private final Server server;
    private final HttpClient http;
    private final Supplier<HttpRequest.Builder> request;
    private final Listener listener;
    private String lastId = "";
    private long retryMillis = 2000;
    private long awaySince;
    private boolean connected;
    private boolean told;

    EventSource(Server server, HttpClient http, Supplier<HttpRequest.Builder> request, Listener listener) {
        this.server = server;
        this.http = http;
        this.request = request;
        this.listener = listener;
    }

    /** Whether a stream went to its end or was cut off. */
    private enum End {
        WHOLE,
        CUT
    }

    void follow() throws IOException, InterruptedException, RefusedException {
        while (true) {
            HttpRequest next = next();
            String why = "it ended the stream";
            try {
                if (listen(next) == End.WHOLE) {
                    return;
                }
            } catch (RefusedException e) {
                boolean passing = e.status() == 503 || e.status() == 429;
                if (!connected || !passing) {
                    throw e;
                }
                why = e.getMessage();
            } catch (IOException e) {
                boolean enough = told && System.nanoTime() - awaySince > AWAY.toNanos();
                if (!connected || enough) {
                    throw server.silent(next, e);
                }
                why = String.valueOf(e.getMessage());
            }
            if (!told) {
                listener.lost("the connection to the service was lost (" + why + "); trying to get it back");
                told = true;
                awaySince = System.nanoTime();
            }
            Thread.sleep(retryMillis);
        }
    }

    private HttpRequest next() {
        HttpRequest.Builder builder = request.get();
        if (!lastId.isEmpty()) {
            builder.header("Last-Event-ID", lastId);
        }
        return builder.GET().build();
    }

    private End listen(HttpRequest next) throws IOException, InterruptedException, RefusedException {
        Lines lines = new Lines();
        CompletableFuture<HttpResponse<byte[]>> answer = http.sendAsync(next, info -> lines.body(info.statusCode()));
        answer.whenComplete((response, failure) -> lines.end());
        try {
            read(lines);
        } finally {
            lines.cancel();
        }
        HttpResponse<byte[]> response = outcome(answer);
        if (response.statusCode() == 204) {
            return End.WHOLE;
        }
        if (response.statusCode() != 200) {
            throw server.refusal(response.statusCode(), response.body());
        }
        return listener.over() ? End.WHOLE : End.CUT;
    }

    private static HttpResponse<byte[]> outcome(CompletableFuture<HttpResponse<byte[]>> answer)
            throws IOException, InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }

    private void read(Lines lines) throws IOException, InterruptedException {
        String type = "";
        String id = "";
        StringBuilder data = new StringBuilder();
        String line = lines.next();
        while (line != null) {
            connected = true;
            told = false;
            if (line.isEmpty()) {
                lastId = id.isEmpty() ? lastId : id;
                if (!data.isEmpty()) {
                    listener.heard(type, Server.JSON.readTree(data.toString()));
                }
                type = "";
                id = "";
                data.setLength(0);
            } else if (line.startsWith("data:")) {
                data.append(data.isEmpty() ? "" : "\n").append(value(line));
            } else if (line.startsWith("event:")) {
                type = value(line);
            } else if (line.startsWith("id:")) {
                id = value(line);
            } else if (line.startsWith("retry:")) {
                retry(value(line));
            }
            line = lines.next();
        }
    }

    private void retry(String millis) {
        if (millis.matches("\\d{1,5}")) {
            retryMillis = Long.parseLong(millis);
        }
    }

    private static String value(String line) {
        String value = line.substring(line.indexOf(':') + 1);
        return value.startsWith(" ") ? value.substring(1) : value;
    }

    /** The lines of an answer as they come; at most {@link #AHEAD} of them wait here, the rest in the connection. */
    private static final class Lines implements Flow.Subscriber<String> {
        private static final String END = new String("end");
        private final BlockingQueue<String> waiting = new LinkedBlockingQueue<>();
        private volatile Flow.Subscription subscription;

        BodySubscriber<byte[]> body(int status) {
            if (status == 200) {
                return BodySubscribers.fromLineSubscriber(this, all -> new byte[0], StandardCharsets.UTF_8, null);
            }
            return BodySubscribers.ofByteArray();
        }

        /** The next line, or null at the end. */
        @SuppressWarnings("ReferenceEquality")
        String next() throws IOException, InterruptedException {
            String line = waiting.poll(SILENCE.toSeconds(), TimeUnit.SECONDS);
            if (line == null) {
                throw new IOException("nothing was heard for " + SILENCE.toSeconds() + " s");
            }
            if (line == END) {
                return null;
            }
            subscription.request(1);
            return line;
        }

        void end() {
            waiting.add(END);
        }

        void cancel() {
            if (subscription != null) {
                subscription.cancel();
            }
        }

        @Override
        public void onSubscribe(Flow.Subscription s) {
            subscription = s;
            s.request(AHEAD);
        }

        @Override
        public void onNext(String line) {
            waiting.add(line);
        }

        @Override
        public void onError(Throwable failure) {
            // The answer as a whole fails of it, too.
        }

        @Override
        public void onComplete() {
            // So does its end.
        }
    }
}
