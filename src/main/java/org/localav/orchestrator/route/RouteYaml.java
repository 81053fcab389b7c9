package org.localav.orchestrator.route;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.localav.orchestrator.spec.Violation;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One route file as a tree that knows where everything stands, and the faults Camel would pass over in silence: it takes
 * the second of two equal keys, and loads nothing from a file that isn't a list.
 *
 * @param root null when the text is no YAML
 */
record RouteYaml(String label, Node root, List<Violation> faults) {
    private static final int MAX_DEPTH = 60;

    /** A {@code route} of the file: its mapping, and its id or "" when it has none. */
    record Entry(String id, MappingNode node) {}

    static RouteYaml read(String label, String text) {
        List<Violation> faults = new ArrayList<>();
        Node root = compose(label, text, faults);
        if (root != null) {
            checkTree(root, 0, (node, message) -> faults.add(at(label, node, "", message)));
        }
        if (faults.isEmpty() && !(root instanceof SequenceNode)) {
            faults.add(at(
                    label,
                    root,
                    "",
                    "a route file is a list; each entry begins with '- route:' or another part of a route"));
        }
        return new RouteYaml(label, root, List.copyOf(faults));
    }

    List<Entry> routes() {
        return entries("route");
    }

    List<Entry> configurations() {
        return entries("routeConfiguration");
    }

    private List<Entry> entries(String kind) {
        if (!(root instanceof SequenceNode list)) {
            return List.of();
        }
        return list.getValue().stream()
                .flatMap(item -> child(item, kind).stream())
                .flatMap(entry -> entry instanceof MappingNode node ? Stream.of(node) : Stream.empty())
                .map(node -> new Entry(child(node, "id").map(RouteYaml::text).orElse(""), node))
                .toList();
    }

    /** The first value, in reading order, below {@code start} whose text fits; else the first key. */
    static Optional<ScalarNode> find(Node start, Predicate<String> fits) {
        Set<Node> keys = Collections.newSetFromMap(new IdentityHashMap<>());
        List<ScalarNode> found = new ArrayList<>();
        walk(start, 0, keys::add, scalar -> {
            if (fits.test(scalar.getValue())) {
                found.add(scalar);
            }
        });
        return found.stream()
                .filter(scalar -> !keys.contains(scalar))
                .findFirst()
                .or(() -> found.stream().findFirst());
    }

    static Optional<Node> child(Node node, String key) {
        return node instanceof MappingNode mapping
                ? mapping.getValue().stream()
                        .filter(tuple -> key.equals(text(tuple.getKeyNode())))
                        .map(NodeTuple::getValueNode)
                        .findFirst()
                : Optional.empty();
    }

