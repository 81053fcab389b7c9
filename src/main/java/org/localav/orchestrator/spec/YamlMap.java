package org.localav.orchestrator.spec;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A mapping of a YAML or JSON file, keys in file order. What is wrong is noted in the {@link YamlTree}, never thrown:
 *
 * <pre>
 * map.only("name", "format");                                        // any other key is a violation with a suggestion
 * Optional&lt;String&gt; text = map.read("description", YamlValue::asText);  // empty: absent, or wrong and noted
 * Optional&lt;Integer&gt; rate = map.read("ar", value -&gt; value.asWhole(8000, 192000));
 * Optional&lt;String&gt; format = map.require("format", "write format: mp4", YamlValue::asText);   // absent is a violation
 * Map&lt;String, String&gt; options = map.texts();                        // every value as it is written
 * Map&lt;String, YamlValue&gt; values();  Set&lt;String&gt; keys();  boolean has(key);  Optional&lt;YamlValue&gt; get(key);
 * void problem(sentence);  void keyProblem(key, sentence);           // at the mapping, at one of its keys
 * </pre>
 */
public final class YamlMap {
    private final YamlValue value;
    private final Problems problems;
    private final Map<String, YamlValue> values;
    private List<String> known = List.of();

    YamlMap(YamlValue value, Problems problems, Map<String, YamlValue> values) {
        this.value = value;
        this.problems = problems;
        this.values = values;
    }

    public String path() {
        return value.path();
    }

    public Set<String> keys() {
        return values.keySet();
    }

    public Map<String, YamlValue> values() {
        return values;
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    public Optional<YamlValue> get(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /** Notes every key that isn't one of {@code known}, with the nearest of them. */
    public void only(String... known) {
        List<String> names = List.copyOf(Arrays.asList(known));
        this.known = names;
        for (String key : keys()) {
            if (!names.contains(key)) {
                keyProblem(key, "unknown key " + Suggestion.quote(key) + Suggestion.of(key, names));
            }
        }
    }

    public <T> Optional<T> read(String key, Function<YamlValue, Optional<T>> as) {
        return get(key).flatMap(as);
    }

    /** Like {@link #read}, but notes a violation when the key is absent; {@code advice} says what to write. */
    public <T> Optional<T> require(String key, String advice, Function<YamlValue, Optional<T>> as) {
        if (!has(key) && !isMisspelt(key)) {
            problems.add(value.keyPlace(), join(path(), key), "is missing; " + advice);
        }
        return read(key, as);
    }

    /** Whether a key that was noted as unknown is probably this one, so that "missing" would only repeat it. */
    private boolean isMisspelt(String key) {
        return !known.isEmpty()
                && keys().stream()
                        .filter(written -> !known.contains(written))
                        .anyMatch(written -> Suggestion.nearest(written, known).equals(Optional.of(key)));
    }

    /** Every value as a text, in file order; one that is no text is noted and left out. */
    public Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        values.forEach((key, one) -> one.asText().ifPresent(text -> texts.put(key, text)));
        return texts;
    }

    public void problem(String sentence) {
        problems.add(value.keyPlace(), path(), sentence);
    }

    /** Notes something wrong with a key itself. */
    public void keyProblem(String key, String sentence) {
        problems.add(values.get(key).keyPlace(), join(path(), key), sentence);
    }

    static String join(String path, String key) {
        String shown = Suggestion.shorten(key);
        return path.isEmpty() ? shown : path + "." + shown;
    }
}
