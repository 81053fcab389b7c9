package org.localav.orchestrator.spec;

import java.util.HashMap;
import java.util.Map;

/** Where each value of a file stands, by its path ({@code audio.tracks.bed[0].asset}). */
public final class Locations {
    private final Map<String, YamlValue> values = new HashMap<>();

    Locations(YamlValue root) {
        add(root);
    }

    private void add(YamlValue value) {
        values.putIfAbsent(value.path(), value);
        if (value.content() instanceof Content.Fields fields) {
            fields.values().values().forEach(this::add);
        } else if (value.content() instanceof Content.Items items) {
            items.values().forEach(this::add);
        }
    }

    /** Whether the file has a value at this path. */
    public boolean contains(String path) {
        return values.containsKey(path);
    }

    boolean isMap(String path) {
        return contains(path) && values.get(path).isMap();
    }

    /** The place of the value, or, for one that the file doesn't have, of the nearest one around it. */
    public Place of(String path) {
        YamlValue exact = values.get(path);
        if (exact != null) {
            return exact.isMap() ? exact.keyPlace() : exact.place();
        }
        String around = path;
        while (!around.isEmpty()) {
            around = around.substring(0, Math.max(0, Math.max(around.lastIndexOf('.'), around.lastIndexOf('['))));
            if (contains(around)) {
                return values.get(around).keyPlace();
            }
        }
        return Place.START;
    }
}
