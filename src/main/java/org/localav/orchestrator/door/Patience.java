package org.localav.orchestrator.door;

import java.time.Duration;

/**
 * How long the HTTP API waits for a client before it closes the connection.
 *
 * @param head for the first request to begin
 * @param body for the rest of a request
 * @param next for the next request, counted from the answer to the last one; so it bounds reading that answer, too
 * @param heartbeat how often a silent stream of events says that it is still there
 * @param stalled for a client to take something of a stream that is full
 */
record Patience(Duration head, Duration body, Duration next, Duration heartbeat, Duration stalled) {
    static final Patience USUAL = new Patience(
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofSeconds(15),
            Duration.ofSeconds(30));
}
