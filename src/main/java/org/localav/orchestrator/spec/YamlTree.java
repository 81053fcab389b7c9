package org.localav.orchestrator.spec;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A YAML (or JSON) file as a tree in which every key and value knows its line and column; the reader of specs, presets
 * and settings files. Reading it notes what is wrong; {@link #check()} throws all of it at once:
 *
 * <pre>
 * YamlTree tree = YamlTree.read(Path.of("presets/web.yaml"));  // throws InvalidSpecException: no file, no UTF-8, no YAML
 * YamlTree tree = YamlTree.parse("web.yaml", text, false);     // the same from a text; true: JSON
 * YamlMap root = tree.root();                                  // see YamlMap and YamlValue
 * root.only("description", "format");
 * Optional&lt;String&gt; format = root.require("format", "write format: mp4", YamlValue::asText);
 * tree.check();                                                // throws InvalidSpecException if anything was noted
 * Violation v = tree.violation("video.size", "sentence");      // for checks made later
 * </pre>
 *
 * Limits: 1 MiB, 50 levels, 10,000 values. Anchors, aliases, tags, merge keys, duplicate keys and a second document are
 * violations.
 */
public final class YamlTree {
    private final String name;
    private final String text;
    private final Problems problems;
    private final YamlMap root;
    private final Locations locations;

    private YamlTree(String name, String text, Problems problems, YamlValue root, YamlMap map) {
        this.name = name;
        this.text = text;
        this.problems = problems;
        this.root = map;
        this.locations = new Locations(root);
    }

    /** Reads a file; one whose name ends in {@code .json} as JSON. */
    public static YamlTree read(Path file) throws InvalidSpecException {
        String name = file.toString();
        return build(name, SourceText.read(file), name.toLowerCase(Locale.ROOT).endsWith(".json"));
    }

    /** Reads a text; {@code name} is what violations call it. */
    public static YamlTree parse(String name, String text, boolean json) throws InvalidSpecException {
        return build(name, SourceText.checked(name, text), json);
    }

    private static YamlTree build(String name, String text, boolean json) throws InvalidSpecException {
        Problems problems = new Problems(name);
        TreeBuilder builder = new TreeBuilder(problems);
        if (json) {
            new JsonTokens(problems, builder).read(text);
        } else {
            new YamlEvents(problems, builder).read(text);
        }
        Optional<YamlValue> root = builder.root();
        if (root.isEmpty() || root.get().content() instanceof Content.Scalar scalar && scalar.isNull()) {
            throw SourceText.whole(name, "is empty");
        }
        Optional<YamlMap> map = root.get().asMap();
        if (map.isEmpty()) {
            problems.check();
            throw SourceText.whole(name, "must be a mapping of keys to values");
        }
        return new YamlTree(name, text, problems, root.get(), map.get());
    }

    /** What violations call the file. */
    public String name() {
        return name;
    }

    /** The file as it was read, without a byte order mark. */
    public String text() {
        return text;
    }

    public YamlMap root() {
        return root;
    }

    public Locations locations() {
        return locations;
    }

    /** A violation at the value with this path (or, when it is absent, at the nearest one around it); it isn't noted. */
    public Violation violation(String path, String sentence) {
        Place place = locations.of(path);
        return new Violation(name, place.line(), place.column(), path, sentence);
    }

    /** What was noted so far, in file order. */
    public List<Violation> violations() {
        return problems.inOrder();
    }

    /** @throws InvalidSpecException with all that was noted, in file order */
    public void check() throws InvalidSpecException {
        problems.check();
    }

    Problems problems() {
        return problems;
    }
}
