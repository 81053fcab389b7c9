package org.localav.orchestrator.route;

import java.util.List;

/** What came of a change in the route folder. */
public sealed interface ReloadReport {

    /** New jobs take these routes; {@code changedFiles} were added, edited or deleted. */
    record Loaded(int generation, List<String> changedFiles) implements ReloadReport {
        public Loaded {
            changedFiles = List.copyOf(changedFiles);
        }
    }

    /** The change can't run, so the routes before it stay; a sentence for each fault. */
    record Rejected(List<String> sentences) implements ReloadReport {
        public Rejected {
            sentences = List.copyOf(sentences);
        }
    }
}
