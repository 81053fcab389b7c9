package org.localav.orchestrator.store;

import java.time.Duration;
import java.util.List;

/** What became of a node's wish to work on a store. */
public sealed interface Joining {
    /**
     * It is one of the nodes now.
     *
     * @param requeued jobs that an earlier process of its name was running
     */
    record Joined(List<String> requeued, boolean draining) implements Joining {
        public Joined {
            requeued = List.copyOf(requeued);
        }
    }

    /** A process of this name is alive, or was until a moment ago: its lease is over after that time unless it renews it. */
    record NameTaken(Duration left) implements Joining {}

    /** Living nodes speak another protocol. */
    record OtherProtocol(List<String> nodes, int protocol) implements Joining {
        public OtherProtocol {
            nodes = List.copyOf(nodes);
        }
    }
}
