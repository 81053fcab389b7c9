package org.localav.orchestrator.door;

import java.util.Optional;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.localav.orchestrator.trace.Caller;
import org.localav.orchestrator.trace.TraceParent;

/** Lets whatever a route of a way in calls know on whose behalf it works: logs, audit and traces tell it. */
final class Callers implements InterceptStrategy {
    /** The header of a request and of its answer. */
    static final String REQUEST_ID = "X-Request-Id";

    private static final String CALLER = "caller";

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, Processor next) {
        return new DelegateAsyncProcessor(target) {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                try (Caller.Scope scope = caller(exchange).enter()) {
                    return super.process(exchange, callback);
                }
            }
        };
    }

    private static Caller caller(Exchange exchange) {
        Caller known = exchange.getProperty(CALLER, Caller.class);
        if (known == null) {
            known = exchange.getIn() instanceof HttpMessage http ? client(http) : Caller.of("inbox");
            exchange.setProperty(CALLER, known);
        }
        return known;
    }

    /** The gate has put the request id into the answer. */
    private static Caller client(HttpMessage http) {
        String trace = http.getRequest().getHeader("traceparent");
        return new Caller(
                "http:token",
                Caller.requestId(http.getRequest().response().headers().get(REQUEST_ID)),
                Optional.ofNullable(trace).flatMap(TraceParent::read));
    }
}
