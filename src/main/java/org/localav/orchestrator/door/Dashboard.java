package org.localav.orchestrator.door;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.localav.orchestrator.plan.Keys;

/**
 * The files of the dashboard, from the class path. They hold no secret and need no token; what they ask for does.
 */
final class Dashboard {
    private static final String PREFIX = "/dashboard/";
    private static final Pattern NAME = Pattern.compile("[a-z][a-z-]*(/[a-z][a-z-]*)?\\.(html|css|js|json|svg)");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "json", "application/json",
            "svg", "image/svg+xml");

    /** Scripts and styles of ours and nothing else, from nowhere else; no text ever becomes a script. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
            + " require-trusted-types-for 'script'; trusted-types 'none'";

    private record Resource(Buffer bytes, String type, String etag) {}

    private final Map<String, Resource> read = new ConcurrentHashMap<>();

    /** Whether an address is one of the dashboard's, be there such a file or not. */
    static boolean has(String path) {
        return path.equals("/") || path.startsWith(PREFIX);
    }

    void mount(Router router) {
        router.route().handler(context -> {
            String path = context.normalizedPath();
            boolean reading = Set.of(HttpMethod.GET, HttpMethod.HEAD)
                    .contains(context.request().method());
            if (has(path) && reading) {
                serve(context, path.equals("/") ? "index.html" : path.substring(PREFIX.length()));
            } else {
                context.next();
            }
        });
    }

    private void serve(RoutingContext context, String name) {
        Optional<Resource> found = NAME.matcher(name).matches() ? find(name) : Optional.empty();
        if (found.isEmpty()) {
            Problem.nothingHere(context.normalizedPath()).answer(context);
            return;
        }
        Resource file = found.get();
        HttpServerResponse response = context.response()
                .putHeader("ETag", file.etag)
                .putHeader("Content-Security-Policy", POLICY)
                .putHeader("Cross-Origin-Opener-Policy", "same-origin")
                .putHeader("X-Frame-Options", "DENY")
                .putHeader("Content-Type", file.type);
        if (file.etag.equals(context.request().getHeader("If-None-Match"))) {
            response.setStatusCode(304).end();
        } else if (context.request().method().equals(HttpMethod.HEAD)) {
            response.putHeader("Content-Length", Integer.toString(file.bytes.length()))
                    .end();
        } else {
            response.end(file.bytes);
        }
    }

    private Optional<Resource> find(String name) {
        Resource known = read.get(name);
        if (known != null) {
            return Optional.of(known);
        }
        try (InputStream in = Dashboard.class.getResourceAsStream(PREFIX + name)) {
            if (in == null) {
                return Optional.empty();
            }
            byte[] bytes = in.readAllBytes();
            String ending = name.substring(name.lastIndexOf('.') + 1);
            String etag = '"' + Keys.sha256(bytes).substring(0, 20) + '"';
            Resource made = new Resource(Buffer.buffer(bytes), TYPES.get(ending), etag);
            read.put(name, made);
            return Optional.of(made);
        } catch (IOException e) {
            throw new IllegalStateException("the program's own dashboard/" + name + " can't be read", e);
        }
    }
}
