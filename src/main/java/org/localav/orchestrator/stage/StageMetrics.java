package org.localav.orchestrator.stage;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.plan.Stage;

/** The program's own metrics; Prometheus appends {@code _seconds} and {@code _total}. No job id is ever a label. */
public final class StageMetrics {
    private static final String PREFIX = "local_av_orchestrator_";

    /** From a copied file to an hour's encode. */
    private static final Duration[] BUCKETS = Stream.of(
                    10, 50, 250, 1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000, 14_400_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    /** Multiples of the playing time, from a slow encoder to a copy. */
    private static final double[] SPEEDS = {0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 1000};

    private final MeterRegistry registry;
    private final AtomicInteger active = new AtomicInteger();

    public StageMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder(PREFIX + "jobs_active", active, AtomicInteger::get)
                .description("Jobs that are running")
                .register(registry);
        // At 0 from the start: the first one would not count as a rise otherwise.
        for (Stage stage : Stage.values()) {
            retries(stage.id());
            for (FailureReason reason : FailureReason.values()) {
                failures(stage.id(), reason);
            }
        }
    }

    public void jobBegan() {
        active.incrementAndGet();
    }

    /** @param job that has ended, or that a defect keeps from ending */
    public void jobEnded(Job job) {
        active.decrementAndGet();
        Timer.builder(PREFIX + "job_duration")
                .description("Time a job ran, from its start to its end")
                .tag("status", job.status().id())
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(Duration.between(job.createdAt(), Instant.now()));
    }

    /**
     * Counts a step that has its result.
     *
     * @param elsewhere whether another node has made it
     */
    public void stepDone(StepReport step, boolean elsewhere) {
        Counter.builder(PREFIX + "steps")
                .description("Steps by whether their result was made, made by another node, or found in the step store")
                .tag("stage", step.stage())
                .tag("result", step.reused() ? "reused" : elsewhere ? "helped" : "made")
                .register(registry)
                .increment();
        if (step.reused()) {
            return;
        }
        Counter.builder(PREFIX + "step_result_bytes")
                .description("Bytes of the results that steps made")
                .baseUnit("bytes")
                .tag("stage", step.stage())
                .register(registry)
                .increment(step.bytes());
        if (step.facts().containsKey("characters")) {
            Counter.builder(PREFIX + "speech_characters")
                    .description("Characters of the sentences that providers spoke, which is what they charge for")
                    .tag("provider", step.facts().get("provider"))
                    .register(registry)
                    .increment(Double.parseDouble(step.facts().get("characters")));
        }
        if (!step.commands().isEmpty()
                && step.measured().isPresent()
                && !step.took().isZero()) {
            DistributionSummary.builder(PREFIX + "ffmpeg_speed_ratio")
                    .description("Playing time of what ffmpeg made, over the time it took")
                    .tag("stage", step.stage())
                    .serviceLevelObjectives(SPEEDS)
                    .register(registry)
                    .record(seconds(step.measured().get().duration()) / seconds(step.took()));
        }
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }

    void succeeded(String stage, Duration took) {
        duration(stage, "success", took);
    }

    void retried(String stage, Duration took) {
        duration(stage, "retry", took);
        retries(stage).increment();
    }

    private Counter retries(String stage) {
        return Counter.builder(PREFIX + "job_stage_retries")
                .description("Attempts at a stage that failed and were followed by another")
                .tag("stage", stage)
                .register(registry);
    }

    void failed(String stage, Duration took, FailureReason reason) {
        duration(stage, "failure", took);
        failures(stage, reason).increment();
    }

    private Counter failures(String stage, FailureReason reason) {
        return Counter.builder(PREFIX + "job_stage_failures")
                .description("Stages that ended without success")
                .tag("stage", stage)
                .tag("reason", reason.id())
                .register(registry);
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
