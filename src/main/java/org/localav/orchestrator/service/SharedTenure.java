package org.localav.orchestrator.service;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.localav.orchestrator.job.Tenure;
import org.localav.orchestrator.store.Claim;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tenure of a job that other nodes may take over: the store has the last word, and is waited for when it is away. */
record SharedTenure(JobStore store, Running running) implements Tenure {
    private static final Logger LOG = LoggerFactory.getLogger(SharedTenure.class);
    private static final Duration STORE_PAUSE = Duration.ofSeconds(1);

    @Override
    public void announce(String moves) throws InterruptedException {
        Claim claim = running.claim;
        ask(() -> store.announce(claim.job().id(), claim.token(), moves));
    }

    @Override
    public void confirm() throws InterruptedException {
        Claim claim = running.claim;
        ask(() -> store.holds(claim.job().id(), claim.token()));
    }

    private void ask(BooleanSupplier question) throws InterruptedException {
        while (true) {
            running.cancellation.throwIfCancelled();
            try {
                if (!question.getAsBoolean()) {
                    running.cancellation.cancel(Running.LOST);
                }
                running.cancellation.throwIfCancelled();
                return;
            } catch (StoreException e) {
                LOG.error("{}; job {} is published as soon as that is mended", e.getMessage(), running.id());
                running.cancellation.sleep(STORE_PAUSE);
            }
        }
    }
}
