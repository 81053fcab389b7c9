package org.localav.orchestrator.trace;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Where spans begin. They are exported when the environment says so, as OpenTelemetry has it, and cost nothing otherwise. */
public interface Tracing extends AutoCloseable {
    /** Records nothing, and passes on the trace that work came with. */
    Tracing OFF = (name, parent, attributes) -> new Span.PassedOn(parent);

    /** A span that begins now, in the trace of its parent or in one of its own. */
    Span begin(String name, Optional<TraceParent> parent, Map<String, String> attributes);

    /**
     * As the variables {@code OTEL_*} say.
     *
     * @throws IllegalArgumentException with a sentence when they make no sense
     */
    static Tracing of(Map<String, String> environment) {
        boolean named = Stream.of(
                        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER")
                .anyMatch(name -> !environment.getOrDefault(name, "").isBlank());
        boolean off = environment.getOrDefault("OTEL_TRACES_EXPORTER", "").equals("none")
                || environment.getOrDefault("OTEL_SDK_DISABLED", "").equalsIgnoreCase("true");
        return named && !off ? Exported.open(environment) : OFF;
    }

    /** Sends what has not been sent yet, for a few seconds at the most. */
    @Override
    default void close() {}
}
