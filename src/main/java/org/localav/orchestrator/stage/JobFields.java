package org.localav.orchestrator.stage;

import java.util.Optional;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.log.LogFields;
import org.localav.orchestrator.trace.TraceParent;

/**
 * Gives whatever thread works on a job's exchange the job's log fields: Camel changes threads as it likes, so they are taken
 * from the exchange at each node of a route.
 */
public final class JobFields implements InterceptStrategy {
    private static final String STEP = "stepId";

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, Processor next) {
        return new DelegateAsyncProcessor(target) {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                Optional<LogFields> lacking = lacking(exchange);
                try {
                    return super.process(exchange, callback);
                } finally {
                    lacking.ifPresent(LogFields::close);
                }
            }
        };
    }

    /** The fields of an exchange, for work that is not a node of a route. */
    static LogFields of(Exchange exchange) {
        return lacking(exchange).orElseGet(() -> LogFields.with(java.util.Map.of()));
    }

    /** Empty when the thread has them. */
    private static Optional<LogFields> lacking(Exchange exchange) {
        Job job = StageLifecycle.job(exchange);
        String stage = exchange.getProperty("stage", String.class);
        String step = exchange.getProperty(STEP, String.class);
        boolean has = job == null
                || LogFields.has(LogFields.JOB, job.id())
                        && LogFields.has(LogFields.STAGE, stage)
                        && LogFields.has(LogFields.STEP, step);
        return has
                ? Optional.empty()
                : Optional.of(fields(job).and(LogFields.STAGE, stage).and(LogFields.STEP, step));
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
