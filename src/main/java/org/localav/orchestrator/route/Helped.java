package org.localav.orchestrator.route;

import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.process.CancelledException;
import org.localav.orchestrator.stage.StageLifecycle;

/** Waits for what other nodes make of a job that runs here. */
final class Helped {
    private Helped() {}

    /** Whether a step was made elsewhere, once that is settled; the step then counts as done. */
    static boolean elsewhere(Exchange exchange, Step step) {
        Job job = StageLifecycle.job(exchange);
        Optional<StepReport> made = turn(exchange, job, step);
        if (made.isPresent()) {
            job.reported(made.get());
            Steps.progressed(job, step, 1, 0);
            return true;
        }
        exchange.getUnitOfWork().addSynchronization(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                job.crew().ended(step);
            }
        });
        return false;
    }

    private static Optional<StepReport> turn(Exchange exchange, Job job, Step step) {
        try {
            return job.crew().turn(step, StageLifecycle.cancellation(exchange));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException("the program is ending");
        }
    }
}
