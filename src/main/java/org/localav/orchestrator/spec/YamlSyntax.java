package org.localav.orchestrator.spec;

import java.util.Optional;

/** Says what a YAML reader's complaint means to the person who wrote the file. */
final class YamlSyntax {
    private YamlSyntax() {}

    static String explain(String problem, String context) {
        String said = Optional.ofNullable(problem).orElse("") + " / "
                + Optional.ofNullable(context).orElse("");
        if (said.contains("\\t") || said.contains("TAB")) {
            return "a tab stands where YAML wants spaces; indent with spaces";
        }
        if (said.contains("mapping values are not allowed here")) {
            return "a ':' can't stand here; check the indentation, or put the text in quotes";
        }
        if (said.contains("could not find expected ':'")) {
            return "a key without ':' before this line; write 'key: value'";
        }
        if (said.contains("expected <block end>")) {
            return "this doesn't line up with the lines above; check the indentation";
        }
        if (said.contains("while scanning a quoted scalar")) {
            return "a quoted text isn't right here or isn't closed; check its quotes and backslashes";
        }
        if (said.contains("flow mapping") || said.contains("flow sequence")) {
            return "a ',' or the closing bracket is missing before this; quote a text that begins with '{' or '['";
        }
        if (said.contains("cannot start any token")) {
            return "a text can't begin with this character; put it in quotes";
        }
        return "is no YAML here: " + Suggestion.shorten(said.replace(" / ", " ").strip());
    }
}
