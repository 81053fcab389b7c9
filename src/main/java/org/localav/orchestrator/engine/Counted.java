package org.localav.orchestrator.engine;

import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobListener;
import org.localav.orchestrator.job.StageRecord;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.stage.StageMetrics;

/** Counts the steps of a job, and passes all that is told to the job's own listener. */
record Counted(JobListener listener, StageMetrics metrics) implements JobListener {
    @Override
    public void stageChanged(Job job, StageRecord record) {
        listener.stageChanged(job, record);
    }

    @Override
    public void progressed(Job job, String stage, double done, double speed) {
        listener.progressed(job, stage, done, speed);
    }

    @Override
    public void stepDone(Job job, StepReport report) {
        metrics.stepDone(report, !report.node().equals(job.crew().node()));
        listener.stepDone(job, report);
    }

    @Override
    public void noted(Job job, String sentence) {
        listener.noted(job, sentence);
    }
}
