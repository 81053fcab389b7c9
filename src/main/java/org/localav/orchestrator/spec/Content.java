package org.localav.orchestrator.spec;

import java.util.List;
import java.util.Map;

/** What a YAML or JSON value holds. */
sealed interface Content {
    record Fields(Map<String, YamlValue> values) implements Content {}

    record Items(List<YamlValue> values) implements Content {}

    /** {@code plain}: written without quotes, so that it may be meant as a number or a boolean. */
    record Scalar(String text, boolean plain) implements Content {
        /** Whether YAML reads it as "no value". */
        boolean isNull() {
            return plain && (text.isEmpty() || text.equals("~") || text.equalsIgnoreCase("null"));
        }
    }

    /** Something that was refused already (an alias, say); nothing more is said about it. */
    record Refused() implements Content {}
}
