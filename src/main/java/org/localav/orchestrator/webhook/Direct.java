package org.localav.orchestrator.webhook;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.localav.orchestrator.audit.Audit;
import org.localav.orchestrator.job.HostPolicy;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.WebhookMessage;
import org.localav.orchestrator.log.LogFields;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.process.CancelledException;
import org.localav.orchestrator.trace.Caller;

/**
 * The way of a single run, after which nobody is there to try again: three tries within twenty seconds, side by side, and
 * a note when they fail. Once the user wants to end, three seconds must do.
 */
public final class Direct implements Carrier {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration HASTE = Duration.ofSeconds(3);
    private static final List<Duration> PAUSES = List.of(Duration.ofSeconds(1), Duration.ofSeconds(3));
    private static final int AT_ONCE = 16;

    private final Sender sender;
    private final Audit audit;
    private final Map<String, List<Letter>> letters = new ConcurrentHashMap<>();
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(AT_ONCE, task -> {
        Thread thread = new Thread(task, "webhooks");
        thread.setDaemon(true);
        return thread;
    });

    private record Letter(WebhookMessage message, Future<Optional<String>> problem) {}

    /** @param environment where secrets are found by the names that specs give */
    public Direct(HostPolicy hosts, Map<String, String> environment, Audit audit) {
        this.audit = audit;
        this.sender = new Sender(hosts, environment, Clock.systemUTC());
    }

    @Override
    public void carry(Job job, WebhookMessage message) {
        letters.computeIfAbsent(job.run(), run -> new CopyOnWriteArrayList<>())
                .add(new Letter(message, threads.submit(() -> deliver(job, message))));
    }

    /** What kept the message from being delivered. */
    private Optional<String> deliver(Job job, WebhookMessage message) throws InterruptedException {
        Caller caller =
                new Caller(job.caller().who(), message.id(), job.caller().trace());
        try (LogFields fields = LogFields.with(LogFields.JOB, job.id());
                Caller.Scope scope = caller.enter()) {
            Optional<String> problem = deliver(message, job.cancellation());
            String what = problem.isEmpty() ? "webhook_delivered" : "webhook_given_up";
            audit.wrote(what, job.id(), Map.of("url", message.url(), "type", message.type()));
            return problem;
        }
    }

    private Optional<String> deliver(WebhookMessage message, Cancellation cancellation) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (int tries = 1; ; tries++) {
            Duration left = Duration.ofNanos(end - System.nanoTime());
            Answer answer = sender.send(message, left.compareTo(Sender.LIMIT) < 0 ? left : Sender.LIMIT);
            if (answer.delivered() || answer.hopeless() || tries > PAUSES.size()) {
                return answer.error();
            }
            Duration pause = PAUSES.get(tries - 1);
            if (System.nanoTime() + pause.toNanos() >= end) {
                return answer.error();
            }
            try {
                cancellation.sleep(pause);
            } catch (CancelledException e) {
                return answer.error();
            }
        }
    }

    @Override
    public void settle(Job job) throws InterruptedException {
        List<Letter> waiting = Optional.ofNullable(letters.remove(job.run())).orElse(List.of());
        if (waiting.isEmpty()) {
            return;
        }
        try (Cancellation.Registration hurry = job.cancellation().onCancel(() -> hurry(waiting))) {
            for (Letter letter : waiting) {
                problem(letter)
                        .ifPresent(why -> job.note("the webhook at "
                                + URI.create(letter.message().url()).getHost() + " was not told "
                                + letter.message().type() + ": " + why));
            }
        }
    }

    private void hurry(List<Letter> waiting) {
        threads.schedule(() -> waiting.forEach(l -> l.problem().cancel(true)), HASTE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Optional<String> problem(Letter letter) throws InterruptedException {
        try {
            return letter.problem().get();
        } catch (CancellationException e) {
            return Optional.of("there was no time left");
        } catch (ExecutionException e) {
            return Optional.of(String.valueOf(e.getCause()));
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        sender.close();
    }
}
