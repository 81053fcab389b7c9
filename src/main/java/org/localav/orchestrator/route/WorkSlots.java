package org.localav.orchestrator.route;

import java.util.Optional;
import org.localav.orchestrator.plan.Recipe;

/** The places for encoders, shared by all jobs of this process. */
public record WorkSlots(Slots processor, Slots gpu) {
    /** Where a command waits for its turn; light ones never wait behind encoders. */
    Optional<Slots> of(Recipe.Work work) {
        return switch (work) {
            case LIGHT -> Optional.empty();
            case PROCESSOR -> Optional.of(processor);
            case GPU -> Optional.of(gpu);
        };
    }
}
