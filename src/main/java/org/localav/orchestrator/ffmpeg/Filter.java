package org.localav.orchestrator.ffmpeg;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** One ffmpeg filter with named options; the only place where option values are escaped for a filter graph. */
public record Filter(String name, Map<String, String> options) {
    public Filter {
        options = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /** {@code Filter.of("scale", "w", 1280, "h", 720)}; an even number of names and values. */
    public static Filter of(String name, Object... namesAndValues) {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            options.put(namesAndValues[i].toString(), namesAndValues[i + 1].toString());
        }
        return new Filter(name, options);
    }

    @Override
    public String toString() {
        return options.isEmpty()
                ? name
                : name + "="
                        + options.entrySet().stream()
                                .map(o -> o.getKey() + "=" + escape(o.getValue()))
                                .collect(Collectors.joining(":"));
    }

    /** Two levels, as ffmpeg unescapes them: the option value's, then the graph's ("Notes on filtergraph escaping"). */
    private static String escape(String value) {
        String option = value.replace("\\", "\\\\").replace("'", "\\'").replace(":", "\\:");
        return option.replaceAll("[\\\\'\\[\\],;]", "\\\\$0");
    }
}
