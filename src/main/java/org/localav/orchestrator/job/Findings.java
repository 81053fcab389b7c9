package org.localav.orchestrator.job;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.spec.Violation;

/** Collects what stands in the way of a job, so that all of it is said at once. */
final class Findings {
    private final Parsed parsed;
    private final List<Violation> violations = new ArrayList<>();
    private final List<String> blocks = new ArrayList<>();

    Findings(Parsed parsed) {
        this.parsed = parsed;
    }

    /** Something the spec's writer must mend; {@code path} as in {@code outputs[0].preset}. */
    synchronized void wrong(String path, String sentence) {
        violations.add(parsed.violation(path, sentence));
    }

    /** Something the operator's policy or an existing file forbids. */
    synchronized void blocked(String path, String sentence) {
        blocks.add(parsed.violation(path, sentence).toString());
    }

    /** Throws what was found; violations first, since a wrong spec need not be allowed. */
    synchronized void stop() throws InvalidSpecException, BlockedException {
        // Files are read side by side: what was found first is chance.
        violations.sort(Comparator.comparingInt(Violation::line).thenComparingInt(Violation::column));
        if (!violations.isEmpty()) {
            throw new InvalidSpecException(violations);
        }
        stopBlocked();
    }

    /** Throws what is forbidden, for checks that find nothing wrong. */
    synchronized void stopBlocked() throws BlockedException {
        if (!blocks.isEmpty()) {
            throw new BlockedException(blocks);
        }
    }
}
