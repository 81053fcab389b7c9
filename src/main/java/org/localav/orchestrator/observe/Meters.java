package org.localav.orchestrator.observe;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/**
 * Where everything is counted that Prometheus reads. What was counted once is never forgotten: Camel takes the meters of a
 * route away when an edit replaces it, and a counter that goes back to 0 then would look like a restart.
 */
public final class Meters extends PrometheusMeterRegistry {
    /** What {@link #scrape()} gives. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final JvmGcMetrics collections = new JvmGcMetrics();

    /** @param version of this program */
    public Meters(String version) {
        super(PrometheusConfig.DEFAULT, new PrometheusRegistry(), Clock.SYSTEM);
        config().meterFilter(new PrometheusNames());
        throwExceptionOnRegistrationFailure();
        Gauge.builder("local_av_orchestrator_version", () -> 1)
                .description("Always 1; its labels say what runs here")
                .tag("version", version)
                .tag("java", Runtime.version().toString())
                .register(this);
        collections.bindTo(this);
        new JvmMemoryMetrics().bindTo(this);
        new JvmThreadMetrics().bindTo(this);
        new ClassLoaderMetrics().bindTo(this);
        new ProcessorMetrics().bindTo(this);
        new FileDescriptorMetrics().bindTo(this);
        new UptimeMetrics().bindTo(this);
    }

    @Override
    public Meter remove(Meter.Id id) {
        return null;
    }

    @Override
    public void close() {
        collections.close();
        super.close();
    }
}
