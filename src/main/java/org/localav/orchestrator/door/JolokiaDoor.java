package org.localav.orchestrator.door;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jolokia.json.JSONStructure;
import org.jolokia.server.core.config.ConfigKey;
import org.jolokia.server.core.config.StaticConfiguration;
import org.jolokia.server.core.http.HttpRequestHandler;
import org.jolokia.server.core.request.EmptyResponseException;
import org.jolokia.server.core.service.JolokiaServiceManagerFactory;
import org.jolokia.server.core.service.api.JolokiaServiceManager;
import org.jolokia.server.core.service.api.LogHandler;
import org.jolokia.service.serializer.JolokiaSerializer;
import org.localav.orchestrator.audit.Audit;
import org.localav.orchestrator.observe.JolokiaPolicy;
import org.localav.orchestrator.trace.Caller;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /observe/jolokia}: JMX over HTTP for Hawtio, for programs on this machine only. */
final class JolokiaDoor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JolokiaDoor.class);
    private static final String PATH = "/observe/jolokia";
    private static final Pattern ORIGIN = Pattern.compile("https?://(.+?)(:\\d+)?");
    private static final Pattern ADDRESS = Pattern.compile("\\[?[0-9a-f]*:[0-9a-f:.%]*]?|\\d+(\\.\\d+){3}");
    private static final long LARGEST_BODY = 1 << 20;

    private final Vertx vertx;
    private final JolokiaServiceManager manager;
    private final HttpRequestHandler handler;

    /** @param opened whether it may change something */
    JolokiaDoor(Vertx vertx, boolean opened, Audit audit) {
        this.vertx = vertx;
        StaticConfiguration configuration = new StaticConfiguration(
                ConfigKey.AGENT_ID, "avo",
                ConfigKey.ALLOW_ERROR_DETAILS, "false",
                ConfigKey.INCLUDE_STACKTRACE, "false",
                ConfigKey.DISCOVERY_ENABLED, "false",
                ConfigKey.DISABLE_DETECTORS, "true");
        manager = JolokiaServiceManagerFactory.createJolokiaServiceManager(
                configuration, new Log(), new JolokiaPolicy(opened));
        manager.addService(new JolokiaSerializer());
        manager.addService(new AuditedBeans(audit));
        handler = new HttpRequestHandler(manager.start());
    }

    void mount(Router router) {
        String all = PATH + "(/.*)?";
        router.routeWithRegex(HttpMethod.GET, all).handler(context -> answer(context, this::get));
        router.routeWithRegex(HttpMethod.POST, all)
                .handler(BodyHandler.create(false).setBodyLimit(LARGEST_BODY))
                .handler(context -> answer(context, this::post));
    }

    private interface Act {
        JSONStructure run(RoutingContext context) throws IOException, EmptyResponseException;
    }

    private void answer(RoutingContext context, Act act) {
        HttpServerRequest request = context.request();
        String origin = request.getHeader("Origin");
        if (!local(request.remoteAddress().hostAddress())) {
            Problem.blocked("Jolokia answers programs on this machine only").answer(context);
        } else if (origin != null && foreign(origin)) {
            Problem.blocked("Jolokia answers no page of another site").answer(context);
        } else {
            vertx.executeBlocking(() -> json(context, act), false)
                    .onSuccess(text -> context.response()
                            .putHeader("Content-Type", "application/json")
                            .end(text))
                    .onFailure(context::fail);
        }
    }

    private String json(RoutingContext context, Act act) {
        // The gate has put the request id into the answer.
        String id = Caller.requestId(context.response().headers().get(Callers.REQUEST_ID));
        try (Caller.Scope scope = new Caller("jolokia:token", id, Optional.empty()).enter()) {
            return act.run(context).toJSONString();
        } catch (Exception e) {
            // What clients ask for wrongly ends here, and Jolokia has a form for it.
            return handler.handleThrowable(e).toJSONString();
        }
    }

    private JSONStructure get(RoutingContext context) throws EmptyResponseException {
        String path = context.request().path();
        return handler.handleGetRequest(context.request().uri(), path.substring(PATH.length()), query(context));
    }

    private JSONStructure post(RoutingContext context) throws IOException, EmptyResponseException {
        byte[] body = context.body().buffer() == null
                ? new byte[0]
                : context.body().buffer().getBytes();
        return handler.handlePostRequest(
                context.request().uri(), new ByteArrayInputStream(body), "UTF-8", query(context));
    }

    private static Map<String, String[]> query(RoutingContext context) {
        Map<String, String[]> query = new HashMap<>();
        for (String name : context.queryParams().names()) {
            query.put(name, context.queryParams().getAll(name).toArray(String[]::new));
        }
        return query;
    }

    /** @param address in numbers: names are not looked up, as whoever owns one may let it point anywhere */
    static boolean local(String address) {
        if (!ADDRESS.matcher(address).matches()) {
            return false;
        }
        try {
            return InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Browsers say which site a page that sends is from; Hawtio on this machine passes on that of its own pages. */
    static boolean foreign(String origin) {
        Matcher host = ORIGIN.matcher(origin);
        return !host.matches() || !host.group(1).equals("localhost") && !local(host.group(1));
    }

    @Override
    public void close() {
        manager.stop();
    }

    private static final class Log implements LogHandler {
        @Override
        public void debug(String message) {
            LOG.trace("{}", message);
        }

        @Override
        public void info(String message) {
            LOG.debug("{}", message);
        }

        @Override
        public void error(String message, Throwable cause) {
            LOG.warn("{}", message, cause);
        }

        @Override
        public boolean isDebug() {
            return LOG.isTraceEnabled();
        }
    }
}
