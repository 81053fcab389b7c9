package org.localav.orchestrator.process;

import java.time.Duration;
import java.util.List;

/**
 * How a program ended that ended well.
 *
 * @param output what it wrote to standard output, at most {@link LineTail#OUTPUT_LIMIT} characters
 * @param errorLines the first and the last lines of standard error
 */
public record Outcome(String output, List<String> errorLines, Duration took) {
    public Outcome {
        errorLines = List.copyOf(errorLines);
    }
}
