package org.localav.orchestrator.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds the route files that {@code docs/routes.md} shows against those of {@code examples/routes}, which tests run. */
class RoutesGuideTest {
    private static final Pattern ROUTE_FILE = Pattern.compile("```yaml\\n# (\\S+)\\n(.*?)```", Pattern.DOTALL);

    @Test
    void showsTheExamplesAsTheyAre() throws Exception {
        List<MatchResult> shown = ROUTE_FILE
                .matcher(Files.readString(Path.of("docs/routes.md")))
                .results()
                .toList();

        assertEquals(3, shown.size());
        for (MatchResult file : shown) {
            assertEquals(Files.readString(Path.of(file.group(1))), file.group(2), file.group(1));
        }
    }
}
