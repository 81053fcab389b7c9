package org.localav.orchestrator.door;

import io.vertx.core.Handler;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.camel.util.StringHelper;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.trace.Caller;

/**
 * What every request passes before any route sees it. Its host must be one of ours: a page on the web may let its own name
 * point to this machine, and its scripts could then talk to us. Numbers can't be made to point anywhere else.
 */
final class Gate implements Handler<RoutingContext> {
    private static final Pattern IP_ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[.*]|[0-9a-f:]*:[0-9a-f:.]*");
    private static final Set<String> OPEN =
            Set.of("/api/health", "/api/health/live", "/api/health/ready", "/openapi.yaml");
    /** No page of ours is ever part of another one, and what users made is never run as a page. */
    private static final String NO_PAGE = "default-src 'none'; frame-ancestors 'none'; sandbox";

    /** A header that a page elsewhere can't send without being allowed to. */
    private static final String CLIENT = "Avo-Client";

    private static final String SCHEME = "bearer ";

    /** The other way to send the token, as a password with any name: Hawtio knows only that. */
    private static final String BASIC = "basic ";

    private static final String OBSERVED = "/observe/";

    /** All that a session in a browser is for. */
    private static final String API = "/api/";

    private final Token token;
    private final Sessions sessions;
    private final Connections connections;
    private final Set<String> hosts = new TreeSet<>();
    private volatile Optional<String> closed = Optional.of("the service is starting");

    Gate(Settings settings, Token token, Sessions sessions, Connections connections) {
        this.token = token;
        this.sessions = sessions;
        this.connections = connections;
        hosts.add("localhost");
        hosts.add(settings.text("http.host").toLowerCase(Locale.ROOT));
        settings.words("http.hosts").forEach(name -> hosts.add(name.toLowerCase(Locale.ROOT)));
    }

    void open() {
        closed = Optional.empty();
    }

    void close() {
        closed = Optional.of("the service is ending");
    }

    @Override
    public void handle(RoutingContext context) {
        connections.began(context);
        if (context.response().writeQueueFull()) {
            // It sends request after request and reads no answer.
            Connections.cut(context.request().connection());
            return;
        }
        context.response()
                .putHeader("Cache-Control", "no-cache")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Content-Security-Policy", NO_PAGE)
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader(
                        Callers.REQUEST_ID, Caller.requestId(context.request().getHeader(Callers.REQUEST_ID)));
        Optional<Problem> problem = problem(context);
        if (problem.isPresent()) {
            problem.get().answer(context);
        } else {
            context.next();
        }
    }

    private Optional<Problem> problem(RoutingContext context) {
        HostAndPort authority = context.request().authority();
        String host = authority == null ? "" : authority.host().toLowerCase(Locale.ROOT);
        if (!hosts.contains(host) && !IP_ADDRESS.matcher(host).matches()) {
            return Optional.of(Problem.misdirected(host));
        }
        return (open(context) ? Optional.<Problem>empty() : unauthorized(context))
                .or(() -> encoded(context.request()))
                .or(() -> closed.map(Problem::closed));
    }

    /** Nothing here unpacks a body, and what a packed one says is not to be told of as if it were text. */
    private static Optional<Problem> encoded(HttpServerRequest request) {
        String coding = request.getHeader("Content-Encoding");
        return coding == null || coding.isBlank() || coding.strip().equalsIgnoreCase("identity")
                ? Optional.empty()
                : Optional.of(Problem.encoded(coding));
    }

    private static boolean open(RoutingContext context) {
        String path = context.normalizedPath();
        return OPEN.contains(path)
                || Dashboard.has(path)
                || path.equals(SignIn.PATH) && context.request().method().equals(HttpMethod.POST);
    }

    private Optional<Problem> unauthorized(RoutingContext context) {
        HttpServerRequest request = context.request();
        String given = request.getHeader("Authorization");
        if (given != null) {
            return authorized(context, given) ? Optional.empty() : Optional.of(Problem.unauthorized());
        }
        Cookie cookie = request.getCookie(SignIn.cookie(request));
        boolean forCookies = context.normalizedPath().startsWith(API);
        if (cookie == null || !forCookies || !sessions.valid(cookie.getValue(), Instant.now())) {
            return Optional.of(Problem.unauthorized());
        }
        return ours(request) ? Optional.empty() : Optional.of(Problem.foreign());
    }

    /**
     * Whether a page of ours asks: browsers send a cookie along whoever asks them to, even from another port of this
     * machine, which counts as the same site.
     */
    private static boolean ours(HttpServerRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        boolean reading = request.method().equals(HttpMethod.GET);
        return (site == null || site.equals("same-origin") || site.equals("none"))
                && (reading || request.headers().contains(CLIENT));
    }

    private boolean authorized(RoutingContext context, String given) {
        if (given.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return token.matches(given.substring(SCHEME.length()).strip());
        }
        return context.normalizedPath().startsWith(OBSERVED)
                && given.regionMatches(true, 0, BASIC, 0, BASIC.length())
                && token.matches(password(given.substring(BASIC.length()).strip()));
    }

    private static String password(String encoded) {
        try {
            return StringHelper.after(new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8), ":", "");
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
