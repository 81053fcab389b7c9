package org.localav.orchestrator.store;

import java.time.Instant;

/**
 * A node as the store has it.
 *
 * @param name names it as the owner of jobs
 * @param protocol how it works together with others: nodes of different numbers can't
 * @param since when it came up
 * @param seenAt when it last renewed its lease
 * @param alive whether its lease holds
 * @param draining whether it is to start no further job
 * @param running how many jobs it runs
 * @param about what else it tells of itself, as JSON
 */
public record NodeRow(
        String name,
        int protocol,
        Instant since,
        Instant seenAt,
        boolean alive,
        boolean draining,
        int running,
        String about) {}
