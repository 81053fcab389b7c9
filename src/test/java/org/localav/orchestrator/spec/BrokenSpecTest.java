package org.localav.orchestrator.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever is done to a good spec, the reader answers with a spec or with sentences, never with a stack trace. */
class BrokenSpecTest {
    private final String good = read();

    @Test
    void staysCalmWhenTheFileIsCutOff() {
        for (int end = 0; end < good.length(); end += 7) {
            tryToRead(good.substring(0, end), false);
        }
    }

    @Test
    void staysCalmWhenALineIsDroppedOrDoubled() {
        List<String> lines = good.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            List<String> fewer = new ArrayList<>(lines);
            fewer.remove(i);
            tryToRead(String.join("\n", fewer), false);
            List<String> more = new ArrayList<>(lines);
            more.add(i, lines.get(i));
            tryToRead(String.join("\n", more), false);
        }
    }

    @Test
    void staysCalmWhenCharactersAreExchanged() {
        Random random = new Random(20260101);
        String odd = "{}[]:,-?&*!|>'\"%@`#\\\t\n \u0000\u0085\u2028\uFEFF\uD83Dé\uFFFF0~<=";
        for (int i = 0; i < 1500; i++) {
            StringBuilder text = new StringBuilder(good);
            for (int n = 0; n < 1 + i % 3; n++) {
                text.setCharAt(random.nextInt(text.length()), odd.charAt(random.nextInt(odd.length())));
            }
            tryToRead(text.toString(), i % 5 == 0);
        }
    }

    @Test
    void reportsNoMoreThanAHundredViolations() {
        String text = "version: 1\n" + "x".repeat(3) + ": 1\n";
        StringBuilder many = new StringBuilder(text);
        for (int i = 0; i < 150; i++) {
            many.append("unknown").append(i).append(": 1\n");
        }

        List<Violation> violations = tryToRead(many.toString(), false);

        assertEquals(101, violations.size());
        assertTrue(
                violations.get(100).message().startsWith("and "),
                violations.get(100).message());
    }

    private static List<Violation> tryToRead(String text, boolean json) {
        try {
            SpecReader.read("job.yaml", text, json);
            return List.of();
        } catch (InvalidSpecException e) {
            assertTrue(e.violations().stream().noneMatch(one -> one.message().isBlank()), e.getMessage());
            return e.violations();
        } catch (RuntimeException | StackOverflowError e) {
            return fail("threw " + e + " for:\n" + text, e);
        }
    }

    private static String read() {
        try {
            return Files.readString(JobFiles.FOLDER.resolve("good/everything.yaml"));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
