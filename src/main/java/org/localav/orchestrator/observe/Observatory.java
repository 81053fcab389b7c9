package org.localav.orchestrator.observe;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.engine.Engine;
import org.localav.orchestrator.service.JobService;
import org.localav.orchestrator.store.JobStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything by which the running service is seen from outside. */
public final class Observatory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Observatory.class);

    private final Meters meters;
    private final Health health;
    private final JobService service;
    private final Engine engine;
    private ServiceBeans beans;

    /** @param meters what the engine counts in */
    public Observatory(Meters meters, Engine engine, JobService service, JobStore store) {
        this.meters = meters;
        this.health = new Health(service, store);
        new ServiceMeters(meters, service, health).bind(engine);
        this.service = service;
        this.engine = engine;
        measure(service.workshop().store());
    }

    /** A walk through a large store takes its time, which a start should not wait for. */
    private static void measure(StepStore store) {
        Thread thread = new Thread(
                () -> {
                    try {
                        store.evict();
                    } catch (IOException e) {
                        LOG.warn("the step store could not be looked through: {}", e.toString());
                    }
                },
                "step-store-size");
        thread.setDaemon(true);
        thread.start();
    }

    public Health health() {
        return health;
    }

    /** Makes the service's own beans for JMX; a virtual machine can have one service that does. */
    public void open() {
        beans = new ServiceBeans(service, engine, health);
    }

    /** Where more may be counted. */
    public MeterRegistry meters() {
        return meters;
    }

    /** All metrics in Prometheus' text format, {@link Meters#CONTENT_TYPE}. May ask the job store. */
    public String scrape() {
        return meters.scrape();
    }

    @Override
    public void close() {
        if (beans != null) {
            beans.close();
        }
        health.close();
    }
}
