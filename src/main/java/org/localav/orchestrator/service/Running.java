package org.localav.orchestrator.service;

import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.store.Claim;

/** A job that runs in this process. */
final class Running {
    /** Why a job ends here that goes on elsewhere. */
    static final String LOST = "its node was silent for longer than its lease, and its jobs went to others";

    final Claim claim;
    final Cancellation cancellation = new Cancellation();

    /** Set when it is ended only because this process ends: it goes back into the queue then. */
    volatile boolean givenBack;

    Running(Claim claim) {
        this.claim = claim;
    }

    String id() {
        return claim.job().id();
    }
}
