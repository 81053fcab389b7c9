package org.localav.orchestrator.route;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.apache.camel.StartupSummaryLevel;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.main.Main;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.process.Processes;
import org.localav.orchestrator.speech.OpenAiProvider;
import org.localav.orchestrator.speech.Refusal;
import org.localav.orchestrator.speech.SpeechException;

/**
 * The orchestrator's own speech server on loopback, started when the first sentence asks for it: most jobs have their
 * speech in the step store and never need it.
 */
public final class SpeechServer implements OpenAiProvider.Address, AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final String PATH = "/v1/audio/speech";
    private static final long LARGEST_BODY = 64 << 10;
    private static final int SHUTDOWN_SECONDS = 10;

    private final RoutesSource routes;
    private final Processes processes;
    private final Settings settings;
    private final Cancellation cancellation = new Cancellation();
    private Main main;
    private int port;

    /** Reads the route files anew, so that the server starts as they stand then. */
    @FunctionalInterface
    public interface RoutesSource {
        RouteFolder read() throws Exception;
    }

    /**
     * @param port 0: a free one
     * @param parallel sentences spoken at once
     * @param program espeak-ng or what speaks like it
     */
    public record Settings(int port, int parallel, String program) {}

    public SpeechServer(RoutesSource routes, Processes processes, Settings settings) {
        this.routes = routes;
        this.processes = processes;
        this.settings = settings;
    }

    /** What {@code speech-server*} routes refer to by name; for checking them without a server, too. */
    public static Map<String, Object> beans(Processes processes, Settings settings, Cancellation cancellation) {
        return Map.of(
                "localVoice", new LocalVoice(processes, settings.program(), settings.parallel(), cancellation),
                "processes", new ProcessExecutor(processes),
                "toolBinding", new ToolBinding());
    }

    /**
     * Its address up to {@code /v1}; starts it when it does not run yet.
     *
     * @throws SpeechException when it can't be started
     */
    @Override
    public synchronized String baseUrl() throws SpeechException {
        if (cancellation.cancelled()) {
            throw SpeechException.lasting("the local speech server has been closed");
        }
        if (main == null) {
            start();
        }
        return "http://" + HOST + ":" + port + "/v1";
    }

    private void start() throws SpeechException {
        Main starting = new Main();
        try {
            LocalVoice.sweep();
            port = bindable(settings.port());
            configure(starting);
            starting.init();
            Generation.load(starting.getCamelContext(), routes.read().only(SpeechServer::isServer));
            starting.start();
            refuseInShape(VertxPlatformHttpRouter.lookup(
                    starting.getCamelContext(), VertxPlatformHttpRouter.getRouterNameFromPort(port)));
            main = starting;
        } catch (Exception e) {
            starting.stop();
            throw SpeechException.lasting("the local speech server can't be started on " + HOST + ":" + settings.port()
                    + " (speech.port): " + deepest(e));
        }
    }

    /** What never reaches the route is refused in OpenAI's shape, too: by a route behind all others. */
    private static void refuseInShape(Router router) {
        router.route()
                .last()
                .handler(request -> refuse(request, request.normalizedPath().equals(PATH) ? misused(request) : 404))
                .failureHandler(request -> refuse(request, request.statusCode()));
    }

    private static int misused(RoutingContext request) {
        return request.request().method().equals(HttpMethod.POST) ? 415 : 405;
    }

    private static void refuse(RoutingContext request, int status) {
        Refusal refusal =
                switch (status) {
                    case 404 ->
                        new Refusal(404, "not_found", "there is nothing here; speech is asked for by POST " + PATH);
                    case 405 -> new Refusal(405, "method_not_allowed", "speech is asked for by POST");
                    case 413 -> new Refusal(413, "too_large", "a request may have " + LARGEST_BODY + " bytes at most");
                    case 415 -> new Refusal(415, "not_json", "send the request as application/json");
                    default ->
                        status >= 400 && status < 500
                                ? new Refusal(status, "bad_request", "the request can't be read")
                                : new Refusal(500, "not_spoken", "the request failed inside the server");
                };
        request.response()
                .setStatusCode(refusal.status())
                .putHeader("Content-Type", "application/json")
                .end(Buffer.buffer(refusal.json()));
    }

    private static String deepest(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private static boolean isServer(String name) {
        return name.substring(name.lastIndexOf('/') + 1).startsWith("speech-server");
    }

    private void configure(Main starting) {
        starting.configure()
                .withName("avo-speech-server")
                .withJmxEnabled(false)
                .withRoutesIncludePattern("false")
                .withShutdownTimeout(SHUTDOWN_SECONDS);
        starting.configure()
                .httpServer()
                .withEnabled(true)
                .withHost(HOST)
                .withPort(port)
                .withMaxBodySize(LARGEST_BODY)
                .withFileUploadEnabled(false);
        starting.configure().setStartupSummaryLevel(StartupSummaryLevel.Off);
        starting.setDefaultPropertyPlaceholderLocation("false");
        starting.addInitialProperty("speech.program", settings.program());
        beans(processes, settings, cancellation).forEach(starting::bind);
    }

    /** The port itself or, for 0, a free one; fails where Vert.x would only write a warning and go on without HTTP. */
    private static int bindable(int wanted) throws IOException {
        try (ServerSocket socket = new ServerSocket(wanted, 1, InetAddress.getByName(HOST))) {
            return socket.getLocalPort();
        }
    }

    /** Whether it has been started. */
    public synchronized boolean running() {
        return main != null;
    }

    @Override
    public synchronized void close() {
        cancellation.cancel("the local speech server is closing");
        if (main != null) {
            main.stop();
            main = null;
        }
    }
}
