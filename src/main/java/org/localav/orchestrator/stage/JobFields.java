package org.localav.orchestrator.stage;

import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.log.LogFields;
import org.localav.orchestrator.trace.Caller;
import org.localav.orchestrator.trace.TraceParent;

/**
 * Lets whatever thread works on a job's exchange know the job's log fields and on whose behalf it works: Camel changes threads
 * as it likes, so both are taken from the exchange at each node of a route.
 */
public final class JobFields implements InterceptStrategy {
    private static final String STEP = "stepId";

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, Processor next) {
        return new DelegateAsyncProcessor(target) {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                Job job = StageLifecycle.job(exchange);
                if (job == null) {
                    return super.process(exchange, callback);
                }
                try (Caller.Scope caller = job.caller().enter();
                        LogFields fields = of(exchange)) {
                    return super.process(exchange, callback);
                }
            }
        };
    }

    /** The fields of a job's exchange, for work that is not a node of a route. */
    static LogFields of(Exchange exchange) {
        return fields(StageLifecycle.job(exchange))
                .and(LogFields.STAGE, exchange.getProperty("stage", String.class))
                .and(LogFields.STEP, exchange.getProperty(STEP, String.class));
    }

    /** Those of a job wherever it is. */
    public static LogFields fields(Job job) {
        return LogFields.ofJob(job.id(), job.spec().job().tags())
                .and(LogFields.RUN, job.run())
                .and(LogFields.REQUEST, job.caller().requestId())
                .and(
                        LogFields.TRACE,
                        job.caller().trace().map(TraceParent::traceId).orElse(null));
    }

    /** Names the step that an exchange is for from now on; null: none. */
    static void step(Exchange exchange, String id) {
        exchange.setProperty(STEP, id);
    }
}
