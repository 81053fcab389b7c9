package org.localav.orchestrator.spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The specs under {@code src/test/resources/jobs}, one a behaviour; NAME.txt holds the sentences about NAME.yaml. */
final class JobFiles {
    static final Path FOLDER = Path.of("src/test/resources/jobs");

    private JobFiles() {}

    static List<Path> in(String kind) {
        try (Stream<Path> files = Files.list(FOLDER.resolve(kind))) {
            return files.filter(file -> file.toString().matches(".*\\.(yaml|json)"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the specs for tests are missing", e);
        }
    }

    static Path sentencesOf(Path spec) {
        String name = spec.getFileName().toString();
        return spec.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".txt");
    }
}
