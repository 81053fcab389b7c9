package org.localav.orchestrator.door;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Counts and times requests by method, path and status. What clients make up never becomes a label: paths are those of the
 * contract, as {@code /api/jobs/:id}, and of methods only the usual ones are told apart.
 */
final class HttpMeters implements Handler<RoutingContext> {
    private static final Set<HttpMethod> METHODS = Set.of(
            HttpMethod.GET,
            HttpMethod.HEAD,
            HttpMethod.POST,
            HttpMethod.PUT,
            HttpMethod.PATCH,
            HttpMethod.DELETE,
            HttpMethod.OPTIONS);

    private static final Duration[] BUCKETS = Stream.of(1, 5, 10, 50, 100, 250, 1_000, 5_000, 30_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();

    HttpMeters(MeterRegistry registry, Connections connections) {
        this.registry = registry;
        Gauge.builder("local_av_orchestrator_http_connections", connections, Connections::count)
                .description("Connections that clients have open, those that follow events among them")
                .register(registry);
    }

    private record Kind(String method, String path, int status) {}

    @Override
    public void handle(RoutingContext context) {
        long began = System.nanoTime();
        context.addEndHandler(ended -> {
            // A client may follow events for days, which says nothing about how fast it was answered.
            if (!EventStream.MEDIA_TYPE.equals(context.response().headers().get("Content-Type"))) {
                timers.computeIfAbsent(kind(context), this::timer).record(Duration.ofNanos(System.nanoTime() - began));
            }
        });
        context.next();
    }

    private static Kind kind(RoutingContext context) {
        HttpMethod method = context.request().method();
        Route route = context.currentRoute();
        String path = route == null || route.getPath() == null ? "none" : route.getPath();
        return new Kind(
                METHODS.contains(method) ? method.name() : "other",
                path,
                context.response().getStatusCode());
    }

    private Timer timer(Kind kind) {
        return Timer.builder("local_av_orchestrator_http_request_duration")
                .description("Time from a request to the end of its answer; path none: refused at the gate or unknown")
                .tag("method", kind.method())
                .tag("path", kind.path())
                .tag("status", String.valueOf(kind.status()))
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }
}
