package org.localav.orchestrator.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.plan.Measured;

/**
 * What one step did, for the report.
 *
 * @param commands each command it ran, so that it can be pasted; none when its result was reused
 * @param facts request id, vendor response id, text hash: what the audit wants to know
 * @param node that made the result, where there are several
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record StepReport(
        String step,
        String stage,
        String key,
        boolean reused,
        List<String> commands,
        Optional<Instant> startedAt,
        Duration took,
        Optional<String> sha256,
        long bytes,
        Optional<Measured> measured,
        Map<String, String> facts,
        Optional<String> node) {
    public StepReport {
        commands = List.copyOf(commands);
        facts = Map.copyOf(facts);
    }

    /** Of the node that runs the job. */
    public StepReport(
            String step,
            String stage,
            String key,
            boolean reused,
            List<String> commands,
            Optional<Instant> startedAt,
            Duration took,
            Optional<String> sha256,
            long bytes,
            Optional<Measured> measured,
            Map<String, String> facts) {
        this(step, stage, key, reused, commands, startedAt, took, sha256, bytes, measured, facts, Optional.empty());
    }

    /** The same, made by a node. */
    public StepReport by(Optional<String> maker) {
        return new StepReport(
                step, stage, key, reused, commands, startedAt, took, sha256, bytes, measured, facts, maker);
    }
}
