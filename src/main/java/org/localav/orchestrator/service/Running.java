package org.localav.orchestrator.service;

import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.store.Claim;

/** A job that runs in this process. */
final class Running {
    final Claim claim;
    final Cancellation cancellation = new Cancellation();

    /** Set when it is ended only because this process ends: it goes back into the queue then. */
    volatile boolean givenBack;

    Running(Claim claim) {
        this.claim = claim;
    }
}
