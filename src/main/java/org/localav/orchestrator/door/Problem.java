package org.localav.orchestrator.door;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.process.CancelledException;
import org.localav.orchestrator.service.ConflictException;
import org.localav.orchestrator.service.NoOutputException;
import org.localav.orchestrator.service.UnknownJobException;
import org.localav.orchestrator.service.UnknownNodeException;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Violation;
import org.localav.orchestrator.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why a request was not done, as RFC 9457 has it.
 *
 * @param type a name that programs can rely on
 * @param detail a sentence to the person who can mend it
 * @param violations what is wrong in a spec, in file order
 * @param jobId of the job that stands in the way
 * @param headers that belong to the status
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record Problem(
        String type,
        String title,
        int status,
        String detail,
        List<Violation> violations,
        Optional<String> jobId,
        @JsonIgnore Map<String, String> headers) {
    static final String MEDIA_TYPE = "application/problem+json";
    private static final Logger LOG = LoggerFactory.getLogger(Problem.class);
    private static final String TYPES = "urn:local-av-orchestrator:problem:";

    /** How long a client that was refused may go on sending what nobody reads. */
    private static final long DRAIN_MILLIS = 1000;

    private static Problem of(int status, String type, String title, String detail) {
        return new Problem(TYPES + type, title, status, detail, List.of(), Optional.empty(), Map.of());
    }

    private Problem with(String header, String value) {
        return new Problem(type, title, status, detail, violations, jobId, Map.of(header, value));
    }

    static Problem badRequest(String detail) {
        return of(400, "bad-request", "The request is malformed", detail);
    }

    static Problem unauthorized() {
        return of(
                        401,
                        "no-token",
                        "The token is missing or wrong",
                        "send the header 'Authorization: Bearer TOKEN'; the token is in the file that http.token_file"
                                + " names, or else in 'token' in the state folder")
                .with("WWW-Authenticate", "Bearer realm=\"avo\"");
    }

    static Problem foreign() {
        return of(
                403,
                "foreign",
                "Another page asks",
                "a session in a browser is for the dashboard only, whose requests carry the header 'Avo-Client'; programs"
                        + " send the token");
    }

    static Problem wrongSignIn() {
        return of(
                401,
                "no-token",
                "That is not the token",
                "it is neither the token nor a code that can still be used; 'avo dashboard' prints a link with a new code");
    }

    static Problem rangeOutside(long bytes) {
        return of(416, "range", "There is no such range", "the file has " + bytes + " bytes")
                .with("Content-Range", "bytes */" + bytes);
    }

    static Problem blocked(String detail) {
        return of(403, "blocked", "The operator does not allow it", detail);
    }

    static Problem nothingHere(String path) {
        return of(
                404,
                "not-found",
                "There is nothing here",
                "there is no " + path + "; /openapi.yaml lists what there is");
    }

    static Problem noReport(String id, String status) {
        return of(
                404,
                "no-report",
                "There is no report yet",
                "job '" + id + "' is " + status + "; its report is there when it has ended");
    }

    static Problem wrongMethod(String method, String allowed) {
        return of(405, "wrong-method", "Another method is wanted", "use " + allowed + " here, not " + method)
                .with("Allow", allowed);
    }

    static Problem notAcceptable() {
        return of(
                406,
                "not-acceptable",
                "There is no such representation",
                "what the header Accept asks for isn't made here; leave it out");
    }

    static Problem tooLarge() {
        return of(413, "too-large", "The body is too large", "a body has at most 1 MiB");
    }

    /** Of a request that is no HTTP, or too much of it before the body. */
    static Problem unreadable(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return of(414, "too-long", "The address is too long", "a request's first line has at most 4 KiB");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return of(431, "headers-too-large", "The headers are too large", "the headers have at most 8 KiB");
        }
        return badRequest("the request can't be read: it is no HTTP/1.1");
    }

    static Problem mediaType(String given) {
        return of(
                415,
                "media-type",
                "The body is of the wrong type",
                (given.isEmpty() ? "the header Content-Type is missing" : "the body came as '" + given + "'")
                        + (given.startsWith("application/x-www-form-urlencoded")
                                ? ", which is what curl sends unasked"
                                : "")
                        + "; send it as application/yaml or application/json, for example"
                        + " curl -H 'Content-Type: application/yaml' --data-binary @job.yaml");
    }

    static Problem encoded(String coding) {
        return of(
                        415,
                        "encoding",
                        "The body is encoded",
                        "the body came with 'Content-Encoding: " + coding + "'; send it as it is, without that header")
                .with("Accept-Encoding", "identity");
    }

    static Problem misdirected(String host) {
        return of(
                421,
                "wrong-host",
                "The request is for another host",
                "this service is not called '" + host
                        + "'; use its IP address or localhost, or let the operator add the" + " name to http.hosts");
    }

    static Problem queueFull(long queued) {
        return of(
                        429,
                        "queue-full",
                        "Too many jobs wait",
                        queued + " jobs wait already (queue.limit); send this one again later")
                .with("Retry-After", "30");
    }

    static Problem busy(String detail) {
        return of(429, "busy", "Too much at once", detail).with("Retry-After", "2");
    }

    static Problem closed(String detail) {
        return of(503, "closed", "The service is not open", detail).with("Retry-After", "5");
    }

    /** What went wrong inside, told outside; faults of the program's own are logged. */
    static Problem of(Throwable thrown) {
        if (thrown instanceof ProblemException refused) {
            return refused.problem();
        }
        if (thrown instanceof InvalidSpecException invalid) {
            return invalid(invalid);
        }
        if (thrown instanceof BlockedException blocked) {
            return blocked(String.join("; ", blocked.sentences()));
        }
        if (thrown instanceof UnknownNodeException) {
            return of(404, "no-node", "There is no such node", thrown.getMessage());
        }
        if (thrown instanceof UnknownJobException) {
            return of(404, "no-job", "There is no such job", thrown.getMessage());
        }
        if (thrown instanceof NoOutputException) {
            return of(404, "no-output", "There is no such output", thrown.getMessage());
        }
        if (thrown instanceof ConflictException conflict) {
            return conflict(conflict);
        }
        if (thrown instanceof StoreException) {
            LOG.error("{}", thrown.getMessage());
            return of(503, "store", "The store can't be used", thrown.getMessage())
                    .with("Retry-After", "10");
        }
        if (thrown instanceof CancelledException) {
            return closed("the service is ending");
        }
        if (thrown instanceof IOException) {
            LOG.error("a request failed", thrown);
            return of(500, "failed", "It could not be done", String.valueOf(thrown.getMessage()));
        }
        LOG.error("this is a fault of the program, please report it", thrown);
        return of(500, "fault", "This is a fault of the program", "its log says more; please report it");
    }

    private static Problem invalid(InvalidSpecException invalid) {
        int count = invalid.violations().size();
        return new Problem(
                TYPES + "invalid-spec",
                "The spec can't be used",
                422,
                count == 1 ? invalid.violations().get(0).toString() : count + " things are wrong; see violations",
                invalid.violations(),
                Optional.empty(),
                Map.of());
    }

    private static Problem conflict(ConflictException conflict) {
        return new Problem(
                TYPES + "conflict",
                "It does not fit how things stand",
                409,
                conflict.getMessage(),
                List.of(),
                conflict.job().map(job -> job.id()),
                Map.of());
    }

    byte[] json() {
        try {
            return Report.JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Answers a request that could not be read, and hangs up: what follows it can't be read either. */
    void answer(HttpServerRequest request) {
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", MEDIA_TYPE)
                .putHeader("Connection", "close")
                .end(Buffer.buffer(json()))
                .onComplete(sent -> Connections.cut(request.connection()));
    }

    /** Answers a request that no route has. */
    void answer(RoutingContext context) {
        HttpServerResponse response = context.response();
        if (response.headWritten()) {
            Connections.cut(context.request().connection());
            return;
        }
        headers.forEach(response::putHeader);
        if (!context.request().isEnded()) {
            response.putHeader("Connection", "close");
            context.vertx()
                    .setTimer(
                            DRAIN_MILLIS, t -> Connections.cut(context.request().connection()));
        }
        response.setStatusCode(status).putHeader("Content-Type", MEDIA_TYPE).end(Buffer.buffer(json()));
    }
}
