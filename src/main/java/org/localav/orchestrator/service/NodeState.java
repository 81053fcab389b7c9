package org.localav.orchestrator.service;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.localav.orchestrator.route.RouteGenerations;

/**
 * What a node is and does.
 *
 * @param id names it as the owner of jobs
 * @param since when it came up
 * @param seenAt when it was last heard of
 * @param running how many jobs it runs now
 */
public record NodeState(String id, Standing standing, Instant since, Instant seenAt, int running, Card card) {
    /** How it stands among the others. */
    public enum Standing {
        /** It starts jobs as it has room. */
        READY,
        /** It starts no further job. */
        DRAINING,
        /** It has ended in good order while it was draining, or it was silent for longer than its lease. */
        AWAY;

        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What it tells of itself.
     *
     * @param labels what it is good for
     * @param slots how many jobs it runs at once
     * @param encoders how many encoders it runs side by side
     * @param versions of this program and what it works with
     * @param routes which files jobs run along, and sentences about an edit that was refused
     */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Card(
            Set<String> labels, int slots, int encoders, Map<String, String> versions, RouteGenerations.Status routes) {
        public Card {
            labels = java.util.Collections.unmodifiableSet(new TreeSet<>(labels));
            versions = java.util.Collections.unmodifiableMap(new TreeMap<>(versions));
        }

        boolean has(List<String> wanted) {
            return labels.containsAll(wanted);
        }
    }

    public Set<String> labels() {
        return card.labels();
    }

    public int slots() {
        return card.slots();
    }

    public int encoders() {
        return card.encoders();
    }
}
