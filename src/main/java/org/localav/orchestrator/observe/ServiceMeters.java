package org.localav.orchestrator.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.File;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.engine.Engine;
import org.localav.orchestrator.route.Slots;
import org.localav.orchestrator.service.JobService;
import org.localav.orchestrator.service.QueueState;
import org.localav.orchestrator.store.Backlog;
import org.localav.orchestrator.store.StoreException;

/** What is asked of the service at each scrape: the queue, the slots, the step store, the disk. */
final class ServiceMeters {
    private static final String PREFIX = "local_av_orchestrator_";
    private static final int HIGHEST_PRIORITY = 9;

    private final MeterRegistry registry;
    private final JobService service;
    private final Health health;
    private final Recent<Backlog> backlog;

    ServiceMeters(MeterRegistry registry, JobService service, Health health) {
        this.health = health;
        this.registry = registry;
        this.service = service;
        this.backlog = new Recent<>(service::backlog);
    }

    void bind(Engine engine) {
        health();
        queue();
        slots(engine);
        stepStore(service.workshop().store());
        File state = service.workshop().places().state().toFile();
        gauge("disk_free_bytes", "Room on the disk of the state folder", state::getUsableSpace);
        gauge(
                "routes_generation",
                "Number of the routes that run; each edit that is taken adds one",
                () -> service.routes().generation());
    }

    private void health() {
        gauge("ready", "1 while jobs can be taken and run", () -> health.state().ready() ? 1 : 0);
        for (String check : Health.checks()) {
            Gauge.builder(PREFIX + "health", () -> health.state().faults().containsKey(check) ? 0 : 1)
                    .description("1 while the check finds no fault")
                    .tag("check", check)
                    .register(registry);
        }
    }

    private void queue() {
        gauge("job_queue_depth", "Jobs that wait in the queue", () -> waiting(Backlog::queued));
        for (int i = 0; i <= HIGHEST_PRIORITY; i++) {
            int priority = i;
            Gauge.builder(PREFIX + "queued_jobs", () -> waiting(b -> b.jobs().getOrDefault(priority, 0L)))
                    .description("Jobs that wait in the queue, by their priority")
                    .tag("priority", String.valueOf(priority))
                    .register(registry);
        }
        gauge(
                "queue_running",
                "1 while jobs start; 0 while the queue is paused or suspended",
                () -> service.mode() == QueueState.Mode.RUNNING ? 1 : 0);
        gauge(
                "webhook_messages_pending",
                "Messages to webhooks that are still to be delivered",
                () -> waiting(Backlog::messages));
    }

    private double waiting(ToDoubleFunction<Backlog> figure) {
        try {
            return figure.applyAsDouble(backlog.get());
        } catch (StoreException e) {
            // No figure is better than a wrong one; that the store fails is told by the readiness.
            return Double.NaN;
        }
    }

    private void slots(Engine engine) {
        slots("job", () -> service.node().running(), () -> service.node().slots());
        slots("processor", engine.slots().processor());
        slots("gpu", engine.slots().gpu());
    }

    private void slots(String kind, Slots slots) {
        slots(kind, slots::used, slots::number);
    }

    private void slots(String kind, Supplier<Number> used, Supplier<Number> all) {
        Gauge.builder(PREFIX + "slots_used", used)
                .description(
                        "Places that are taken: by running jobs, by encoders on the processor, by hardware encoders")
                .tag("kind", kind)
                .register(registry);
        Gauge.builder(PREFIX + "slots", all)
                .description("Places there are, by kind")
                .tag("kind", kind)
                .register(registry);
    }

    private void stepStore(StepStore store) {
        gauge("step_store_bytes", "What the step store held when a job last ended, and what came since", store::bytes);
        gauge("step_store_limit_bytes", "What the step store may hold (steps.limit)", store::limit);
        FunctionCounter.builder(PREFIX + "step_store_evicted_bytes", store, StepStore::evictedBytes)
                .description("Bytes of results that had to go, least recently used first")
                .register(registry);
    }

    private void gauge(String name, String help, Supplier<Number> value) {
        Gauge.builder(PREFIX + name, value).description(help).register(registry);
    }
}
