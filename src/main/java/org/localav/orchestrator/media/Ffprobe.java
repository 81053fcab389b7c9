package org.localav.orchestrator.media;

import java.io.IOException;
import java.util.List;

/** Runs ffprobe; how (time limit, sandbox, cancelling) is the caller's concern. */
@FunctionalInterface
public interface Ffprobe {
    /**
     * Runs {@code ffprobe ARGUMENTS} and returns its standard output whatever its exit code: an error that ffprobe itself
     * found is told there.
     *
     * @throws IOException if it can't be started or had to be stopped
     */
    String run(List<String> arguments) throws IOException, InterruptedException;
}
