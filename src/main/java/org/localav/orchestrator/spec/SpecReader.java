package org.localav.orchestrator.spec;

import java.nio.file.Path;
import java.util.List;

/** Reads a job spec, YAML or JSON, and says all that is wrong with it at once, in file order. */
public final class SpecReader {
    private SpecReader() {}

    /**
     * Reads a file; one whose name ends in {@code .json} as JSON.
     *
     * @throws InvalidSpecException with every violation when the file can't be read or the spec can't be used
     */
    public static Parsed read(Path file) throws InvalidSpecException {
        return check(YamlTree.read(file));
    }

    /**
     * Reads a text; {@code name} is what violations call it.
     *
     * @throws InvalidSpecException with every violation when the spec can't be used
     */
    public static Parsed read(String name, String text, boolean json) throws InvalidSpecException {
        return check(YamlTree.parse(name, text, json));
    }

    /**
     * The text of a spec that came as bytes; {@code name} is what violations call it.
     *
     * @throws InvalidSpecException when it is no UTF-8 or too large
     */
    public static String text(String name, byte[] bytes) throws InvalidSpecException {
        return SourceText.decode(name, bytes);
    }

    private static Parsed check(YamlTree tree) throws InvalidSpecException {
        JobSpec spec = SpecBinder.bind(tree.root());
        List<Violation> warnings = SpecRules.check(spec, tree);
        tree.check();
        return new Parsed(spec, tree.name(), tree.text(), tree.locations(), warnings);
    }
}
