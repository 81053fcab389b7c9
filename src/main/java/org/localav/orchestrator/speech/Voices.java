package org.localav.orchestrator.speech;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.localav.orchestrator.spec.Suggestion;

/**
 * The voices of espeak-ng by all the names it takes: language, voice name, file. espeak-ng speaks English without a word
 * when a variant ({@code en-us+f3}) does not exist, so variants are checked here.
 */
public final class Voices {
    private static final Pattern OTHER = Pattern.compile("\\((\\S+) \\d+\\)");

    private final Map<String, String> byName = new LinkedHashMap<>();
    private final TreeSet<String> languages = new TreeSet<>();
    private final Map<String, String> variants = new LinkedHashMap<>();

    /**
     * @param voices what {@code espeak-ng --voices} prints
     * @param variants what {@code espeak-ng --voices=variant} prints
     */
    public Voices(String voices, String variants) {
        for (String[] row : rows(voices)) {
            // MBROLA voices are listed whether or not their data are installed.
            if (!row[4].startsWith("mb/")) {
                languages.add(row[1]);
                name(row[1], row[1]);
            }
        }
        for (String[] row : rows(voices)) {
            if (!row[4].startsWith("mb/")) {
                name(row[3], row[1]);
                name(row[4], row[1]);
                name(row[4].substring(row[4].lastIndexOf('/') + 1), row[1]);
                others(row);
            }
        }
        for (String[] row : rows(variants)) {
            String file = row[4].substring(row[4].lastIndexOf('/') + 1);
            this.variants.putIfAbsent(file.toLowerCase(Locale.ROOT), file);
        }
    }

    private void others(String[] row) {
        Matcher other = OTHER.matcher(String.join(" ", List.of(row).subList(5, row.length)));
        while (other.find()) {
            name(other.group(1), row[1]);
        }
    }

    private void name(String name, String voice) {
        byName.putIfAbsent(name.toLowerCase(Locale.ROOT), voice);
    }

    private static List<String[]> rows(String listing) {
        return listing.lines()
                .skip(1)
                .map(line -> line.strip().split("\\s+"))
                .filter(row -> row.length >= 5)
                .toList();
    }

    /** What to give to {@code espeak-ng -v}; empty when there is no such voice. */
    Optional<String> find(String wanted) {
        String[] parts =
                wanted.strip().toLowerCase(Locale.ROOT).replace('_', '-').split("\\+", 2);
        Optional<String> voice = Optional.ofNullable(
                byName.getOrDefault(parts[0], byName.get(wanted.strip().toLowerCase(Locale.ROOT))));
        if (parts.length == 1) {
            return voice;
        }
        Optional<String> variant = Optional.ofNullable(variants.get(parts[1]));
        return voice.flatMap(v -> variant.map(changed -> v + "+" + changed));
    }

    /** @throws Refusal when there is no such voice, with the nearest there is */
    String require(String wanted) throws Refusal {
        Optional<String> found = find(wanted);
        if (found.isPresent()) {
            return found.get();
        }
        String base = wanted.split("\\+", 2)[0];
        boolean variant = wanted.contains("+") && find(base).isPresent();
        throw new Refusal(
                400,
                "unknown_voice",
                variant
                        ? "the voice " + Suggestion.quote(base) + " has no variant "
                                + Suggestion.quote(wanted.substring(base.length() + 1))
                                + Suggestion.of(wanted.substring(base.length() + 1), variants.keySet())
                        : "there is no voice " + Suggestion.quote(wanted) + Suggestion.of(wanted, languages));
    }
}
