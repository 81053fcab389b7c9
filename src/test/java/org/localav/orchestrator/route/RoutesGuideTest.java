package org.localav.orchestrator.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.route.Routes.says;
import static org.localav.orchestrator.route.Routes.write;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the route files that {@code docs/routes.md} shows against the same checks as those of the program. */
class RoutesGuideTest {
    private static final Pattern ROUTE_FILE = Pattern.compile("```yaml\\n# routes/(\\S+)\\n(.*?)```", Pattern.DOTALL);

    @TempDir
    Path folder;

    @Test
    void showsOnlyRoutesThatRun() throws Exception {
        List<MatchResult> shown = ROUTE_FILE
                .matcher(Files.readString(Path.of("docs/routes.md")))
                .results()
                .toList();
        shown.forEach(file -> write(folder, file.group(1), file.group(2)));
        write(folder, "mux.camel.yaml", says("mux", "x"));
        write(folder, "finish.camel.yaml", says("finish", "x"));

        RouteCheck.Findings findings = RouteCheck.check(folder, context -> {});

        assertTrue(shown.size() >= 2, () -> shown.size() + " route files in the guide");
        assertEquals(List.of(), findings.faults());
        assertEquals(List.of(), findings.warnings());
    }
}
