package org.localav.orchestrator.service;

import java.time.Instant;
import java.util.Set;

/**
 * What a node is and does.
 *
 * @param id names it as the owner of jobs
 * @param labels what it is good for
 * @param since when it came up
 * @param slots how many jobs it runs at once
 * @param running how many it runs now
 * @param encoders how many encoders it runs side by side
 */
public record NodeState(String id, Set<String> labels, Instant since, int slots, int running, int encoders) {
    public NodeState {
        labels = Set.copyOf(labels);
    }
}
