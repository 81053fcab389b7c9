package org.localav.orchestrator.service;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.localav.orchestrator.engine.Engine;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.stage.FailureReason;

/** What this node tells of itself, as it is at the moment. */
record Badge(Workshop workshop, Engine engine, Set<String> labels, int slots) implements Supplier<NodeState.Card> {
    @Override
    public NodeState.Card get() {
        return new NodeState.Card(
                labels,
                slots,
                workshop.preparation().encoders(),
                versions(),
                engine.routes().status());
    }

    private Map<String, String> versions() {
        try {
            return engine.versions();
        } catch (IOException e) {
            // Jobs will say so, too.
            return Map.of("ffmpeg", FailureReason.sentence(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Map.of();
        }
    }
}
