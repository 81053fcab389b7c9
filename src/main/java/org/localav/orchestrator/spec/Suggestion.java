package org.localav.orchestrator.spec;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The end of a sentence about a word nobody knows: which known one was probably meant, and which there are. */
public final class Suggestion {
    private static final int SHOWN = 12;
    private static final int LONGEST = 60;

    private Suggestion() {}

    /** The known word nearest to {@code word} by Damerau-Levenshtein distance, when it is near enough to be meant. */
    public static Optional<String> nearest(String word, Collection<String> known) {
        String wanted = plain(word);
        if (wanted.length() > LONGEST) {
            return Optional.empty();
        }
        int most = wanted.length() < 2 ? 0 : Math.max(1, wanted.length() / 3);
        return known.stream()
                .filter(candidate -> Math.abs(candidate.length() - wanted.length()) <= most)
                .filter(candidate -> distance(wanted, plain(candidate)) <= most)
                .min(Comparator.comparingInt(candidate -> distance(wanted, plain(candidate))));
    }

    /** {@code ; did you mean 'music'? known: intro, photo, music}: to be put behind "no asset 'musik'". */
    public static String of(String word, Collection<String> known) {
        String nearest = nearest(word, known)
                .map(name -> "; did you mean '" + name + "'?")
                .orElse(";");
        return known.isEmpty() ? "" : nearest + " known: " + list(known);
    }

    /** {@code intro, photo, music}, cut after a dozen. */
    public static String list(Collection<String> known) {
        String shown = known.stream().limit(SHOWN).map(Suggestion::shorten).collect(Collectors.joining(", "));
        return known.size() <= SHOWN ? shown : shown + " and " + (known.size() - SHOWN) + " more";
    }

    /** The value in quotes, on one line, and cut when long, so that a message stays a sentence. */
    public static String quote(String value) {
        return "'" + shorten(value) + "'";
    }

    static String shorten(String value) {
        int end = value.codePointCount(0, value.length()) <= LONGEST
                ? value.length()
                : value.offsetByCodePoints(0, LONGEST - 3);
        StringBuilder shown = new StringBuilder();
        value.substring(0, end).codePoints().forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE) {
                shown.append(c == '\n' ? "\\n" : c == '\t' ? "\\t" : String.format("\\u%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return end == value.length() ? shown.toString() : shown + "...";
    }

    private static String plain(String word) {
        return word.toLowerCase(Locale.ROOT).replace('-', '_');
    }

    /** Insertions, deletions, replacements and swaps of neighbours that make {@code b} of {@code a}. */
    public static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + cost);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
