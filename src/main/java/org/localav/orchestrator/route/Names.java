package org.localav.orchestrator.route;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeSet;
import org.localav.orchestrator.spec.Suggestion;

/** Suggests what someone who wrote an unknown name most likely meant. */
final class Names {
    private static final int LISTED = 12;

    private Names() {}

    /** {@code ; did you mean 'simple'?}, else {@code ; known: a, b, c} when they are few, else nothing. */
    static String nearest(String wrong, Collection<String> known) {
        Optional<String> best = known.stream()
                .filter(name -> Suggestion.distance(wrong, name) <= Math.max(1, Math.min(3, wrong.length() / 3)))
                .min(Comparator.comparingInt((String name) -> Suggestion.distance(wrong, name))
                        .thenComparing(name -> name))
                .or(() ->
                        known.stream().filter(name -> abbreviates(wrong, name)).findFirst());
        if (best.isPresent()) {
            return "; did you mean '" + best.get() + "'?";
        }
        return known.isEmpty() || known.size() > LISTED ? "" : "; known: " + String.join(", ", new TreeSet<>(known));
    }

    /** {@code params} for {@code parameters}: the same beginning, the other letters in the same order. */
    private static boolean abbreviates(String wrong, String name) {
        if (wrong.length() < 4 || !name.startsWith(wrong.substring(0, 4))) {
            return false;
        }
        int at = 0;
        for (int i = 0; i < name.length() && at < wrong.length(); i++) {
            at += name.charAt(i) == wrong.charAt(at) ? 1 : 0;
        }
        return at == wrong.length();
    }
}
