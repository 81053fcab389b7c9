package org.localav.orchestrator.spec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What the rules find in one spec. A value that was refused already isn't refused again. */
final class Findings {
    private final YamlTree tree;
    private final List<Violation> warnings = new ArrayList<>();

    Findings(YamlTree tree) {
        this.tree = tree;
    }

    /** Whether the file has a value at this path, right or wrong. */
    boolean has(String path) {
        return tree.locations().contains(path);
    }

    boolean isMap(String path) {
        return tree.locations().isMap(path);
    }

    void refuse(String path, String sentence) {
        if (!tree.problems().mention(path)) {
            tree.problems().add(tree.locations().of(path), path, sentence);
        }
    }

    void warn(String path, String sentence) {
        warnings.add(tree.violation(path, sentence));
    }

    List<Violation> warnings() {
        warnings.sort(Comparator.comparingInt(Violation::line).thenComparingInt(Violation::column));
        return warnings;
    }
}
