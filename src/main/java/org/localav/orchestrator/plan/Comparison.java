package org.localav.orchestrator.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.localav.orchestrator.plan.Basis.KeyedStep;

/**
 * Holds a plan against an earlier one: which step became which, and what of each changed, in the spec's own words. A step
 * that only moved has the same key and so is no change.
 */
public final class Comparison {
    private final Basis before;
    private final Basis now;
    private final Map<String, KeyedStep> earlier = new HashMap<>();
    private final Map<String, KeyedStep> later = new HashMap<>();
    private final Map<String, KeyedStep> steps = new LinkedHashMap<>();

    public Comparison(Basis before, Basis now) {
        this.before = before;
        this.now = now;
        now.steps().forEach(step -> steps.put(step.key(), step));
        Map<String, List<KeyedStep>> was = byKind(before);
        byKind(now).forEach((kind, list) -> match(was.getOrDefault(kind, List.of()), list));
    }

    private static Map<String, List<KeyedStep>> byKind(Basis basis) {
        return basis.steps().stream()
                .collect(Collectors.groupingBy(KeyedStep::kind, LinkedHashMap::new, Collectors.toList()));
    }

    private void match(List<KeyedStep> was, List<KeyedStep> is) {
        List<Function<KeyedStep, Optional<String>>> names =
                List.of(step -> Optional.of(step.key()), this::place, this::about);
        Alignment.of(was, is, names).pairs().forEach((after, old) -> {
            earlier.put(is.get(after).key(), was.get(old));
            later.put(was.get(old).key(), is.get(after));
        });
    }

    /** A part of a clip is known by which part of which asset it is; what there is one of for each output, by its name. */
    private Optional<String> place(KeyedStep step) {
        if (step.recipe().get("source") instanceof String source) {
            Map<String, Object> part = new LinkedHashMap<>(step.recipe());
            part.keySet().retainAll(List.of("in", "from_frame", "to_frame", "frames"));
            return Optional.of(asset(source) + part);
        }
        return step.kind().equals("speech") ? about(step) : Optional.of(step.step());
    }

    private Optional<String> about(KeyedStep step) {
        if (step.recipe().get("source") instanceof String source) {
            return Optional.of(asset(source));
        }
        return Optional.ofNullable(step.recipe().get("text")).map(Object::toString);
    }

    /** What the step was before; empty: it is new. */
    public Optional<KeyedStep> earlier(String key) {
        return Optional.ofNullable(earlier.get(key));
    }

    /**
     * Why the step runs, in a few words.
     *
     * @param runs which steps run, by key
     */
    public String reason(String key, Predicate<String> runs) {
        KeyedStep step = steps.get(key);
        KeyedStep was = earlier.get(key);
        if (was == null) {
            return "new";
        }
        List<String> changes = changes(key);
        if (was.key().equals(key) && changes.isEmpty()) {
            return step.kind().equals("mux")
                    ? "made before, but the output is not there any more"
                    : "made before but no longer in the step store";
        }
        List<String> needs = step.needs().stream().filter(runs).toList();
        if (!changes.isEmpty()) {
            return String.join("; ", changes.subList(0, Math.min(3, changes.size())))
                    + (changes.size() > 3 ? "; and " + (changes.size() - 3) + " more" : "");
        }
        if (!needs.isEmpty()) {
            String first = Optional.ofNullable(steps.get(needs.get(0)))
                    .map(KeyedStep::step)
                    .orElse(needs.get(0));
            return "needs " + first + (needs.size() > 1 ? " and " + (needs.size() - 1) + " more" : "");
        }
        return step.needs().equals(was.needs()) ? "the order of its settings changed" : "what it is made of changed";
    }

    /** What of the step itself, or of what is done to its result, changed, not of what it is made from. */
    private List<String> changes(String key) {
        KeyedStep step = steps.get(key);
        KeyedStep was = earlier.get(key);
        List<String> changes = new ArrayList<>();
        if (step.kind().equals("mux")) {
            changes.addAll(stages());
        }
        if (was.key().equals(key)) {
            return changes;
        }
        if (was.revision() != step.revision()) {
            changes.add("this version of the program makes it otherwise");
        }
        tool(was, step).ifPresent(changes::add);
        changes.addAll(inputs(was, step));
        differences(key).stream()
                .map(difference -> ChangeWords.of(step, difference, now.tracks()))
                .distinct()
                .forEach(changes::add);
        return changes;
    }

