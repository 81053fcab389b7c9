package org.localav.orchestrator.service;

import java.util.Locale;
import org.localav.orchestrator.process.Processes;
import org.localav.orchestrator.service.QueueState.Mode;
import org.localav.orchestrator.store.JobStore;

/** Whether jobs start, as the store remembers it for all its nodes, and whether their programs stand still here. */
final class Rule {
    private static final String NAME = "queue.mode";

    private final JobStore store;
    private final Processes processes;
    private volatile Mode mode = Mode.RUNNING;

    Rule(JobStore store, Processes processes) {
        this.store = store;
        this.processes = processes;
    }

    Mode mode() {
        return mode;
    }

    void set(Mode wanted) {
        store.remember(NAME, wanted.id());
        apply(wanted);
    }

    /** Takes over what another node or an earlier process has set. */
    void read() {
        Mode wanted = store.remembered(NAME)
                .map(name -> Mode.valueOf(name.toUpperCase(Locale.ROOT)))
                .orElse(Mode.RUNNING);
        if (wanted != mode) {
            apply(wanted);
        }
    }

    private synchronized void apply(Mode wanted) {
        mode = wanted;
        if (wanted == Mode.SUSPENDED) {
            processes.suspend();
        } else {
            processes.resume();
        }
    }
}
