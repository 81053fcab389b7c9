package org.localav.orchestrator.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One difference between two trees of maps, lists and plain values.
 *
 * @param path where, as {@code clips[2].in}, in the later tree; of something removed, in the earlier one
 * @param before the value before; of something moved, where it was; null where there was nothing
 * @param after the value after; null where there is nothing any more
 */
public record Difference(Kind kind, String path, Object before, Object after) {
    /** Names of the fields that say what an item of a list is about. */
    private static final List<String> ABOUT = List.of("text", "asset", "source", "path", "url");

    /** What became of a value. */
    public enum Kind {
        CHANGED,
        ADDED,
        REMOVED,
        MOVED
    }

    /** All differences, in the order of the later tree. Numbers are compared as they are written. */
    public static List<Difference> between(Object before, Object after) {
        List<Difference> found = new ArrayList<>();
        compare("", before, after, found);
        return found;
    }

    private static void compare(String path, Object before, Object after, List<Difference> found) {
        if (before instanceof Map<?, ?> old && after instanceof Map<?, ?> now) {
            fields(path, old, now, found);
        } else if (before instanceof List<?> old && after instanceof List<?> now) {
            items(path, old, now, found);
        } else if (!Objects.toString(before).equals(Objects.toString(after))) {
            found.add(new Difference(Kind.CHANGED, path, before, after));
        }
    }

    private static void fields(String path, Map<?, ?> before, Map<?, ?> after, List<Difference> found) {
        Set<Object> names = new LinkedHashSet<>(after.keySet());
        names.addAll(before.keySet());
        for (Object name : names) {
            String at = path.isEmpty() ? name.toString() : path + "." + name;
            if (!before.containsKey(name)) {
                found.add(new Difference(Kind.ADDED, at, null, after.get(name)));
            } else if (!after.containsKey(name)) {
                found.add(new Difference(Kind.REMOVED, at, before.get(name), null));
            } else {
                compare(at, before.get(name), after.get(name), found);
            }
        }
    }

    private static void items(String path, List<?> before, List<?> after, List<Difference> found) {
        Alignment alignment =
                Alignment.of(before, after, List.of(item -> Optional.of(String.valueOf(item)), Difference::about));
        Set<Integer> left = new LinkedHashSet<>(alignment.pairs().values());
        for (int i = 0; i < after.size(); i++) {
            String at = path + "[" + i + "]";
            Integer was = alignment.pairs().get(i);
            if (was == null) {
                found.add(new Difference(Kind.ADDED, at, null, after.get(i)));
                continue;
            }
            if (alignment.moved().contains(i)) {
                found.add(new Difference(Kind.MOVED, at, path + "[" + was + "]", after.get(i)));
            }
            compare(at, before.get(was), after.get(i), found);
        }
        for (int i = 0; i < before.size(); i++) {
            if (!left.contains(i)) {
                found.add(new Difference(Kind.REMOVED, path + "[" + i + "]", before.get(i), null));
            }
        }
    }

    /** What an item is about, also where that lies one level down, as {@code tts.text} does. */
    private static Optional<String> about(Object item) {
        if (!(item instanceof Map<?, ?> map)) {
            return Optional.empty();
        }
        for (String name : ABOUT) {
            if (map.get(name) instanceof String text) {
                return Optional.of(name + "=" + text);
            }
        }
        return map.values().stream()
                .filter(value -> value instanceof Map)
                .flatMap(value -> about(value).stream())
                .findFirst();
    }

    /** Every plain value of a tree by its path, in order. */
    public static Map<String, Object> leaves(Object tree) {
        Map<String, Object> leaves = new LinkedHashMap<>();
        leaves("", tree, leaves);
        return leaves;
    }

    private static void leaves(String path, Object value, Map<String, Object> into) {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            map.forEach((name, one) -> leaves(path.isEmpty() ? name.toString() : path + "." + name, one, into));
        } else if (value instanceof List<?> list && !list.isEmpty()) {
            for (int i = 0; i < list.size(); i++) {
                leaves(path + "[" + i + "]", list.get(i), into);
            }
        } else {
            into.put(path, value);
        }
    }
}
