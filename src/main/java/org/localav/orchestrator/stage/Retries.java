package org.localav.orchestrator.stage;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CancellationException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.log.LogFields;
import org.localav.orchestrator.process.ToolFailedException;
import org.localav.orchestrator.spec.JobSpec.Retry;
import org.localav.orchestrator.speech.SpeechException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a failed stage is tried again, and waits before it is. The wait is here and not in Camel's redelivery
 * because a cancelled job must not sleep it out.
 */
public final class Retries implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(Retries.class);
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private final StageMetrics metrics;

    /** Camel asks for the step in a split and then for the split itself: what was given up for one is so for the other. */
    private final Set<Throwable> givenUp = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    public Retries(StageMetrics metrics) {
        this.metrics = metrics;
    }

    /** Asked by {@code retryWhile} after each failed attempt. */
    public boolean shouldRetry(Exchange exchange) throws InterruptedException {
        Throwable failure = FailureReason.cause(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
        Job job = StageLifecycle.job(exchange);
        Retry retry = job.spec().job().retry();
        String stage = exchange.getProperty("stage", String.class);
        // Not Camel's own counter: it lies in a header, which is lost where a step's call replaces the message.
        String counter = "attempts." + stage + "." + exchange.getExchangeId();
        int attempt = exchange.getProperty(counter, 0, Integer.class) + 1;
        exchange.setProperty(counter, attempt);
        if (attempt > retry.limit() || !worthwhile(failure)) {
            givenUp.add(failure);
            return false;
        }
        if (givenUp.contains(failure)) {
            return false;
        }
        Instant begun = exchange.getProperty("begun." + stage, Instant.now(), Instant.class);
        metrics.retried(stage, Duration.between(begun, Instant.now()));
        Duration wait = wait(retry, attempt, failure);
        job.stageRetries(stage, FailureReason.sentence(failure));
        try (LogFields fields = JobFields.of(exchange)) {
            LOG.atWarn()
                    .addKeyValue("attempt", attempt)
                    .addKeyValue("reason", FailureReason.of(failure).id())
                    .log(
                            "stage {} of job {} is tried again in {} ms: {}",
                            stage,
                            job.id(),
                            wait.toMillis(),
                            FailureReason.sentence(failure));
        }
        job.note(stage + " is tried again in " + wait.toMillis() / 1000.0 + " s (" + attempt + " of " + retry.limit()
                + "): " + FailureReason.sentence(failure));
        try {
            StageLifecycle.cancellation(exchange).sleep(wait);
        } catch (CancellationException e) {
            return false;
        }
        return true;
    }

    /** Told by {@code onRedelivery} just before the next attempt. */
    @Override
    public void process(Exchange exchange) {
        StageLifecycle.job(exchange).stageResumed(exchange.getProperty("stage", String.class));
    }

    static Duration wait(Retry retry, int attempt, Throwable failure) {
        double factor = Math.pow(retry.backoff(), Math.max(0, attempt - 1));
        long millis = (long) Math.min(LONGEST.toMillis(), retry.delay().toMillis() * factor);
        Optional<Duration> asked = failure instanceof SpeechException speech ? speech.retryAfter() : Optional.empty();
        Duration wait = Duration.ofMillis(millis);
        return asked.filter(after -> after.compareTo(wait) > 0)
                .map(after -> after.compareTo(LONGEST) > 0 ? LONGEST : after)
                .orElse(wait);
    }

    /** What may well go otherwise the next time: a busy server, a full disk, a killed process; not a wrong input. */
    public static boolean worthwhile(Throwable failure) {
        if (failure instanceof SpeechException speech) {
            return speech.retryable();
        }
        if (failure instanceof ToolFailedException tool) {
            String said = String.join("\n", tool.lastLines());
            boolean killed = tool.exitCode() > 128 && tool.exitCode() != 255;
            return killed
                    || full(said)
                    || said.contains("Cannot allocate memory")
                    || said.contains("Resource temporarily unavailable");
        }
        if (failure instanceof FileSystemException file) {
            return full(String.valueOf(file.getReason()));
        }
        return failure instanceof IOException;
    }

    private static boolean full(String said) {
        return said.contains("No space left") || said.contains("Disk quota exceeded");
    }
}
