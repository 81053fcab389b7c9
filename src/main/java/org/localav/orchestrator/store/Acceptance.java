package org.localav.orchestrator.store;

/** What became of a job that was to be accepted. */
public sealed interface Acceptance {
    /** The job as the store has it. */
    JobRow job();

    /** It is new, and durable. */
    record Accepted(JobRow job) implements Acceptance {}

    /** Its key was used for the same before: this is the job of then. */
    record Repeated(JobRow job) implements Acceptance {}

    /** Its key was used for something else before, which is this job. Nothing was accepted. */
    record KeyReused(JobRow job) implements Acceptance {}

    /** There is a job of its id already. Nothing was accepted. */
    record IdTaken(JobRow job) implements Acceptance {}
}
