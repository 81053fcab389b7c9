package org.localav.orchestrator.service;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.store.JobStore;

/** Forgets what has ended long ago. */
final class Retention {
    private Retention() {}

    static List<String> prune(JobStore store, Path archive, Duration age) throws IOException {
        List<String> forgotten = store.prune(Instant.now().minus(age));
        for (String id : forgotten) {
            StepStore.remove(archive.resolve(id));
        }
        return forgotten;
    }
}
