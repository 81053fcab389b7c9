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
 * @param yielding whether it takes only the processor time that programs beside it leave
 */
public record Invocation(
        String tool,
        List<String> arguments,
        Optional<Path> folder,
        Duration limit,
        Consumer<String> onOutput,
        Optional<List<String>> feeder,
        boolean yielding) {
    public Invocation {
        arguments = List.copyOf(arguments);
        feeder = feeder.map(List::copyOf);
    }

    public static Invocation of(String tool, List<String> arguments, Duration limit) {
        return new Invocation(tool, arguments, Optional.empty(), limit, line -> {}, Optional.empty(), false);
    }

    public Invocation listening(Consumer<String> listener) {
        return new Invocation(tool, arguments, folder, limit, listener, feeder, yielding);
    }

    public Invocation in(Path place) {
        return new Invocation(tool, arguments, Optional.of(place), limit, onOutput, feeder, yielding);
    }

    /** The same, reading what another run of the tool writes; without arguments of one it reads nothing. */
    public Invocation fedBy(Optional<List<String>> other) {
        return new Invocation(tool, arguments, folder, limit, onOutput, other, yielding);
    }

    public Invocation yielding(boolean whether) {
        return new Invocation(tool, arguments, folder, limit, onOutput, feeder, whether);
    }
}
