package org.localav.orchestrator.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Prometheus' own judge of metrics and rules. */
public final class Promtool {
    private static final Path FETCHED = Path.of("target/tools/promtool");

    private Promtool() {}

    /** Runs it with this standard input; it must end well. Gives all that it said. */
    public static String run(String input, String... arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        line.add(Files.isExecutable(FETCHED) ? FETCHED.toString() : "promtool");
        line.addAll(List.of(arguments));
        Process process = start(line);
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS), said);
        assertEquals(0, process.exitValue(), said);
        return said;
    }

    private static Process start(List<String> line) throws IOException {
        try {
            return new ProcessBuilder(line).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new IOException("promtool is neither in target/tools nor on the PATH; run script/bootstrap --dev", e);
        }
    }
}
