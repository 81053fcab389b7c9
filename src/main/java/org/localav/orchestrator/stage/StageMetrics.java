package org.localav.orchestrator.stage;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** The program's own metrics; Prometheus appends {@code _seconds} and {@code _total}. No job id is ever a label. */
public final class StageMetrics {
    private static final String PREFIX = "local_av_orchestrator_";

    /** From a copied file to an hour's encode. */
    private static final Duration[] BUCKETS = Stream.of(
                    10, 50, 250, 1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000, 14_400_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final AtomicInteger active = new AtomicInteger();

    public StageMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder(PREFIX + "jobs_active", active, AtomicInteger::get)
                .description("Jobs that are running")
                .register(registry);
    }

    public void jobBegan() {
        active.incrementAndGet();
    }

    public void jobEnded() {
        active.decrementAndGet();
    }

    void succeeded(String stage, Duration took) {
        duration(stage, "success", took);
    }

    void retried(String stage, Duration took) {
        duration(stage, "retry", took);
        Counter.builder(PREFIX + "job_stage_retries")
                .description("Attempts at a stage that failed and were followed by another")
                .tag("stage", stage)
                .register(registry)
                .increment();
    }

    void failed(String stage, Duration took, FailureReason reason) {
        duration(stage, "failure", took);
        Counter.builder(PREFIX + "job_stage_failures")
                .description("Stages that ended without success")
                .tag("stage", stage)
                .tag("reason", reason.id())
                .register(registry)
                .increment();
    }

    private void duration(String stage, String status, Duration took) {
        Timer.builder(PREFIX + "job_stage_duration")
                .description("Time a stage or an attempt at it took")
                .tag("stage", stage)
                .tag("status", status)
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(took);
    }
}
