package org.localav.orchestrator.route;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.Service;
import org.apache.camel.StartupSummaryLevel;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/**
 * One set of routes, running in a context of its own that closes when the last job on it ends. Beans bound by name are
 * shared with other generations, so none may be a Camel {@link Service}: Camel would stop it with the first context.
 */
public final class Generation {
    private static final int SHUTDOWN_SECONDS = 10;

    private final int number;
    private final RouteFolder routes;
    private final DefaultCamelContext context;
    private final ProducerTemplate template;
    /** One for being current, one for each lease; at 0 it is closed and never comes back. */
    private final AtomicInteger holds = new AtomicInteger(1);

    private Generation(int number, RouteFolder routes, DefaultCamelContext context) {
        this.number = number;
        this.routes = routes;
        this.context = context;
        this.template = context.createProducerTemplate();
    }

    /** Builds and starts the routes in a context made by {@link #context}; on failure the caller stops that. */
    static Generation start(int number, RouteFolder routes, DefaultCamelContext context) throws Exception {
        load(context, routes);
        context.start();
        return new Generation(number, routes, context);
    }

    /**
     * A context with all that a short-lived program can do without switched off, and the caller's beans in it.
     *
     * @param managed whether its routes become beans for JMX
     */
    static DefaultCamelContext context(String name, boolean managed, Consumer<CamelContext> prepare) {
        DefaultCamelContext context = new DefaultCamelContext(false);
        context.getCamelContextExtension().setName(name);
        context.setLoadTypeConverters(false);
        context.setLoadHealthChecks(false);
        context.setStartupSummaryLevel(StartupSummaryLevel.Off);
        if (!managed) {
            // Before it is built: afterwards, all that JMX needs has been loaded.
            context.disableJMX();
        }
        context.build();
        context.getShutdownStrategy().setTimeout(SHUTDOWN_SECONDS);
        try {
            prepare.accept(context);
            refuseServices(context);
            return context;
        } catch (RuntimeException e) {
            context.stop();
            throw e;
        }
    }

    static void load(CamelContext context, RouteFolder routes) throws Exception {
        var resources = routes.texts().entrySet().stream()
                .map(e -> (Resource) ResourceHelper.fromString(e.getKey(), e.getValue()))
                .toList();
        context.getCamelContextExtension().addContextPlugin(RouteFolder.class, routes);
        PluginHelper.getRoutesLoader(context).loadRoutes(resources);
    }

    public int number() {
        return number;
    }

    public CamelContext context() {
        return context;
    }

    RouteFolder routes() {
        return routes;
    }

    ProducerTemplate template() {
        return template;
    }

    /** False when the generation has been closed in the meantime. */
    boolean acquire() {
        return holds.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
    }

    /**
     * Gives one hold back. The context closes on a thread of its own: the caller may be a route of that very context,
     * and Camel would wait for it to end.
     */
    void release() {
        if (holds.decrementAndGet() == 0) {
            Thread closing = new Thread(context::stop, "avo-routes-closing-" + number);
            closing.setDaemon(true);
            closing.start();
        }
    }

    /** Gives one hold back and, if it was the last, closes the context before it returns. */
    void releaseAndWait() {
        if (holds.decrementAndGet() == 0) {
            context.stop();
        }
    }

    boolean isOpen() {
        return !context.isStopped();
    }

    private static void refuseServices(CamelContext context) {
        for (Map.Entry<String, Service> bean :
                context.getRegistry().findByTypeWithName(Service.class).entrySet()) {
            throw new IllegalArgumentException("bean '" + bean.getKey() + "' ("
                    + bean.getValue().getClass().getName()
                    + ") is a Camel service, which the first generation of routes to"
                    + " close would stop for all: bind an object that isn't one");
        }
    }
}
