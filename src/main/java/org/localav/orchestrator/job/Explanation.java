package org.localav.orchestrator.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.localav.orchestrator.plan.Basis;
import org.localav.orchestrator.plan.Comparison;
import org.localav.orchestrator.plan.Difference;

/**
 * What made the keys of a plan's steps, held against an earlier plan's.
 *
 * @param steps of the later plan
 * @param gone names of the earlier plan's steps of which nothing became
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Explanation(List<Step> steps, List<String> gone) {

    /**
     * A step.
     *
     * @param was the key it had before; empty: it is new
     * @param reason what changed, in words; empty when the key is the same
     * @param tool what made the result beside the recipe: ffmpeg's version, or a hash of its provider's settings
     * @param fields of the recipe, assets and steps by their names
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Step(
            String step,
            String stage,
            String kind,
            String key,
            Optional<String> was,
            Optional<String> reason,
            String tool,
            Optional<String> toolBefore,
            List<Field> fields) {

        public boolean same() {
            return was.filter(key::equals).isPresent();
        }
    }

    /**
     * One field of a recipe.
     *
     * @param value now; empty when it was removed
     * @param before when that was another
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Field(String path, Optional<Object> value, Optional<Object> before) {}

    public static Explanation of(Optional<Basis> earlier, Basis now) {
        Basis before = earlier.orElse(Basis.NONE);
        Comparison comparison = new Comparison(before, now);
        Set<String> old = new HashSet<>();
        before.steps().forEach(step -> old.add(step.key()));
        Set<String> became = new HashSet<>();
        List<Step> steps = new ArrayList<>();
        for (Basis.KeyedStep step : now.steps()) {
            Optional<Basis.KeyedStep> was = comparison.earlier(step.key());
            was.ifPresent(w -> became.add(w.key()));
            steps.add(new Step(
                    step.step(),
                    step.stage(),
                    step.kind(),
                    step.key(),
                    was.map(Basis.KeyedStep::key),
                    was.filter(w -> w.key().equals(step.key())).isPresent()
                            ? Optional.empty()
                            : Optional.of(comparison.reason(step.key(), key -> !old.contains(key))),
                    now.tools().getOrDefault(step.tool(), step.tool()),
                    was.filter(w -> !w.tool().equals(step.tool()))
                            .map(w -> before.tools().getOrDefault(w.tool(), w.tool())),
                    fields(comparison, step.key())));
        }
        List<String> gone = before.steps().stream()
                .filter(step -> !became.contains(step.key()))
                .map(Basis.KeyedStep::step)
                .toList();
        return new Explanation(steps, gone);
    }

    private static List<Field> fields(Comparison comparison, String key) {
        Map<String, Object> earlier = new HashMap<>();
        List<Field> removed = new ArrayList<>();
        for (Difference difference : comparison.differences(key)) {
            switch (difference.kind()) {
                case CHANGED -> earlier.put(difference.path(), difference.before());
                case ADDED -> earlier.put(difference.path(), "nothing");
                case MOVED -> earlier.putIfAbsent(difference.path(), difference.before());
                case REMOVED ->
                    removed.add(new Field(difference.path(), Optional.empty(), Optional.of(difference.before())));
            }
        }
        List<Field> fields = new ArrayList<>();
        Difference.leaves(comparison.recipe(key))
                .forEach((path, value) ->
                        fields.add(new Field(path, Optional.of(value), Optional.ofNullable(earlier.get(path)))));
        fields.addAll(removed);
        return fields;
    }
}
