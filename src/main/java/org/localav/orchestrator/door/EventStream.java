package org.localav.orchestrator.door;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.service.Feed;
import org.localav.orchestrator.service.Progress;
import org.localav.orchestrator.service.QueueState;
import org.localav.orchestrator.store.Event;

/**
 * One client that follows events. What it has not taken yet waits in the store and not in memory; when the connection takes
 * no more, nothing is read for it, progress is left out, and after a while the connection is closed.
 *
 * <p>All but {@link #news} and {@link #progressed} happens on the connection's own thread.
 */
final class EventStream implements Feed.Watcher {
    static final String MEDIA_TYPE = "text/event-stream; charset=utf-8";
    /** News that come within this time are read together. */
    private static final long GATHER_MILLIS = 20;

    /** How soon a browser comes back when the connection is lost. */
    private static final String HEAD = "retry: 2000\n\n";

    private static final ObjectWriter ONE_LINE = Report.JSON.writer().without(SerializationFeature.INDENT_OUTPUT);

    private final RoutingContext request;
    private final HttpServerResponse response;
    private final Vertx vertx;
    private final Context thread;
    private final LiveEvents events;
    private final Optional<String> jobId;
    private final AtomicBoolean told = new AtomicBoolean();
    private Feed.Watching watching = () -> {};
    private long after;
    private boolean reading;
    private boolean unread;
    private boolean ended;
    private long heartbeat = -1;
    private long stalled = -1;

    EventStream(RoutingContext request, LiveEvents events, Optional<String> jobId) {
        this.request = request;
        this.response = request.response();
        this.vertx = request.vertx();
        this.thread = vertx.getOrCreateContext();
        this.events = events;
        this.jobId = jobId;
    }

    void begin(LiveEvents.Batch first) {
        if (ended) {
            return;
        }
        response.putHeader("Content-Type", MEDIA_TYPE).setChunked(true);
        Connections.listen(request, true);
        response.drainHandler(drained -> flowing());
        write(HEAD);
        long every = events.patience().heartbeat().toMillis();
        heartbeat = vertx.setPeriodic(every, beat -> {
            if (!response.writeQueueFull()) {
                write(": \n\n");
            }
        });
        watching = events.service().feed().watch(jobId, this);
        send(first);
        // What happened between that batch and the watching.
        read();
    }

    @Override
    public void news() {
        if (told.compareAndSet(false, true)) {
            thread.runOnContext(now -> vertx.setTimer(GATHER_MILLIS, gathered -> {
                told.set(false);
                read();
            }));
        }
    }

    @Override
    public void progressed(Progress progress) {
        thread.runOnContext(now -> {
            if (!ended && !response.writeQueueFull()) {
                write("event: progress\ndata: " + json(progress) + "\n\n");
            }
        });
    }

    /** Only who follows all jobs is told: the queue is no job's. */
    @Override
    public void ruled(QueueState.Mode mode) {
        if (jobId.isEmpty()) {
            thread.runOnContext(now -> {
                if (!ended && !response.writeQueueFull()) {
                    write("event: queue\ndata: {\"mode\":\"" + mode.id() + "\"}\n\n");
                }
            });
        }
    }

    private void read() {
        if (ended || response.ended()) {
            return;
        }
        if (reading || response.writeQueueFull()) {
            unread = true;
            return;
        }
        reading = true;
        unread = false;
        long from = after;
        vertx.executeBlocking(() -> events.read(jobId, from), false).onComplete(read -> {
            reading = false;
            if (read.failed()) {
                // The client comes back with the number of its last event.
                end();
            } else if (!ended) {
                send(read.result());
                if (unread) {
                    read();
                }
            }
        });
    }

    private void send(LiveEvents.Batch batch) {
        StringBuilder text = new StringBuilder();
        for (Event event : batch.events()) {
            text.append("id: ").append(event.number());
            text.append("\nevent: ").append(event.type());
            text.append("\ndata: ").append(json(EventDocument.of(event))).append("\n\n");
        }
        if (!text.isEmpty()) {
            write(text.toString());
        }
        after = batch.last();
        unread |= batch.more();
        if (batch.over()) {
            end();
        }
    }

    private void write(String text) {
        response.write(text);
        if (response.writeQueueFull() && stalled < 0) {
            stalled = vertx.setTimer(
                    events.patience().stalled().toMillis(),
                    due -> Connections.cut(request.request().connection()));
        }
    }

    private void flowing() {
        if (stalled >= 0) {
            vertx.cancelTimer(stalled);
            stalled = -1;
        }
        if (unread) {
            read();
        }
    }

    private static String json(Object value) {
        try {
            return ONE_LINE.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an event holds something that can't be written", e);
        }
    }

    /** Ends the answer, from any thread. */
    void end() {
        thread.runOnContext(now -> {
            if (!response.ended() && !response.closed()) {
                response.end();
            }
        });
    }

    /** The answer has ended, here or by the client. */
    void ended() {
        ended = true;
        watching.close();
        vertx.cancelTimer(heartbeat);
        vertx.cancelTimer(stalled);
    }
}
