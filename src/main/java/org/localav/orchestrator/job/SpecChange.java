package org.localav.orchestrator.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.localav.orchestrator.plan.Difference;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.spec.PlainTree;

/**
 * One change between two specs, in their own words.
 *
 * @param change {@code changed}, {@code added}, {@code removed} or {@code moved}
 * @param path in the later spec; of something removed, in the earlier one
 * @param before the value before; of something moved, where it stood
 * @param after the value after
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SpecChange(String change, String path, Object before, Object after) {
    private static final int LONGEST = 60;

    /** All changes in the order of the later spec; clips, sentences and outputs that only moved are told as that. */
    public static List<SpecChange> between(Parsed before, Parsed after) throws InvalidSpecException {
        return Difference.between(PlainTree.of(before), PlainTree.of(after)).stream()
                .map(d -> new SpecChange(
                        d.kind().name().toLowerCase(java.util.Locale.ROOT), d.path(), d.before(), d.after()))
                .toList();
    }

    /** For people: {@code video.clips[1].in: 1s -> 500ms}. */
    @Override
    public String toString() {
        return switch (change) {
            case "added" -> path + " added: " + shown(after);
            case "removed" -> path + " removed: " + shown(before);
            case "moved" -> path + " moved: was " + before;
            default -> path + ": " + shown(before) + " -> " + shown(after);
        };
    }

    private static String shown(Object value) {
        String text = written(value).replaceAll("\\s+", " ");
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
    }

    private static String written(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> entry.getKey() + ": " + written(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        return value instanceof List<?> list
                ? list.stream().map(SpecChange::written).collect(Collectors.joining(", ", "[", "]"))
                : String.valueOf(value);
    }
}
