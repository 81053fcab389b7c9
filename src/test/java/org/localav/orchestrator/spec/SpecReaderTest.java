package org.localav.orchestrator.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SpecReaderTest {
    static Stream<Path> good() {
        return JobFiles.in("good").stream();
    }

    static Stream<Path> bad() {
        return JobFiles.in("bad").stream();
    }

    @ParameterizedTest
    @MethodSource("good")
    void acceptsAGoodSpecWithItsWarnings(Path file) throws Exception {
        Parsed parsed = SpecReader.read(
                file.toString(), Files.readString(file), file.toString().endsWith(".json"));

        assertEquals(sentences(file), said(file, parsed.warnings()));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void saysAllThatIsWrongWithABadSpec(Path file) throws Exception {
        InvalidSpecException refusal = assertThrows(InvalidSpecException.class, () -> SpecReader.read(file));

        assertEquals(sentences(file), said(file, refusal.violations()));
    }

    private static String said(Path file, List<Violation> violations) {
        return violations.stream()
                .map(violation -> violation
                                .toString()
                                .substring(file.getParent().toString().length() + 1) + "\n")
                .collect(Collectors.joining());
    }

    private static String sentences(Path file) throws Exception {
        Path expected = JobFiles.sentencesOf(file);
        return Files.exists(expected) ? Files.readString(expected) : "";
    }
}
