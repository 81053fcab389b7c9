package org.localav.orchestrator.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.Map;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobListener;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.job.StageRecord;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down how a job goes. */
record Scribe(JobStore store, Feed feed, String token) implements JobListener {
    private static final Logger LOG = LoggerFactory.getLogger(Scribe.class);

    @Override
    public void stageChanged(Job job, StageRecord record) {
        keep(() -> store.stage(job.id(), token, record));
        feed.news(job.id());
    }

    @Override
    public void progressed(Job job, String stage, double done, double speed) {
        feed.progressed(new Progress(job.id(), stage, done, speed));
    }

    @Override
    public void noted(Job job, String sentence) {
        keep(() -> store.happened(job.id(), "note", json(Map.of("text", sentence))));
        feed.news(job.id());
    }

    /** History that can't be written must not stop the work: the job's end is what has to be kept. */
    private static void keep(Runnable writing) {
        try {
            writing.run();
        } catch (StoreException e) {
            LOG.error("{}", e.getMessage());
        }
    }

    private static String json(Map<String, Object> value) {
        try {
            return Report.JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
