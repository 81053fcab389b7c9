package org.localav.orchestrator.door;

import io.vertx.core.Handler;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.camel.util.StringHelper;
import org.localav.orchestrator.settings.Settings;

/**
 * What every request passes before any route sees it. Its host must be one of ours: a page on the web may let its own name
 * point to this machine, and its scripts could then talk to us. Numbers can't be made to point anywhere else.
 */
final class Gate implements Handler<RoutingContext> {
    private static final Pattern IP_ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[.*]|[0-9a-f:]*:[0-9a-f:.]*");
    private static final Set<String> OPEN =
            Set.of("/api/health", "/api/health/live", "/api/health/ready", "/openapi.yaml");
    private static final String SCHEME = "bearer ";

    /** The other way to send the token, as a password with any name: Hawtio knows only that. */
    private static final String BASIC = "basic ";

    private static final String OBSERVED = "/observe/";

    private final Token token;
    private final Connections connections;
    private final Set<String> hosts = new TreeSet<>();
    private volatile Optional<String> closed = Optional.of("the service is starting");

    Gate(Settings settings, Token token, Connections connections) {
        this.token = token;
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
        context.response().putHeader("Cache-Control", "no-cache").putHeader("X-Content-Type-Options", "nosniff");
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
        if (!OPEN.contains(context.normalizedPath()) && !authorized(context)) {
            return Optional.of(Problem.unauthorized());
        }
        return closed.map(Problem::closed);
    }

    private boolean authorized(RoutingContext context) {
        String given = context.request().getHeader("Authorization");
        if (given == null) {
            return false;
        }
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