    /** The differences between the recipe and the one before, with assets and steps by their names. */
    public List<Difference> differences(String key) {
        KeyedStep was = earlier.get(key);
        return was == null
                ? List.of()
                : Difference.between(
                        named(was.recipe(), this::earlierName),
                        named(steps.get(key).recipe(), this::laterName));
    }

    /** The recipe with assets and steps by their names. */
    public Object recipe(String key) {
        return named(steps.get(key).recipe(), this::laterName);
    }

    private List<String> stages() {
        return Difference.between(before.afterMux(), now.afterMux()).stream()
                .map(difference ->
                        "stage " + difference.kind().name().toLowerCase(Locale.ROOT) + ": " + difference.path())
                .toList();
    }

    private Optional<String> tool(KeyedStep was, KeyedStep is) {
        if (was.tool().equals(is.tool())) {
            return Optional.empty();
        }
        if (is.kind().equals("speech")) {
            String prefix = "tts." + is.recipe().get("provider") + ".";
            return Optional.of(now.settings().entrySet().stream()
                    .filter(setting -> setting.getKey().startsWith(prefix))
                    .filter(setting ->
                            !setting.getValue().equals(before.settings().getOrDefault(setting.getKey(), "")))
                    .map(setting -> setting.getKey() + " changed: "
                            + before.settings().getOrDefault(setting.getKey(), "") + " -> " + setting.getValue())
                    .findFirst()
                    .orElse("settings of the provider changed"));
        }
        String old = before.tools().getOrDefault(was.tool(), was.tool());
        String version = now.tools().getOrDefault(is.tool(), is.tool());
        return Optional.of(
                old.equals(version)
                        ? "ffmpeg changed: another build of " + version
                        : "ffmpeg changed: " + old + " -> " + version);
    }

    private List<String> inputs(KeyedStep was, KeyedStep is) {
        String old = was.recipe().toString();
        String text = is.recipe().toString();
        return now.assets().entrySet().stream()
                .filter(asset -> before.assets().containsKey(asset.getKey()))
                .filter(asset -> {
                    String content = before.assets().get(asset.getKey()).sha256();
                    return !content.equals(asset.getValue().sha256())
                            && old.contains(content)
                            && text.contains(asset.getValue().sha256());
                })
                .map(asset -> "input changed: " + asset.getValue().name() + " (sha256 "
                        + asset.getValue().sha256().substring(0, 8) + "…)")
                .toList();
    }

    /** The same tree with every source by {@code name}, and options that are written as a list as the map they are. */
    private static Object named(Object value, Function<String, String> name) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> named = new LinkedHashMap<>();
            map.forEach((key, one) -> named.put(
                    key.toString(),
                    one instanceof List<?> list && (key.equals("options") || key.equals("muxer"))
                            ? options(list)
                            : named(one, name)));
            return named;
        }
        if (value instanceof List<?> list) {
            return list.stream().map(one -> named(one, name)).toList();
        }
        return value instanceof String text ? name.apply(text) : value;
    }

    private static Map<String, Object> options(List<?> written) {
        Map<String, Object> options = new LinkedHashMap<>();
        for (Object one : written) {
            String text = one.toString();
            int equals = text.indexOf('=');
            options.put(equals < 0 ? text : text.substring(0, equals), equals < 0 ? "" : text.substring(equals + 1));
        }
        return options;
    }

    private String laterName(String text) {
        if (text.startsWith(Basis.STEP)) {
            KeyedStep step = steps.get(text.substring(Basis.STEP.length()));
            return step == null ? text : step.step();
        }
        return text.startsWith(Basis.CONTENT) ? asset(text) : text;
    }

    /** What became of an earlier step goes by its name of now, so that its own changes are no difference here. */
    private String earlierName(String text) {
        if (text.startsWith(Basis.STEP)) {
            String key = text.substring(Basis.STEP.length());
            return Optional.ofNullable(later.get(key))
                    .map(KeyedStep::step)
                    .or(() -> before.steps().stream()
                            .filter(step -> step.key().equals(key))
                            .findFirst()
                            .map(step -> step.step() + " of before"))
                    .orElse(text);
        }
        return text.startsWith(Basis.CONTENT) ? asset(text) : text;
    }

    /** The name of a content: an asset's, of now or else of before. */
    private String asset(String id) {
        String sha256 = id.substring(Basis.CONTENT.length());
        return alias(now, sha256).or(() -> alias(before, sha256)).orElse(id);
    }

    private static Optional<String> alias(Basis basis, String sha256) {
        return basis.assets().entrySet().stream()
                .filter(asset -> asset.getValue().sha256().equals(sha256))
                .map(Map.Entry::getKey)
                .findFirst();
    }
}
