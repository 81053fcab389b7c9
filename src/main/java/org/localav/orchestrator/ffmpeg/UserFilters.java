package org.localav.orchestrator.ffmpeg;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.localav.orchestrator.spec.Suggestion;

/**
 * Reads the filters a spec's author wrote ({@code eq=contrast=1.05}) by an allow-list: known filters, known options,
 * numbers in a range, words from a list. What comes out is written anew by {@link Filter}; nothing of the text is handed
 * on, since ffmpeg's own reading of quotes, escapes and {@code name@id} defeats every list of forbidden words.
 */
public final class UserFilters {
    private static final int MAX_LENGTH = 500;
    private static final Pattern CHARACTERS = Pattern.compile("[A-Za-z0-9_.:=+#-]*");

    private UserFilters() {}

    /** Names of the filters a spec may use, in the order of their documentation. */
    public static List<String> names() {
        return AllowedFilters.names();
    }

    /**
     * Reads one filter, options by name or by position.
     *
     * @throws IllegalArgumentException with a sentence that says what would be right
     */
    public static Filter parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("the filter that begins " + Suggestion.quote(text) + " has "
                    + text.length() + " characters; at most " + MAX_LENGTH + " are allowed");
        }
        if (text.contains(",") || text.contains(";")) {
            throw new IllegalArgumentException(
                    Suggestion.quote(text) + " holds several filters; write each as an entry of its own");
        }
        int equals = text.indexOf('=');
        String name = equals < 0 ? text : text.substring(0, equals);
        AllowedFilters allowed = AllowedFilters.find(name)
                .orElseThrow(() -> new IllegalArgumentException(Suggestion.quote(name) + " is no filter a spec may use"
                        + Suggestion.of(name, AllowedFilters.names())));
        if (!CHARACTERS.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    Suggestion.quote(text) + " holds characters that no allowed filter needs;"
                            + " write NAME=OPTION=NUMBER:OPTION=NUMBER, as in eq=contrast=1.05:saturation=1.2");
        }
        Map<String, String> options = new LinkedHashMap<>();
        if (equals >= 0) {
            read(name, allowed, text.substring(equals + 1), options);
        }
        for (String needed : allowed.needed()) {
            if (!options.containsKey(needed)) {
                throw new IllegalArgumentException("'" + text + "' lacks " + needed + ", "
                        + allowed.values(needed).wanted());
            }
        }
        return new Filter(name, options);
    }

    private static void read(String name, AllowedFilters allowed, String text, Map<String, String> options) {
        int position = 0;
        for (String part : text.split(":", -1)) {
            int equals = part.indexOf('=');
            String option;
            if (equals >= 0) {
                option = allowed.fullName(part.substring(0, equals));
                position = Integer.MAX_VALUE;
            } else if (position < allowed.positionalNames().size()) {
                option = allowed.positionalNames().get(position++);
            } else {
                throw new IllegalArgumentException("'" + name + "' takes no value '" + part + "' at that place;"
                        + " name its options: " + String.join(", ", allowed.optionNames()));
            }
            Values values = allowed.values(option);
            if (values == null) {
                throw new IllegalArgumentException("'" + name + "' has no option '" + option + "' a spec may use"
                        + Suggestion.of(option, allowed.optionNames()));
            }
            String value = part.substring(equals + 1);
            String normal = values.normal(value)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "'" + value + "' can't be " + name + "'s " + option + "; it is " + values.wanted()));
            if (options.put(option, normal) != null) {
                throw new IllegalArgumentException("'" + name + "' has " + option + " twice; leave one of them out");
            }
        }
    }
}
