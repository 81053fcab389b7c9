package org.localav.orchestrator.route;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.component.exec.ExecBinding;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.process.Invocation;

/**
 * What an {@code exec:} call of ours needs beside its arguments.
 *
 * @param onOutput hears each line of standard output
 * @param slots where the call waits for its turn, if it has to
 * @param feeder see {@link Invocation#feeder}
 * @param yielding see {@link Invocation#yielding}
 */
public record ToolCall(
        Cancellation cancellation,
        Duration limit,
        Consumer<String> onOutput,
        Optional<Slots> slots,
        Optional<List<String>> feeder,
        boolean yielding) {
    private static final String PROPERTY = "toolCall";

    public static ToolCall of(Cancellation cancellation, Duration limit) {
        return new ToolCall(cancellation, limit, line -> {}, Optional.empty(), Optional.empty(), false);
    }

    public ToolCall listening(Consumer<String> listener) {
        return new ToolCall(cancellation, limit, listener, slots, feeder, yielding);
    }

    public ToolCall taking(Optional<Slots> turn) {
        return new ToolCall(cancellation, limit, onOutput, turn, feeder, yielding);
    }

    public ToolCall fedBy(Optional<List<String>> other) {
        return new ToolCall(cancellation, limit, onOutput, slots, other, yielding);
    }

    public ToolCall yielding(boolean whether) {
        return new ToolCall(cancellation, limit, onOutput, slots, feeder, whether);
    }

    /** Lays the call ready in an exchange for an {@code exec:} endpoint with our binding. */
    public void into(Exchange exchange, List<String> arguments) {
        exchange.setProperty(PROPERTY, this);
        exchange.getMessage().setHeader(ExecBinding.EXEC_COMMAND_ARGS, arguments);
    }

    static ToolCall from(Exchange exchange) {
        ToolCall call = exchange.getProperty(PROPERTY, ToolCall.class);
        if (call == null) {
            throw new IllegalStateException("a route runs a program that no bean has made ready: "
                    + "call the bean's method before 'to: exec'");
        }
        return call;
    }
}
