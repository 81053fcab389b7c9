package org.localav.orchestrator.route;

import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.localav.orchestrator.stage.FailureReason;
import org.localav.orchestrator.stage.Retries;
import org.localav.orchestrator.stage.StageLifecycle;

/**
 * Brings parallel work together: the first failure is the one that counts, and what runs beside it is cancelled where
 * going on would be in vain. Bound as {@code branches} (any failed branch cancels the other) and {@code siblings} (steps of
 * a stage go on when the failed one will be tried again, since their results are kept).
 */
final class FirstFailure implements AggregationStrategy {
    private final boolean branches;

    FirstFailure(boolean branches) {
        this.branches = branches;
    }

    @Override
    public Exchange aggregate(Exchange first, Exchange next) {
        Exception failure = next.getException();
        if (failure != null) {
            cancelOthers(next, failure);
        }
        if (first == null) {
            return next;
        }
        if (failure != null && first.getException() == null) {
            first.setException(failure);
        } else if (failure != null && failure != first.getException()) {
            first.getException().addSuppressed(failure);
        }
        return first;
    }

    private void cancelOthers(Exchange exchange, Exception failure) {
        String reason = "another part of the job failed";
        if (branches) {
            StageLifecycle.job(exchange).path().cancel(reason);
        } else if (!Retries.worthwhile(FailureReason.cause(failure))) {
            StageLifecycle.cancellation(exchange).cancel(reason);
        }
    }
}
