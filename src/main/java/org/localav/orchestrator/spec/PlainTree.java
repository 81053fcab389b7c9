package org.localav.orchestrator.spec;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A spec as a tree of maps, lists and texts, as its writer spelt it: two of them can be held against each other. */
public final class PlainTree {
    private PlainTree() {}

    /** @throws InvalidSpecException never for a text that was read before */
    public static Object of(Parsed parsed) throws InvalidSpecException {
        boolean json = parsed.name().toLowerCase(Locale.ROOT).endsWith(".json");
        return of(YamlTree.parse(parsed.name(), parsed.text(), json).root().values());
    }

    private static Map<String, Object> of(Map<String, YamlValue> fields) {
        Map<String, Object> tree = new LinkedHashMap<>();
        fields.forEach((name, value) -> tree.put(name, plain(value)));
        return tree;
    }

    private static Object plain(YamlValue value) {
        if (value.content() instanceof Content.Fields fields) {
            return of(fields.values());
        }
        if (value.content() instanceof Content.Items items) {
            return items.values().stream().map(PlainTree::plain).toList();
        }
        return value.content() instanceof Content.Scalar scalar ? scalar.text() : "";
    }
}
