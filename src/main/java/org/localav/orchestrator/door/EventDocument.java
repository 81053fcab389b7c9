package org.localav.orchestrator.door;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.store.Event;

/** An event as clients see it. */
record EventDocument(long number, String jobId, Instant at, String type, JsonNode data) {
    static EventDocument of(Event event) {
        try {
            return new EventDocument(
                    event.number(), event.jobId(), event.at(), event.type(), Report.JSON.readTree(event.data()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the store holds an event that is no JSON", e);
        }
    }
}
