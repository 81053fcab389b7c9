package org.localav.orchestrator.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.localav.orchestrator.preset.Preset;

/** The steps that make a job's outputs, each once, in an order in which every step comes after those it needs. */
public record Plan(List<Step> steps, List<PlannedOutput> outputs) {
    public Plan {
        steps = List.copyOf(steps);
        outputs = List.copyOf(outputs);
    }

    /**
     * A file to be published.
     *
     * @param path as the spec names it
     * @param mux key of the step that makes it
     */
    public record PlannedOutput(String path, Preset preset, String mux) {}

    /** Whether a step is run, and why or why not, in a few words. */
    public record Decision(boolean run, String reason) {}

    public Optional<Step> step(String key) {
        return steps.stream().filter(s -> s.key().equals(key)).findFirst();
    }

    public List<Step> of(Stage stage) {
        return steps.stream().filter(s -> s.stage() == stage).toList();
    }

    /**
     * Decides what has to run, from the outputs back: a step runs when its result is missing and something that runs
     * reads it, so nothing is spent on what only led to a result that is there.
     *
     * @param held whether the step store has the result with this key
     * @param standing keys of mux steps whose output already stands where it belongs, the same to the byte
     */
    public Map<String, Decision> decide(Predicate<String> held, Set<String> standing) {
        Map<String, Step> byKey = new HashMap<>();
        steps.forEach(s -> byKey.put(s.key(), s));
        Map<String, Decision> decided = new HashMap<>();
        Deque<String> wanted = new ArrayDeque<>();
        outputs.forEach(o -> wanted.add(o.mux()));
        while (!wanted.isEmpty()) {
            Step step = byKey.get(wanted.poll());
            if (decided.containsKey(step.key())) {
                continue;
            }
            if (standing.contains(step.key())) {
                decided.put(step.key(), new Decision(false, "the output is already there, the same to the byte"));
            } else if (held.test(step.key())) {
                decided.put(step.key(), new Decision(false, "made before"));
            } else {
                decided.put(step.key(), new Decision(true, "new"));
                wanted.addAll(step.needs());
            }
        }
        Map<String, Decision> ordered = new LinkedHashMap<>();
        for (Step step : steps) {
            Decision notNeeded = new Decision(false, "not needed: what is made of it is there already");
            ordered.put(step.key(), decided.getOrDefault(step.key(), notNeeded));
        }
        return ordered;
    }

    /** Collects steps, a key once. */
    public static final class Builder {
        private final Map<String, Step> steps = new LinkedHashMap<>();
        private final List<PlannedOutput> outputs = new ArrayList<>();

        /** Adds the step unless one with its key is there, and returns the one that is. */
        public Step add(Step step) {
            steps.putIfAbsent(step.key(), step);
            return steps.get(step.key());
        }

        public void output(PlannedOutput output) {
            outputs.add(output);
        }

        /** The finished plan, its steps ordered by stage and within a stage as they were added. */
        public Plan build() {
            List<Step> ordered = new ArrayList<>(steps.values());
            ordered.sort(java.util.Comparator.comparing(Step::stage));
            return new Plan(ordered, outputs);
        }
    }
}
