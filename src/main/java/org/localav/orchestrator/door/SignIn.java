package org.localav.orchestrator.door;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.job.Roots;
import org.localav.orchestrator.service.JobService;

/**
 * {@code /api/session}: exchanges the token or a code for a session, which a page can have without ever seeing the token.
 * These are no Camel routes, because cookies are not theirs.
 */
final class SignIn {
    static final String PATH = "/api/session";
    private static final int LARGEST_BODY = 4096;

    private final Sessions sessions;
    private final Token token;
    private final JobService service;
    private final String version;

    SignIn(Sessions sessions, Token token, JobService service, String version) {
        this.sessions = sessions;
        this.token = token;
        this.service = service;
        this.version = version;
    }

    /** {@code folders}: where relative paths of a spec that is sent may start from, and below. */
    record Session(String version, String node, boolean readOnly, Path folder, List<Path> folders) {}

    /** {@code path}: of the dashboard, which is signed in by it. */
    record Code(String code, String path, Instant expiresAt) {}

    /** A port's own: browsers give cookies of one port to all others of the host. */
    static String cookie(HttpServerRequest request) {
        return "avo-session-" + request.localAddress().port();
    }

    void mount(Router router) {
        router.get(PATH).handler(context -> answer(context, session()));
        router.post(PATH)
                .handler(BodyHandler.create(false).setBodyLimit(LARGEST_BODY))
                .handler(this::begin);
        router.delete(PATH).handler(context -> {
            context.response().addCookie(cookie(context, "", Duration.ZERO));
            context.response().setStatusCode(204).end();
        });
        router.post(PATH + "/code").handler(context -> {
            Instant now = Instant.now();
            String code = sessions.code(now);
            answer(context, new Code(code, Sessions.path(code), now.plus(Sessions.CODE_LASTS)));
        });
    }

    private Session session() {
        List<Path> folders = Roots.submitting(
                        service.settings(), List.of(service.workshop().places().inbox()))
                .folders();
        return new Session(
                version,
                service.node().id(),
                service.settings().flag("read_only"),
                Path.of("").toAbsolutePath(),
                folders);
    }

    private void begin(RoutingContext context) {
        JsonNode given;
        try {
            Buffer body = context.body().buffer();
            given = Report.JSON.readTree(body == null ? new byte[0] : body.getBytes());
        } catch (JsonProcessingException e) {
            Problem.badRequest("the body should read {\"token\": \"...\"} or {\"code\": \"...\"}")
                    .answer(context);
            return;
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory can always be read", e);
        }
        Instant now = Instant.now();
        if (token.matches(given.path("token").asText().strip())
                || sessions.redeem(given.path("code").asText(), now)) {
            context.response().addCookie(cookie(context, sessions.begin(now), Sessions.LASTS));
            answer(context, session());
        } else {
            Problem.wrongSignIn().answer(context);
        }
    }

    private static Cookie cookie(RoutingContext context, String value, Duration lasts) {
        // A proxy says so when the browser speaks TLS with it.
        boolean secure = "https".equals(context.request().getHeader("X-Forwarded-Proto"));
        return Cookie.cookie(cookie(context.request()), value)
                .setPath("/")
                .setHttpOnly(true)
                .setSecure(secure)
                .setSameSite(CookieSameSite.STRICT)
                .setMaxAge(lasts.toSeconds());
    }

    private static void answer(RoutingContext context, Object value) {
        context.response().putHeader("Content-Type", "application/json").end(Buffer.buffer(Answer.write(value)));
    }
}
