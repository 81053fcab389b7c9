package org.localav.orchestrator.door;

import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.localav.orchestrator.service.JobService;
import org.localav.orchestrator.service.UnknownJobException;
import org.localav.orchestrator.spec.Suggestion;
import org.localav.orchestrator.store.Event;

/**
 * {@code GET /api/events} and {@code GET /api/jobs/ID/events}: what happens, as server-sent events. They are no Camel
 * routes because Camel keeps an answer back until it is whole or a buffer is full.
 */
final class LiveEvents implements AutoCloseable {
    /** Read from the store, and held in memory for a client, at once. */
    private static final int BATCH = 100;

    private final Vertx vertx;
    private final JobService service;
    private final Patience patience;
    private final int most;
    private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();

    /** @param most how many clients may follow at once */
    LiveEvents(Vertx vertx, JobService service, Patience patience, int most) {
        this.vertx = vertx;
        this.service = service;
        this.patience = patience;
        this.most = most;
    }

    void mount(Router router) {
        router.get("/api/events").handler(context -> follow(context, Optional.empty()));
        router.get("/api/jobs/:id/events").handler(context -> follow(context, Optional.of(context.pathParam("id"))));
    }

    /**
     * Events to be sent.
     *
     * @param last number of the last one
     * @param over the job has ended, and these are its last events
     */
    record Batch(List<Event> events, long last, boolean over, boolean more) {}

    Batch read(Optional<String> jobId, long after) throws UnknownJobException {
        // Asked before the events are read: those of its end are among them then.
        boolean ended = jobId.isPresent() && service.find(jobId.get()).status().ended();
        List<Event> events = service.events(jobId, after, BATCH);
        long last = events.isEmpty() ? after : events.get(events.size() - 1).number();
        boolean more = events.size() == BATCH;
        return new Batch(events, last, ended && !more, more);
    }

    private void follow(RoutingContext context, Optional<String> jobId) {
        Optional<Long> after;
        try {
            after = after(context);
        } catch (ProblemException e) {
            e.problem().answer(context);
            return;
        }
        if (streams.size() >= most) {
            Problem.busy(most + " clients follow events already (http.connections)")
                    .answer(context);
            return;
        }
        EventStream stream = new EventStream(context, this, jobId);
        streams.add(stream);
        context.addEndHandler(ended -> {
            streams.remove(stream);
            stream.ended();
        });
        vertx.executeBlocking(() -> first(jobId, after), false)
                .onSuccess(batch -> {
                    if (batch.over() && batch.events().isEmpty() && after.isPresent()) {
                        // A browser that reconnects after the end stops at this.
                        context.response().setStatusCode(204).end();
                    } else {
                        stream.begin(batch);
                    }
                })
                .onFailure(failure -> Problem.of(failure).answer(context));
    }

    /** A job is told from its beginning, all jobs from now, unless the client says what it has seen. */
    private Batch first(Optional<String> jobId, Optional<Long> after) throws UnknownJobException {
        return read(jobId, after.orElseGet(() -> jobId.isPresent() ? 0 : service.latestEvent()));
    }

    private static Optional<Long> after(RoutingContext context) throws ProblemException {
        String header = context.request().getHeader("Last-Event-ID");
        String text = header != null ? header : context.request().getParam("after");
        if (text == null) {
            return Optional.empty();
        }
        if (!text.matches("\\d{1,18}")) {
            throw Call.bad("Last-Event-ID " + Suggestion.quote(text) + " should be the id of an event, a number");
        }
        return Optional.of(Long.valueOf(text));
    }

    JobService service() {
        return service;
    }

    Patience patience() {
        return patience;
    }

    int count() {
        return streams.size();
    }

    /** Ends all streams; clients come back with the number of the last event they saw. */
    @Override
    public void close() {
        streams.forEach(EventStream::end);
    }
}