    /** The text of a scalar, "" for anything else. */
    static String text(Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    /** The name of the {@code direct:} endpoint a {@code from} or {@code to} names, written in one string or in two. */
    static Optional<String> direct(Node endpoint) {
        String uri = child(endpoint, "uri").map(RouteYaml::text).orElseGet(() -> text(endpoint));
        if (uri.equals("direct")) {
            return child(endpoint, "parameters").flatMap(p -> child(p, "name")).map(RouteYaml::text);
        }
        return uri.startsWith("direct:") ? Optional.of(uri.substring(7).replaceAll("^//|\\?.*", "")) : Optional.empty();
    }

    /** The same as JSON; aliases stand for what they point at, as Camel reads them. */
    JsonNode json() {
        return json(root);
    }

    private static JsonNode json(Node node) {
        JsonNodeFactory make = JsonNodeFactory.instance;
        if (node instanceof SequenceNode list) {
            ArrayNode array = make.arrayNode();
            list.getValue().forEach(item -> array.add(json(item)));
            return array;
        }
        if (node instanceof MappingNode mapping) {
            ObjectNode object = make.objectNode();
            mapping.getValue().forEach(tuple -> object.set(text(tuple.getKeyNode()), json(tuple.getValueNode())));
            return object;
        }
        String value = text(node);
        if (node.getTag().equals(Tag.BOOL)) {
            return make.booleanNode(Boolean.parseBoolean(value));
        }
        if (node.getTag().equals(Tag.INT) || node.getTag().equals(Tag.FLOAT)) {
            return make.numberNode(Double.parseDouble(value));
        }
        return node.getTag().equals(Tag.NULL) ? make.nullNode() : make.textNode(value);
    }

    /** At the value a JSON pointer leads to; the path reads {@code [0].route.from.steps[2].log}. */
    Violation at(String pointer, String message) {
        Place place = follow(pointer);
        return at(label, place.node(), place.path(), message);
    }

    /** At a key below that value. */
    Violation atKey(String pointer, String key, String message) {
        Place place = follow(pointer);
        Node found = place.node() instanceof MappingNode mapping
                ? mapping.getValue().stream()
                        .map(NodeTuple::getKeyNode)
                        .filter(node -> key.equals(text(node)))
                        .findFirst()
                        .orElse(place.node())
                : place.node();
        return at(label, found, place.path(), message);
    }

    private record Place(Node node, String path) {}

    private Place follow(String pointer) {
        Node node = root;
        StringBuilder path = new StringBuilder();
        for (String escaped : pointer.split("/")) {
            String part = escaped.replace("~1", "/").replace("~0", "~");
            if (part.isEmpty()) {
                continue;
            }
            if (node instanceof SequenceNode list) {
                node = list.getValue().get(Integer.parseInt(part));
                path.append('[').append(part).append(']');
            } else {
                node = child(node, part).orElse(node);
                path.append(path.isEmpty() ? "" : ".").append(part);
            }
        }
        return new Place(node, path.toString());
    }

    Violation at(Node node, String path, String message) {
        return at(label, node, path, message);
    }

    private static Violation at(String label, Node node, String path, String message) {
        Optional<Mark> mark = node == null ? Optional.empty() : node.getStartMark();
        return new Violation(
                label,
                mark.map(m -> m.getLine() + 1).orElse(0),
                mark.map(m -> m.getColumn() + 1).orElse(0),
                path,
                message);
    }

    private static Node compose(String label, String text, List<Violation> faults) {
        LoadSettings settings = LoadSettings.builder().setLabel(label).build();
        try {
            return new Compose(settings).composeString(text).orElse(null);
        } catch (MarkedYamlEngineException e) {
            Mark mark = e.getProblemMark().or(e::getContextMark).orElse(null);
            faults.add(new Violation(
                    label,
                    mark == null ? 0 : mark.getLine() + 1,
                    mark == null ? 0 : mark.getColumn() + 1,
                    "",
                    sentence(e)));
        } catch (YamlEngineException e) {
            faults.add(new Violation(
                    label,
                    0,
                    0,
                    "",
                    "is no YAML: " + e.getMessage().lines().findFirst().orElse("")));
        }
        return null;
    }

    private static String sentence(MarkedYamlEngineException e) {
        String problem = String.valueOf(e.getProblem());
        if (problem.contains("TAB")) {
            return "a tab can't indent YAML; use spaces";
        }
        if (problem.contains("another document")) {
            return "'---' begins a second document; a route file is one list";
        }
        if (problem.contains("mapping values are not allowed")) {
            return "a ':' can't stand here; quote the text or check the indentation";
        }
        String where = e.getContextMark()
                .map(m -> " (it began at line " + (m.getLine() + 1) + ")")
                .orElse("");
        String context = String.valueOf(e.getContext());
        return "is no YAML: " + problem + (context.equals("null") ? "" : " " + context + where);
    }

    private interface Fault {
        void at(Node node, String message);
    }

    private static void checkTree(Node node, int depth, Fault fault) {
        if (depth > MAX_DEPTH) {
            fault.at(node, "is nested more than " + MAX_DEPTH + " deep");
        } else if (node instanceof SequenceNode list) {
            list.getValue().forEach(item -> checkTree(item, depth + 1, fault));
        } else if (node instanceof MappingNode mapping) {
            Map<String, Node> keys = new HashMap<>();
            for (NodeTuple tuple : mapping.getValue()) {
                Node first = keys.putIfAbsent(text(tuple.getKeyNode()), tuple.getKeyNode());
                if (first != null) {
                    fault.at(
                            tuple.getKeyNode(),
                            "'" + text(first) + "' stands here twice; the first is at line "
                                    + first.getStartMark()
                                            .map(m -> m.getLine() + 1)
                                            .orElse(0));
                }
                checkTree(tuple.getValueNode(), depth + 1, fault);
            }
        }
    }

    /** Routes that Camel would stumble over with an exception of its own. */
    List<Violation> routesWithoutFrom() {
        return routes().stream().flatMap(route -> fromFault(route).stream()).toList();
    }

    private Optional<Violation> fromFault(Entry route) {
        Node from = child(route.node(), "from").orElse(null);
        if (from == null) {
            return Optional.of(at(route.node(), "", named(route) + " has no 'from', so nothing could reach it"));
        }
        if (child(from, "uri").isEmpty()) {
            return Optional.of(
                    at(from, "", "'from' of " + named(route) + " needs a 'uri', such as direct:" + route.id()));
        }
        return child(from, "steps").isEmpty()
                ? Optional.of(at(from, "", named(route) + " has no 'steps' below its 'from'"))
                : Optional.empty();
    }

    static String named(Entry route) {
        return route.id().isEmpty() ? "this route" : "route '" + route.id() + "'";
    }

    /** Every key and value below {@code start} (which may be null), in reading order. */
    static void each(Node start, Consumer<ScalarNode> use) {
        walk(start, 0, key -> {}, use);
    }

    private static void walk(Node node, int depth, Consumer<Node> key, Consumer<ScalarNode> use) {
        if (depth > MAX_DEPTH) {
            return;
        }
        if (node instanceof ScalarNode scalar) {
            use.accept(scalar);
        } else if (node instanceof SequenceNode list) {
            list.getValue().forEach(item -> walk(item, depth + 1, key, use));
        } else if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                key.accept(tuple.getKeyNode());
                walk(tuple.getKeyNode(), depth + 1, key, use);
                walk(tuple.getValueNode(), depth + 1, key, use);
            }
        }
    }
}
