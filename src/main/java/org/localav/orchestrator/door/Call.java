package org.localav.orchestrator.door;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.Suggestion;

/**
 * A request as the routes' beans see it. It is read from the request itself: among the headers of a Camel message those of
 * the request, its query and the parameters of its path can't be told apart.
 */
final class Call {
    private final HttpServerRequest request;
    private final byte[] body;
    private final Map<String, List<String>> query;

    private Call(HttpServerRequest request, byte[] body, Map<String, List<String>> query) {
        this.request = request;
        this.body = body;
        this.query = query;
    }

    /** @param known the parameters its query may have; another one is refused */
    static Call of(Exchange exchange, String... known) throws ProblemException {
        HttpMessage message = exchange.getIn(HttpMessage.class);
        Buffer buffer = message.getBody(Buffer.class);
        Call call = new Call(
                message.getRequest(),
                buffer == null ? new byte[0] : buffer.getBytes(),
                query(message.getRequest().query()));
        for (String name : call.query.keySet()) {
            if (!List.of(known).contains(name)) {
                throw bad(
                        known.length == 0
                                ? "the query " + Suggestion.quote(name) + " means nothing here; leave it out"
                                : "there is no query parameter " + Suggestion.quote(name)
                                        + Suggestion.of(name, List.of(known)));
            }
        }
        return call;
    }

    private static Map<String, List<String>> query(String text) throws ProblemException {
        try {
            return text == null ? Map.of() : new QueryStringDecoder("?" + text).parameters();
        } catch (IllegalArgumentException e) {
            throw bad("the query can't be read: " + e.getMessage());
        }
    }

    static ProblemException bad(String sentence) {
        return new ProblemException(Problem.badRequest(sentence));
    }

    /** The job that the path names, as in {@code /api/jobs/ID/report}. */
    String jobId() throws ProblemException {
        return named();
    }

    /** The one of several that the path names, as in {@code /api/nodes/NAME/drain}. */
    String named() throws ProblemException {
        String[] parts = request.path().split("/");
        try {
            return QueryStringDecoder.decodeComponent(parts[3].replace("+", "%2B"));
        } catch (IllegalArgumentException e) {
            throw bad("the path can't be read: " + e.getMessage());
        }
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeader(name));
    }

    byte[] body() {
        return body;
    }

    boolean json() {
        return header("Content-Type").orElse("").contains("json");
    }

    List<String> parameters(String name) {
        return query.getOrDefault(name, List.of());
    }

    Optional<String> parameter(String name) throws ProblemException {
        List<String> values = parameters(name);
        if (values.size() > 1) {
            throw bad("the query parameter '" + name + "' stands there " + values.size() + " times; give it once");
        }
        return values.stream().findFirst();
    }

    boolean flag(String name) throws ProblemException {
        String value = parameter(name).orElse("false");
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw bad(name + "=" + Suggestion.quote(value) + " should be true or false");
        };
    }

    Duration duration(String name, Duration least, Duration most, Duration otherwise) throws ProblemException {
        Optional<String> text = parameter(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        Optional<Duration> duration = Settings.asDuration(text.get());
        if (duration.isPresent()
                && duration.get().compareTo(least) >= 0
                && duration.get().compareTo(most) <= 0) {
            return duration.get();
        }
        throw bad(name + "=" + Suggestion.quote(text.get()) + " should be a duration from " + least.toMinutes()
                + "m to " + most.toHours() + "h");
    }

    int number(String name, int least, int most, int otherwise) throws ProblemException {
        Optional<String> text = parameter(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        if (text.get().matches("\\d{1,9}")) {
            int number = Integer.parseInt(text.get());
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw bad(name + "=" + Suggestion.quote(text.get()) + " should be a number from " + least + " to " + most);
    }
}
