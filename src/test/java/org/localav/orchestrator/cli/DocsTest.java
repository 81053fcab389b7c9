package org.localav.orchestrator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.localav.orchestrator.spec.SpecReader;
import picocli.CommandLine;

/** Holds what README.md and docs/ tell people to write or to type against the program. */
class DocsTest {
    private static final Pattern SPEC = Pattern.compile("```yaml\n(version: 1\n.*?)```", Pattern.DOTALL);
    private static final Pattern INLINE = Pattern.compile("`(?:\\./)?avo ([^`]+)`");
    private static final Pattern TYPED = Pattern.compile("(?m)^(?:\\$ )?(?:sudo )?(?:\\./)?avo ([^#\n]+)");
    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]*");

    static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(Path.of("README.md")));
        try (Stream<Path> docs = Files.list(Path.of("docs"))) {
            docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        return pages;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void showsOnlySpecsThatCanBeRead(Path page) throws Exception {
        for (String spec : found(SPEC, page)) {
            assertEquals(
                    List.of(), SpecReader.read(page.toString(), spec, false).warnings(), spec);
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void namesOnlyCommandsAndOptionsThatExist(Path page) throws Exception {
        List<String> lines = new ArrayList<>(found(INLINE, page));
        lines.addAll(found(TYPED, page));
        for (String line : lines) {
            CommandLine command = Avo.commandLine();
            for (String word : line.split("[\\s|]+")) {
                CommandLine next = command.getSubcommands().get(word);
                if (next == null) {
                    break;
                }
                command = next;
            }
            boolean named = line.startsWith("-") || line.startsWith("[") || command.getParent() != null;
            assertTrue(named, page + ": there is no command in 'avo " + line + "'");
            CommandLine last = command;
            OPTION.matcher(line.split("[|]|\\$\\(")[0])
                    .results()
                    .map(found -> found.group())
                    .forEach(option -> assertNotNull(
                            last.getCommandSpec().findOption(option),
                            page + ": no option " + option + " in 'avo " + line + "'"));
        }
    }

    @Test
    void findsWhatItHolds() throws Exception {
        Path readme = Path.of("README.md");

        assertEquals(1, found(SPEC, readme).size());
        assertTrue(found(INLINE, readme).size() > 5);
        assertTrue(found(TYPED, readme).size() > 2);
    }

    private static List<String> found(Pattern pattern, Path page) throws IOException {
        return pattern.matcher(Files.readString(page))
                .results()
                .map(result -> result.group(1))
                .toList();
    }
}
