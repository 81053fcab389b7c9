package org.localav.orchestrator.job;

/** Is told how a job goes, from any thread, and must return at once. */
public interface JobListener {
    JobListener NONE = new JobListener() {};

    /** A stage began, is retried or ended. */
    default void stageChanged(Job job, StageRecord record) {}

    /**
     * @param done share of the stage's work that is done, 0 to 1
     * @param speed of the media that is made, as a multiple of its playing time; 0 when unknown
     */
    default void progressed(Job job, String stage, double done, double speed) {}

    /** A step has its result: it was made or, as the report says, reused. */
    default void stepDone(Job job, StepReport report) {}

    /** Something worth a line to the user that is no failure. */
    default void noted(Job job, String sentence) {}
}
