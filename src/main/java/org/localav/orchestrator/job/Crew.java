package org.localav.orchestrator.job;

import java.util.List;
import java.util.Optional;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.process.Cancellation;

/** The nodes that make a run's steps: the one that has the job and, where there are others, whoever has nothing to do. */
public interface Crew {
    /** Of a run that nobody helps with. */
    Crew ALONE = new Crew() {
        @Override
        public Optional<String> node() {
            return Optional.empty();
        }

        @Override
        public void offer(Prepared prepared, List<Step> steps) {}

        @Override
        public Optional<StepReport> turn(Step step, Cancellation cancellation) {
            return Optional.empty();
        }

        @Override
        public void ended(Step step) {}
    };

    /** What the node is called that has the job; empty where there are no others. */
    Optional<String> node();

    /** Lets others make steps, if there are more than can be made here at once. */
    void offer(Prepared prepared, List<Step> steps);

    /**
     * Waits until a step is to be made here or another node has made it. At once for a step that is not on offer.
     *
     * @return what the other node has done; empty: it is to be made here, and {@link #ended} to be called then
     * @throws org.localav.orchestrator.process.CancelledException when cancelled
     */
    Optional<StepReport> turn(Step step, Cancellation cancellation) throws InterruptedException;

    /** A step that was made here has its result, or has failed. */
    void ended(Step step);
}
