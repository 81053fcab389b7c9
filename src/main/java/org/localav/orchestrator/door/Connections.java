package org.localav.orchestrator.door;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds what clients can hold open: so many connections, and on each so long to send a request and to take its answer. A
 * limit for silence alone would let a client that sends a byte now and then stay for ever.
 */
final class Connections {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    private final Vertx vertx;
    private final int most;
    private final Patience patience;
    private final Map<HttpConnection, Deadline> open = new ConcurrentHashMap<>();
    private boolean full;

    Connections(Vertx vertx, int most, Patience patience) {
        this.vertx = vertx;
        this.most = most;
        this.patience = patience;
    }

    void opened(HttpConnection connection) {
        if (!hasRoom()) {
            cut(connection);
            return;
        }
        Deadline deadline = new Deadline(connection);
        open.put(connection, deadline);
        connection.closeHandler(closed -> {
            deadline.over();
            open.remove(connection);
        });
        deadline.set(patience.head());
    }

    private synchronized boolean hasRoom() {
        boolean room = open.size() < most;
        if (!room && !full) {
            LOG.warn(
                    "{} connections are open, which is all there may be (http.connections); new ones are closed", most);
        }
        full = !room;
        return room;
    }

    /** A request has begun: the rest of it has its time, then its answer and the next request have theirs. */
    void began(RoutingContext context) {
        Deadline deadline = open.get(context.request().connection());
        if (deadline == null) {
            return;
        }
        deadline.set(patience.body());
        context.request().end().onComplete(read -> {
            // One that was refused may be answered before it has been read.
            if (!context.response().ended()) {
                deadline.lift();
                listen(context, false);
            }
        });
        context.addEndHandler(answered -> {
            deadline.set(patience.next());
            listen(context, true);
        });
    }

    /**
     * Whether more is read from a client. Not while it waits for an answer: Vert.x would take requests without end into a
     * list, and go through all of it for each. But without reading it is not seen that a client has left.
     */
    static void listen(RoutingContext context, boolean listen) {
        ((ConnectionBase) context.request().connection())
                .channelHandlerContext()
                .channel()
                .config()
                .setAutoRead(listen);
    }

    /** Closes at once: Vert.x would wait until the client has taken all that was sent, which is what it does not do. */
    static void cut(HttpConnection connection) {
        ((ConnectionBase) connection).channelHandlerContext().close();
    }

    int count() {
        return open.size();
    }

    /** Used on the connection's own thread only. */
    private final class Deadline {
        private final HttpConnection connection;
        private long timer = -1;
        private boolean over;

        Deadline(HttpConnection connection) {
            this.connection = connection;
        }

        void set(Duration time) {
            lift();
            if (!over) {
                timer = vertx.setTimer(time.toMillis(), due -> cut(connection));
            }
        }

        void over() {
            over = true;
            lift();
        }

        void lift() {
            if (timer >= 0) {
                vertx.cancelTimer(timer);
                timer = -1;
            }
        }
    }
}
