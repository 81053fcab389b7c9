package org.localav.orchestrator.job;

/** A run's right to its job, which another node may have taken over: asked before anything is put in place. */
public interface Tenure {
    /** Of a run that nobody can take over. */
    Tenure ALONE = new Tenure() {
        @Override
        public void announce(String moves) {}

        @Override
        public void confirm() {}
    };

    /**
     * Keeps what is about to be put in place where whoever takes the job over finds it.
     *
     * @throws org.localav.orchestrator.process.CancelledException when somebody has
     */
    void announce(String moves) throws InterruptedException;

    /** @throws org.localav.orchestrator.process.CancelledException when somebody has taken the job over */
    void confirm() throws InterruptedException;
}
