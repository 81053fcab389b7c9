package org.localav.orchestrator.route;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes small route files for tests. */
final class Routes {
    private Routes() {}

    /** A route that reads {@code direct:ID} and has these steps (YAML flow or block, a line each). */
    static String route(String id, String... steps) {
        String head =
                """
                - route:
                    id: %s
                    description: For a test
                    from:
                      uri: direct:%s
                      steps:
                """
                        .formatted(id, id);
        return head + String.join("\n", steps).indent(8);
    }

    static String says(String id, String text) {
        return route(id, "- setBody: {constant: \"" + text + "\"}");
    }

    static Path write(Path folder, String name, String text) {
        try {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
