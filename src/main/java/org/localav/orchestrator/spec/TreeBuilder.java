package org.localav.orchestrator.spec;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts the tree of a file together from its events, within the limits on depth and number of values. */
final class TreeBuilder {
    static final int DEEPEST = 50;
    static final int MOST_VALUES = 10_000;

    private final Problems problems;
    private final Deque<Frame> open = new ArrayDeque<>();
    private Optional<YamlValue> root = Optional.empty();
    private int count;

    /** A mapping or list that isn't finished; {@code values} are a list's items or a mapping's fields by key. */
    private static final class Frame {
        final String path;
        final Optional<Place> key;
        final Place place;
        final boolean mapping;
        final Map<String, YamlValue> fields = new LinkedHashMap<>();
        final List<YamlValue> items = new ArrayList<>();
        Optional<String> nextKey = Optional.empty();
        Optional<Place> nextPlace = Optional.empty();
        boolean dropNext;

        Frame(String path, Optional<Place> key, Place place, boolean mapping) {
            this.path = path;
            this.key = key;
            this.place = place;
            this.mapping = mapping;
        }

        String childPath() {
            return mapping ? YamlMap.join(path, nextKey.orElse("?")) : path + "[" + items.size() + "]";
        }
    }

    TreeBuilder(Problems problems) {
        this.problems = problems;
    }

    Optional<YamlValue> root() {
        return root;
    }

    /** Whether the next event of a mapping is a key. */
    boolean wantsKey() {
        return !open.isEmpty() && open.peek().mapping && open.peek().nextPlace.isEmpty();
    }

    /** The path of the value that comes next. */
    String nextPath() {
        return open.isEmpty() ? "" : open.peek().childPath();
    }

    void key(Place place, String name) throws InvalidSpecException {
        Frame frame = open.peek();
        String path = YamlMap.join(frame.path, name);
        frame.nextKey = Optional.of(name);
        if (name.equals("<<")) {
            problems.add(place, path, "merge keys are refused; write the fields out");
        } else if (frame.fields.containsKey(name)) {
            Place first = frame.fields.get(name).keyPlace();
            problems.add(
                    place, path, "the key " + Suggestion.quote(name) + " stands at line " + first.line() + " already");
        } else {
            frame.nextPlace = Optional.of(place);
            return;
        }
        dropNext(place);
    }

    /** Drops the value that comes next, because its key was refused. */
    void dropNext(Place keyPlace) {
        Frame frame = open.peek();
        frame.dropNext = true;
        frame.nextPlace = Optional.of(keyPlace);
    }

    void value(Place place, Content content) throws InvalidSpecException {
        count(place);
        Optional<Place> key = open.isEmpty() ? Optional.empty() : open.peek().nextPlace;
        boolean empty = content instanceof Content.Scalar scalar
                && scalar.plain()
                && scalar.text().isEmpty();
        add(new YamlValue(problems, nextPath(), key, empty ? key.orElse(place) : place, content));
    }

    void open(Place place, boolean mapping) throws InvalidSpecException {
        count(place);
        if (open.size() == DEEPEST) {
            throw problems.fatal(place, "is nested deeper than " + DEEPEST + " levels");
        }
        Optional<Place> key = open.isEmpty() ? Optional.empty() : open.peek().nextPlace;
        open.push(new Frame(nextPath(), key, place, mapping));
    }

    void close() {
        Frame frame = open.pop();
        Content content = frame.mapping
                ? new Content.Fields(Collections.unmodifiableMap(frame.fields))
                : new Content.Items(Collections.unmodifiableList(frame.items));
        add(new YamlValue(problems, frame.path, frame.key, frame.place, content));
    }

    private void add(YamlValue value) {
        if (open.isEmpty()) {
            root = Optional.of(value);
            return;
        }
        Frame frame = open.peek();
        if (frame.mapping) {
            if (!frame.dropNext) {
                frame.fields.put(frame.nextKey.orElseThrow(), value);
            }
            frame.dropNext = false;
            frame.nextKey = Optional.empty();
            frame.nextPlace = Optional.empty();
        } else {
            frame.items.add(value);
        }
    }

    private void count(Place place) throws InvalidSpecException {
        count++;
        if (count > MOST_VALUES) {
            throw problems.fatal(place, "holds more than " + MOST_VALUES + " values; split the job");
        }
    }
}
