package org.localav.orchestrator.service;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import org.localav.orchestrator.service.NodeState.Standing;

/** Says of jobs by their labels whether they may start here and, when they may nowhere, why they wait. */
record Fitness(Set<String> labels, Supplier<List<NodeState>> others)
        implements Function<List<String>, Optional<String>> {
    @Override
    public Optional<String> apply(List<String> wanted) {
        Set<String> lacking = new TreeSet<>(wanted);
        lacking.removeAll(labels);
        if (lacking.isEmpty()) {
            return Optional.empty();
        }
        List<NodeState> alive = others.get().stream()
                .filter(node -> node.standing() != Standing.AWAY)
                .toList();
        if (alive.isEmpty()) {
            return Optional.of("waits for a node with the label " + String.join(", ", lacking) + "; this one has "
                    + (labels.isEmpty() ? "none" : String.join(", ", labels)) + " (node.labels)");
        }
        return Optional.of(
                alive.stream().anyMatch(node -> node.card().has(wanted))
                        ? ""
                        : "waits for a node with all of the labels " + String.join(", ", wanted)
                                + "; none at work has them (node.labels)");
    }
}
