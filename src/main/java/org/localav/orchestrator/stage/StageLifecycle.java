package org.localav.orchestrator.stage;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.StageRecord;
import org.localav.orchestrator.job.StageStatus;
import org.localav.orchestrator.log.LogFields;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.trace.Span;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The life of every stage, once for all: any route marked {@code group: stage} gets its state, time-out, metrics and log
 * lines from here. Retries happen inside; their policy stands in {@code routes/errors.camel.yaml}.
 */
public final class StageLifecycle implements RoutePolicyFactory, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StageLifecycle.class);
    private static final String SPAN = "span";
    private static final String CANCELLATION = "stageCancellation";

    private final StageMetrics metrics;
    private final Supplier<Duration> suspended;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "stage-timeouts");
        thread.setDaemon(true);
        return thread;
    });

    /** @param suspended how long programs have stood still so far, all in all: such time counts towards no limit */
    public StageLifecycle(StageMetrics metrics, Supplier<Duration> suspended) {
        this.metrics = metrics;
        this.suspended = suspended;
    }

    /** The job an exchange belongs to. */
    public static Job job(Exchange exchange) {
        return exchange.getProperty("job", Job.class);
    }

    /** What ends the work of the stage that the exchange is in: the job's end, the other branch's failure, a time-out. */
    public static Cancellation cancellation(Exchange exchange) {
        Cancellation stage = exchange.getProperty(CANCELLATION, Cancellation.class);
        return stage == null ? job(exchange).path() : stage;
    }

    /** The innermost span that the exchange's work belongs to. */
    public static Span span(Exchange exchange) {
        Span span = exchange.getProperty(SPAN, Span.class);
        return span == null ? Span.NONE : span;
    }

    /** Lets the work of an exchange belong to a span. */
    public static void span(Exchange exchange, Span span) {
        exchange.setProperty(SPAN, span);
    }

    @Override
    public RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode definition) {
        String group = definition instanceof RouteDefinition route ? String.valueOf(route.getGroup()) : "";
        return switch (group) {
            case "stage" -> new Policy(routeId);
            case "step" -> new StepPolicy();
            default -> null;
        };
    }

    /** Runs something that must end in time: {@code late} is told when it has not, and is to make it end. */
    public void during(Duration limit, java.util.function.Consumer<Duration> late, Runnable work) {
        try (Timer timer = new Timer(limit, () -> late.accept(limit))) {
            work.run();
        }
    }

    /** Runs out once; time in which programs stand still is added. */
    private final class Timer implements AutoCloseable {
        private final long end;
        private final Duration stoodStill;
        private final Runnable late;
        private volatile ScheduledFuture<?> next;

        Timer(Duration limit, Runnable late) {
            this.end = System.nanoTime() + limit.toNanos();
            this.stoodStill = suspended.get();
            this.late = late;
            wakeIn(limit.toNanos());
        }

        private void wakeIn(long nanos) {
            next = clock.schedule(LogFields.carried(this::look), nanos, TimeUnit.NANOSECONDS);
        }

        private void look() {
            long left = end + suspended.get().minus(stoodStill).toNanos() - System.nanoTime();
            if (left > 0) {
                wakeIn(left);
            } else {
                late.run();
            }
        }

        @Override
        public void close() {
            next.cancel(false);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }

    private final class Policy extends RoutePolicySupport {
        private final String stage;
        private final String begun;
        private final String timer;
        private final String outer;

        Policy(String stage) {
            this.stage = stage;
            this.begun = "begun." + stage;
            this.timer = "timer." + stage;
            this.outer = "outerSpan." + stage;
        }

        @Override
        public void onExchangeBegin(Route route, Exchange exchange) {
            Job job = job(exchange);
            Cancellation cancellation = job.path().child();
            exchange.setProperty("stage", stage);
            exchange.setProperty(begun, Instant.now());
            exchange.setProperty(CANCELLATION, cancellation);
            Optional<Duration> limit =
                    Optional.ofNullable(job.spec().job().stageTimeouts().get(stage));
            limit.ifPresent(time -> exchange.setProperty(
                    timer, new Timer(time, () -> cancellation.cancel(TimedOut.reason(stage, time)))));
            exchange.setProperty(outer, span(exchange));
            span(exchange, span(exchange).child("stage " + stage, Map.of("avo.stage", stage)));
            job.stageBegan(stage);
            try (LogFields fields = JobFields.of(exchange)) {
                LOG.info("stage {} of job {} began", stage, job.id());
            }
        }

        @Override
        public void onExchangeDone(Route route, Exchange exchange) {
            Job job = job(exchange);
            Timer running = exchange.getProperty(timer, Timer.class);
            if (running != null) {
                running.close();
            }
            Instant start = exchange.getProperty(begun, Instant.now(), Instant.class);
            exchange.removeProperty(CANCELLATION);
            Duration took = Duration.between(start, Instant.now());
            Throwable failure = exchange.getException();
            if (failure == null) {
                boolean reused = job.prepared().isPresent() && job.reuses(stage);
                job.stageEnded(stage, reused ? StageStatus.REUSED : StageStatus.SUCCEEDED, Optional.empty());
                metrics.succeeded(stage, took);
                endSpan(exchange, Optional.empty());
                tell(exchange, Level.INFO, "ended", took, Optional.empty());
                exchange.removeProperty("stage");
            } else {
                FailureReason reason = FailureReason.of(failure);
                StageStatus status = reason == FailureReason.CANCELLED ? StageStatus.CANCELLED : StageStatus.FAILED;
                job.stageEnded(stage, status, Optional.of(FailureReason.sentence(failure)));
                metrics.failed(stage, took, reason);
                Level level = reason == FailureReason.CANCELLED ? Level.INFO : Level.WARN;
                endSpan(exchange, Optional.of(reason.id()));
                tell(exchange, level, status.id(), took, Optional.of(reason));
            }
        }

        private void endSpan(Exchange exchange, Optional<String> failure) {
            Span span = span(exchange);
            StageRecord record = job(exchange).record(stage);
            span.set("avo.status", record.status());
            span.set("avo.attempts", record.attempts());
            span.end(failure);
            span(exchange, exchange.getProperty(outer, Span.NONE, Span.class));
        }

        /** One line; why it failed stands in it, so that it needs no other. */
        private void tell(Exchange exchange, Level level, String how, Duration took, Optional<FailureReason> reason) {
            try (LogFields fields = JobFields.of(exchange)) {
                LoggingEventBuilder line = LOG.atLevel(level)
                        .addKeyValue("status", job(exchange).record(stage).status())
                        .addKeyValue("took_ms", took.toMillis());
                if (reason.isPresent()) {
                    line = line.addKeyValue("reason", reason.get().id());
                }
                String sentence = reason.map(why -> ": " + FailureReason.sentence(exchange.getException()))
                        .orElse("");
                line.log(
                        "stage {} of job {} {} after {} ms{}",
                        stage,
                        job(exchange).id(),
                        how,
                        took.toMillis(),
                        sentence);
            }
        }
    }
}
