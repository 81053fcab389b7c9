package org.localav.orchestrator.route;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;

/** One job's hold on the routes it began with: they run, whatever is edited, until it is closed. */
public final class Lease implements AutoCloseable {
    private final Generation generation;
    private final AtomicBoolean returned = new AtomicBoolean();

    Lease(Generation generation) {
        this.generation = generation;
    }

    public CamelContext context() {
        return generation.context();
    }

    /** Shared by all leases of the generation; it must not be stopped. */
    public ProducerTemplate template() {
        return generation.template();
    }

    public int generation() {
        return generation.number();
    }

    /** Gives the routes back; a second call does nothing. */
    @Override
    public void close() {
        if (returned.compareAndSet(false, true)) {
            generation.release();
        }
    }
}
