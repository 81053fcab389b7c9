package org.localav.orchestrator.route;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/** Suggests what someone who wrote an unknown name most likely meant. */
final class Names {
    private static final int LISTED = 12;

    private Names() {}

    /** {@code ; did you mean 'simple'?}, else {@code ; known: a, b, c} when they are few, else nothing. */
    static String nearest(String wrong, Collection<String> known) {
        Optional<String> best = known.stream()
                .filter(name -> distance(wrong, name) <= Math.max(1, Math.min(3, wrong.length() / 3)))
                .min(Comparator.comparingInt((String name) -> distance(wrong, name))
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

    /** Levenshtein distance, a swap of two neighbours counting once, capitals not at all. */
    static int distance(String one, String two) {
        String a = one.toLowerCase(Locale.ROOT);
        String b = two.toLowerCase(Locale.ROOT);
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + same);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
