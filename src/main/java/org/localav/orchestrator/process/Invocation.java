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
 * @param feeder arguments of a second run of the tool, at the same time, whose standard output is this one's standard input;
 *     empty: there is no input
 */
public record Invocation(
        String tool,
        List<String> arguments,
        Optional<Path> folder,
        Duration limit,
        Consumer<String> onOutput,
        Optional<List<String>> feeder) {
    public Invocation {
        arguments = List.copyOf(arguments);
        feeder = feeder.map(List::copyOf);
    }

    public static Invocation of(String tool, List<String> arguments, Duration limit) {
        return new Invocation(tool, arguments, Optional.empty(), limit, line -> {}, Optional.empty());
    }

    public Invocation listening(Consumer<String> listener) {
        return new Invocation(tool, arguments, folder, limit, listener, feeder);
    }

    public Invocation in(Path place) {
        return new Invocation(tool, arguments, Optional.of(place), limit, onOutput, feeder);
    }

    /** The same, reading what another run of the tool writes; without arguments of one it reads nothing. */
    public Invocation fedBy(Optional<List<String>> other) {
        return new Invocation(tool, arguments, folder, limit, onOutput, other);
    }
}
