package org.localav.orchestrator.route;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.component.micrometer.routepolicy.MicrometerRoutePolicyFactory;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.stage.JobFields;
import org.localav.orchestrator.stage.Retries;
import org.localav.orchestrator.stage.StageLifecycle;
import org.localav.orchestrator.stage.StageMetrics;
import org.localav.orchestrator.webhook.Carrier;

/** Binds in a context what job routes refer to by {@code #name} and {@code {{setting}}}; the same in every generation. */
public final class JobContext implements AutoCloseable {
    private final Workshop workshop;
    private final StageMetrics metrics;
    private final StageLifecycle lifecycle;
    private final Map<String, Object> beans;
    private final SpeechBeans speech;
    private final MeterRegistry registry;
    private final WorkSlots slots;

    /** A thread a running step: how many run at once is decided by slots, so the pool itself must never make one wait. */
    private final ExecutorService threads;

    /**
     * @param environment where secrets are found by name
     * @param version of this program, for reports
     * @param carrier of the messages to webhooks
     */
    public JobContext(
            Workshop workshop,
            Map<String, String> environment,
            String version,
            MeterRegistry registry,
            Carrier carrier) {
        this.workshop = workshop;
        this.registry = registry;
        this.metrics = new StageMetrics(registry);
        this.lifecycle = new StageLifecycle(metrics, workshop.processes()::suspended);
        AtomicInteger number = new AtomicInteger();
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "step-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        Probes probes = new Probes(workshop.settings());
        Trials trials = new Trials(workshop, probes);
        Archive archive = new Archive(workshop, version);
        this.slots = new WorkSlots(
                new Slots(workshop.preparation().encoders()),
                new Slots(Math.max(1, workshop.settings().integer("gpu.encoders"))));
        this.speech = new SpeechBeans(workshop, probes, environment);
        this.beans = new java.util.HashMap<>(Map.of(
                "jobs", new JobBeans(workshop, probes),
                "steps", new Steps(workshop, probes, trials, slots, archive),
                "archive", archive,
                "webhooks", new Webhooks(carrier),
                "retries", new Retries(metrics),
                "branches", new FirstFailure(true),
                "siblings", new FirstFailure(false),
                "processes", new ProcessExecutor(workshop.processes()),
                "toolBinding", new ToolBinding(),
                "metricsRegistry", registry));
        beans.put("trials", trials);
        beans.put("made", new Made(workshop, probes, slots));
        beans.put("threads", threads);
        beans.putAll(speech.beans());
    }

    public WorkSlots slots() {
        return slots;
    }

    public StageLifecycle lifecycle() {
        return lifecycle;
    }

    public StageMetrics metrics() {
        return metrics;
    }

    public Archive archive() {
        return (Archive) beans.get("archive");
    }

    /** Prepares one generation's context. */
    public void prepare(CamelContext context) {
        beans.forEach((name, bean) -> context.getRegistry().bind(name, bean));
        context.getPropertiesComponent().setInitialProperties(properties());
        context.addRoutePolicyFactory(lifecycle);
        context.getCamelContextExtension().addInterceptStrategy(new JobFields());
        MicrometerRoutePolicyFactory routes = new MicrometerRoutePolicyFactory();
        routes.setMeterRegistry(registry);
        // It names a context, of which each edit of the routes makes a new one.
        routes.setSkipCamelInfo(true);
        routes.getPolicyConfiguration().setContextEnabled(false);
        routes.getPolicyConfiguration().setExternalRedeliveries(false);
        context.addRoutePolicyFactory(routes);
    }

    private Properties properties() {
        Properties properties = new Properties();
        for (Settings.Value setting : workshop.settings().all()) {
            properties.setProperty(setting.key(), setting.value());
        }
        properties.setProperty("archive.folder", workshop.places().archive().toString());
        properties.setProperty("routes.folder", workshop.places().routes().toString());
        properties.setProperty("inbox.folder", workshop.places().inbox().toString());
        return properties;
    }

    @Override
    public void close() {
        speech.close();
        lifecycle.close();
        threads.shutdownNow();
        registry.close();
    }
}
