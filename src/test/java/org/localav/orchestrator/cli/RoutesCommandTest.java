package org.localav.orchestrator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RoutesCommandTest {
    private static final String MUX =
            """
            - route:
                id: mux
                description: Copies sound and picture together
                from:
                  uri: direct:mux
                  steps:
                    - log: {message: hello}
            """;

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int avo(String... arguments) {
        return new CommandLine(new RoutesCommand(context -> {}))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    @Test
    void saysThatGoodRoutesAreValid() throws Exception {
        Files.writeString(folder.resolve("mux.camel.yaml"), MUX);

        int code = avo("validate", folder.toString());

        assertEquals("1 files, 1 routes: valid\n", out.toString());
        assertEquals(0, code);
    }

    @Test
    void endsWith2AndThePlaceOfAFault() throws Exception {
        Files.writeString(folder.resolve("mux.camel.yaml"), MUX.replace("- log", "- lgo"));

        int code = avo("validate", folder.toString());

        assertEquals(
                folder + "/mux.camel.yaml:7:11: [0].route.from.steps[0]: unknown step 'lgo'; did you mean 'log'?\n"
                        + "1 files, 1 routes: 1 fault\n",
                out.toString());
        assertEquals(2, code);
    }

    @Test
    void letsWarningsPass() throws Exception {
        Files.writeString(
                folder.resolve("mux.camel.yaml"),
                MUX.replace("    description: Copies sound and picture together\n", ""));

        int code = avo("validate", folder.toString());

        assertEquals(
                folder + "/mux.camel.yaml:2:5: warning: route 'mux' has no 'description' to say what it is for\n"
                        + "1 files, 1 routes: valid, 1 warning\n",
                out.toString());
        assertEquals(0, code);
    }

    @Test
    void listsRoutesWithTheirPlaces() throws Exception {
        Files.writeString(folder.resolve("mux.camel.yaml"), MUX);

        int code = avo("list", folder.toString());

        assertEquals(
                "mux  direct:mux  " + folder + "/mux.camel.yaml:2  Copies sound and picture together\n",
                out.toString());
        assertEquals(0, code);
    }

    @Test
    void endsWith2WhenThereIsNoSuchFolder() {
        assertEquals(2, avo("list", folder.resolve("none").toString()));
        assertEquals(2, avo("validate", folder.resolve("none").toString()));
        assertEquals(folder + "/none: there is no such folder of routes\n", err.toString());
        assertTrue(out.toString().startsWith(folder + "/none: there is no such folder of routes\n"), out.toString());
    }
}
