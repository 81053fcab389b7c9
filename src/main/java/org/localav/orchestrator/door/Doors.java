package org.localav.orchestrator.door;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.apache.camel.StartupSummaryLevel;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.main.Main;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.observe.Health;
import org.localav.orchestrator.observe.Meters;
import org.localav.orchestrator.observe.Observatory;
import org.localav.orchestrator.route.RouteCheck;
import org.localav.orchestrator.route.RouteFolder;
import org.localav.orchestrator.service.JobService;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ways into the service, open from {@link #start} to {@link #close}: the {@code intake-*} routes in a context of their
 * own, and the HTTP server they listen on.
 *
 * <p>The server is ours and not Camel's: that one knows no limits but the body's, and goes on without HTTP when its port is
 * taken.
 */
public final class Doors implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Doors.class);
    private static final long LARGEST_BODY = 1 << 20;
    private static final int SHUTDOWN_SECONDS = 10;

    private final JobService service;
    private final Observatory observatory;
    private final Inbox inbox;
    private final Map<String, Object> beans;
    private final String version;
    private final Patience patience;
    private final Settings settings;
    private Vertx vertx;
    private HttpServer server;
    private Gate gate;
    private Connections connections;
    private JolokiaDoor jolokia;
    private LiveEvents live;
    private Sessions sessions;
    private OutputFiles files;
    private ReportPages reports;
    private Router router;
    private Main main;

    /** @param more beans of the other ways in, by the names that their routes call them */
    public Doors(JobService service, Observatory observatory, String version, Map<String, Object> more) {
        this(service, observatory, version, more, Patience.USUAL);
    }

    Doors(JobService service, Observatory observatory, String version, Map<String, Object> more, Patience patience) {
        this.service = service;
        this.observatory = observatory;
        this.version = version;
        this.settings = service.settings();
        this.inbox = new Inbox(service, settings, service.workshop().places());
        this.beans = new LinkedHashMap<>(beans(service, observatory.health(), service.workshop(), inbox));
        this.beans.putAll(more);
        this.patience = patience;
    }

    /** What the routes refer to by name. Checking routes, which calls nothing, needs no service. */
    public static Map<String, Object> beans(JobService service, Workshop workshop) {
        return beans(service, null, workshop, new Inbox(service, workshop.settings(), workshop.places()));
    }

    private static Map<String, Object> beans(JobService service, Health health, Workshop workshop, Inbox inbox) {
        SpecIntake intake = new SpecIntake(service, List.of(workshop.places().inbox()));
        QueueLimit limit = new QueueLimit(service, workshop.settings().integer("queue.limit"));
        Map<String, Object> beans = new LinkedHashMap<>(inbox.beans());
        beans.put("httpJobs", new HttpJobs(service, intake, limit));
        beans.put("httpNode", new HttpNode(service, health));
        beans.put("httpLogs", new HttpLogs(service));
        beans.put("httpProblems", new Problems());
        return beans;
    }

    /**
     * Opens all doors.
     *
     * @throws InvalidSpecException with file, line and column of what is wrong in their routes
     * @throws IOException with a sentence when the port can't be opened or the token can't be read
     */
    public void start() throws InvalidSpecException, IOException {
        Token token = Token.readOrMake(service.workshop().places().tokenFile(settings));
        try {
            listen(token);
            boolean opened = settings.flag("jolokia.operate") && !settings.flag("read_only");
            jolokia = new JolokiaDoor(vertx, opened, service.workshop().audit());
            jolokia.mount(router);
            load();
            gate.open();
            LOG.info("the HTTP API listens on {}", address());
        } catch (InvalidSpecException | IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void listen(Token token) throws IOException {
        vertx = Vertx.vertx(new VertxOptions()
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        int most = Math.max(2, settings.integer("http.connections"));
        connections = new Connections(vertx, most, patience);
        sessions = new Sessions(token);
        gate = new Gate(settings, token, sessions, connections);
        live = new LiveEvents(vertx, service, patience, most / 2);
        router = Router.router(vertx);
        router.route().order(Integer.MIN_VALUE).handler(new HttpMeters(observatory.meters(), connections));
        router.route().order(Integer.MIN_VALUE + 1).handler(gate);
        new Problems().mount(router);
        live.mount(router);
        router.get("/observe/metrics").handler(this::scrape);
        files = new OutputFiles(vertx, service, patience);
        reports = new ReportPages(vertx, service);
        files.mount(router);
        reports.mount(router);
        new SignIn(sessions, token, service, version).mount(router);
        new Dashboard().mount(router);
        HttpServerOptions options = new HttpServerOptions()
                .setHost(settings.text("http.host"))
                .setPort(settings.integer("http.port"))
                .setHttp2ClearTextEnabled(false);
        try {
            server = vertx.createHttpServer(options)
                    .connectionHandler(connections::opened)
                    .requestHandler(router)
                    .invalidRequestHandler(request ->
                            Problem.unreadable(request.decoderResult().cause()).answer(request))
                    .listen()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            throw new IOException(
                    "the HTTP API can't be opened on " + options.getHost() + ":" + options.getPort() + " ("
                            + e.getCause().getMessage()
                            + "); end the program that has this port, or choose others by http.host and http.port",
                    e);
        }
    }

    private void scrape(RoutingContext context) {
        vertx.executeBlocking(observatory::scrape, false)
                .onSuccess(text -> context.response()
                        .putHeader("Content-Type", Meters.CONTENT_TYPE)
                        .end(text))
                .onFailure(context::fail);
    }

    private void load() throws InvalidSpecException {
        Path folder = service.workshop().places().routes();
        RouteFolder routes = RouteFolder.read(folder).intake();
        main = new Main();
        main.configure()
                .withName("avo-doors")
                .withRoutesIncludePattern("false")
                .withShutdownTimeout(SHUTDOWN_SECONDS)
                .setStartupSummaryLevel(StartupSummaryLevel.Off);
        main.setDefaultPropertyPlaceholderLocation("false");
        settings.values().forEach(main::addInitialProperty);
        main.addInitialProperty(
                "inbox.folder", service.workshop().places().inbox().toString());
        beans.forEach(main::bind);
        main.bind(VertxPlatformHttpRouter.PLATFORM_HTTP_ROUTER_NAME_ZERO, camelRouter());
        main.init();
        DefaultCamelContext context = (DefaultCamelContext) main.getCamelContext();
        context.getCamelContextExtension().addInterceptStrategy(new Callers());
        RouteCheck.load(routes, context);
        try {
            main.start();
        } catch (Exception e) {
            throw RouteCheck.notStarted(routes, context, e);
        }
    }

    /** The router by the name under which Camel looks for one whose port it can't know. */
    private VertxPlatformHttpRouter camelRouter() {
        return new VertxPlatformHttpRouter(
                null, vertx, router, VertxPlatformHttpRouter.PLATFORM_HTTP_ROUTER_NAME_ZERO) {
            @Override
            public Handler<RoutingContext> bodyHandler() {
                return BodyHandler.create(false).setBodyLimit(LARGEST_BODY);
            }
        };
    }

    /** Where the HTTP API is: {@code http://127.0.0.1:8080}. */
    public String address() {
        String host = settings.text("http.host");
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port();
    }

    /** An address of the dashboard that opens it signed in, once and within an hour. */
    public String link() {
        return address() + Sessions.path(sessions.code(Instant.now()));
    }

    /** The port itself, also when a free one was asked for. */
    public int port() {
        return server.actualPort();
    }

    Router router() {
        return router;
    }

    Connections connections() {
        return connections;
    }

    LiveEvents live() {
        return live;
    }

    /** Takes nothing more in, lets what has begun end, and closes. */
    @Override
    public void close() {
        if (gate != null) {
            gate.close();
        }
        if (live != null) {
            live.close();
        }
        if (reports != null) {
            reports.close();
        }
        if (files != null) {
            files.close();
        }
        if (main != null) {
            main.stop();
        }
        if (jolokia != null) {
            jolokia.close();
        }
        inbox.close();
        if (vertx != null) {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }
}
