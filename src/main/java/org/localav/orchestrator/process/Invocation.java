package org.localav.orchestrator.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One call of an external program.
 *
 * @param tool its name on the path, or its file
 * @param folder where it runs; empty: where this program runs
 * @param limit longest time it may take
 * @param onOutput hears each line it writes to standard output, on a thread of its own
 */
public record Invocation(
        String tool, List<String> arguments, Optional<Path> folder, Duration limit, Consumer<String> onOutput) {
    public Invocation {
        arguments = List.copyOf(arguments);
    }

    public static Invocation of(String tool, List<String> arguments, Duration limit) {
        return new Invocation(tool, arguments, Optional.empty(), limit, line -> {});
    }

    public Invocation listening(Consumer<String> listener) {
        return new Invocation(tool, arguments, folder, limit, listener);
    }

    public Invocation in(Path place) {
        return new Invocation(tool, arguments, Optional.of(place), limit, onOutput);
    }
}
