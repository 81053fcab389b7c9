package org.localav.orchestrator.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The words of the dashboard: each in both languages, none missing, none left over. */
class MessagesTest {
    private static final Path DASHBOARD = Path.of("src/main/resources/dashboard");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\w+}");
    private static final Pattern LITERAL = Pattern.compile("'([a-z][a-z0-9_.-]*)'");
    private static final Pattern ASKED = Pattern.compile("\\bt\\('([^']+)'");
    private static final Pattern COMPOSED = Pattern.compile("\\bt\\(`([^$`]*)\\$|named\\('(\\w+)'");

    private static Map<String, String> messages(String language) throws IOException {
        return new ObjectMapper()
                .readValue(
                        DASHBOARD.resolve("messages/" + language + ".json").toFile(),
                        new TypeReference<TreeMap<String, String>>() {});
    }

    private static String scripts() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(DASHBOARD)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".js")).sorted().toList()) {
                all.append(Files.readString(file));
            }
        }
        return all.toString();
    }

    @Test
    void everyMessageStandsInBothLanguagesWithTheSamePlaces() throws IOException {
        Map<String, String> english = messages("en");
        Map<String, String> chinese = messages("zh");

        assertEquals(english.keySet(), chinese.keySet());
        english.forEach((key, text) -> assertEquals(places(text), places(chinese.get(key)), key));
    }

    private static TreeSet<String> places(String text) {
        return PLACEHOLDER
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyMessageThatIsAskedForIsThere() throws IOException {
        Map<String, String> english = messages("en");

        List<String> missing = ASKED.matcher(scripts())
                .results()
                .map(found -> found.group(1))
                .filter(key -> !english.containsKey(key))
                .distinct()
                .toList();

        assertEquals(List.of(), missing);
    }

    @Test
    void everyMessageIsAskedFor() throws IOException {
        String scripts = scripts();
        TreeSet<String> written = LITERAL.matcher(scripts)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        List<String> prefixes = COMPOSED.matcher(scripts)
                .results()
                .map(found -> found.group(1) == null ? found.group(2) + "." : found.group(1))
                .distinct()
                .toList();

        TreeSet<String> left = new TreeSet<>(messages("en").keySet());
        left.removeIf(key -> written.contains(key) || prefixes.stream().anyMatch(key::startsWith));

        assertEquals(new TreeSet<>(), left);
        assertFalse(prefixes.contains(""));
        assertTrue(written.contains("overview"));
    }

    @Test
    void nothingComesFromElsewhereAndNoTextBecomesMarkup() throws IOException {
        String all = scripts()
                + Files.readString(DASHBOARD.resolve("index.html"))
                + Files.readString(DASHBOARD.resolve("app.css"));

        assertEquals(
                List.of("http://www.w3.org/2000/svg"),
                Pattern.compile("https?://[^'\" )]+")
                        .matcher(all)
                        .results()
                        .map(MatchResult::group)
                        .distinct()
                        .toList());
        for (String way : List.of(
                "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "style=\"", "@import")) {
            assertFalse(all.contains(way), way);
        }
    }
}
