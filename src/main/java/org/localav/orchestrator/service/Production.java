package org.localav.orchestrator.service;

import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.engine.Engine;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.Crew;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Publication;
import org.localav.orchestrator.job.Tenure;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.stage.FailureReason;
import org.localav.orchestrator.store.Ending;
import org.localav.orchestrator.store.JobRow;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.OutboxMessage;
import org.localav.orchestrator.store.StoreException;
import org.localav.orchestrator.trace.Caller;
import org.localav.orchestrator.trace.TraceParent;
import org.localav.orchestrator.webhook.Announcement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes what a claimed job is about. */
record Production(Workshop workshop, Engine engine, JobStore store, Feed feed, Helping helping) {
    private static final Logger LOG = LoggerFactory.getLogger(Production.class);

    /** Runs it to its end and says how that was; never throws for what befalls the job itself. */
    Ending run(Running running) {
        JobRow row = running.claim.job();
        Crew crew = helping.crew(running.claim);
        try {
            boolean json = row.specName().endsWith(".json");
            Parsed parsed = SpecReader.read(row.specName(), running.claim.spec(), json);
            boolean overwrite = row.overwrite() && workshop.settings().flag("output.overwrite");
            if (running.claim.publication().isPresent()) {
                Publication.undo(running.claim.publication().get());
            }
            Tenure tenure = store.shared() ? new SharedTenure(store, running) : Tenure.ALONE;
            Engine.Order order = new Engine.Order(
                    row.id(),
                    row.run().orElseThrow(),
                    parsed,
                    row.folder().resolve(row.specName()),
                    overwrite,
                    tenure,
                    crew);
            Job job = engine.run(order, running.cancellation, new Scribe(store, feed, running.claim.token()));
            return ending(job);
        } catch (InvalidSpecException | BlockedException | IOException | RuntimeException e) {
            Throwable cause = FailureReason.cause(e);
            LOG.warn("job {} could not be run: {}", row.id(), e.toString());
            JobStatus how = running.cancellation.cancelled() ? JobStatus.CANCELLED : JobStatus.FAILED;
            Optional<String> why = Optional.of(FailureReason.sentence(cause));
            return new Ending(
                    how,
                    why,
                    Optional.of(FailureReason.of(cause).id()),
                    Optional.empty(),
                    Announcement.ended(row, running.claim.spec(), how, why));
        } finally {
            helping.over(crew);
        }
    }

    /** On whose behalf a job runs: the service's, for the request that the job came by. */
    Caller caller(String id) {
        try {
            Map<String, String> request = store.request(id);
            Caller service = Caller.of("service");
            return new Caller(
                    service.who(),
                    request.getOrDefault("request_id", service.requestId()),
                    TraceParent.read(request.getOrDefault("traceparent", "")));
        } catch (StoreException e) {
            LOG.error("{}; the run of job {} is told from others by an id of its own", e.getMessage(), id);
            return Caller.of("service");
        }
    }

    private Ending ending(Job job) {
        return new Ending(
                job.status(),
                job.failure().map(FailureReason::sentence),
                job.failure().map(f -> FailureReason.of(f).id()),
                Optional.of(engine.report(job)),
                job.messages().stream()
                        .map(m -> OutboxMessage.of(job.id(), m, Instant.now()))
                        .toList());
    }
}
