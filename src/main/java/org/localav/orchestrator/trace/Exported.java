package org.localav.orchestrator.trace;

import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Spans for OpenTelemetry's exporters; no class of theirs is loaded before one of this is. */
final class Exported implements Tracing {
    private static final String SCOPE = "org.localav.orchestrator";
    private static final long LAST_SECONDS = 5;

    private final OpenTelemetrySdk sdk;
    private final Tracer tracer;

    private Exported(OpenTelemetrySdk sdk) {
        this.sdk = sdk;
        this.tracer = sdk.getTracer(SCOPE);
    }

    static Tracing open(Map<String, String> environment) {
        // Spans only; and by HTTP, which needs no library beside the JDK.
        Map<String, String> settings = new HashMap<>(Map.of(
                "otel.metrics.exporter", "none",
                "otel.logs.exporter", "none",
                "otel.service.name", "avo",
                "otel.exporter.otlp.protocol", "http/protobuf"));
        environment.forEach((name, value) -> {
            if (name.startsWith("OTEL_") && !value.isBlank()) {
                settings.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value);
            }
        });
        try {
            return new Exported(AutoConfiguredOpenTelemetrySdk.builder()
                    .disableShutdownHook()
                    .addPropertiesCustomizer(theirs -> settings)
                    .build()
                    .getOpenTelemetrySdk());
        } catch (ConfigurationException | IllegalStateException e) {
            throw new IllegalArgumentException("the variables OTEL_* can't be used: " + e.getMessage(), e);
        }
    }

    @Override
    public Span begin(String name, Optional<TraceParent> parent, Map<String, String> attributes) {
        Context context = parent.map(p -> SpanContext.createFromRemoteParent(
                        p.traceId(), p.spanId(), TraceFlags.fromHex(p.flags(), 0), TraceState.getDefault()))
                .map(remote -> Context.root().with(io.opentelemetry.api.trace.Span.wrap(remote)))
                .orElse(Context.root());
        return begin(name, context, attributes);
    }

    private Span begin(String name, Context parent, Map<String, String> attributes) {
        SpanBuilder builder = tracer.spanBuilder(name).setParent(parent);
        attributes.forEach(builder::setAttribute);
        return new Recorded(builder.startSpan());
    }

    private final class Recorded implements Span {
        private final io.opentelemetry.api.trace.Span span;

        Recorded(io.opentelemetry.api.trace.Span span) {
            this.span = span;
        }

        @Override
        public Span child(String name, Map<String, String> attributes) {
            return begin(name, Context.root().with(span), attributes);
        }

        @Override
        public void set(String attribute, String value) {
            span.setAttribute(attribute, value);
        }

        @Override
        public void set(String attribute, long value) {
            span.setAttribute(attribute, value);
        }

        @Override
        public Optional<TraceParent> parent() {
            SpanContext own = span.getSpanContext();
            return Optional.of(new TraceParent(
                    own.getTraceId(), own.getSpanId(), own.getTraceFlags().asHex()));
        }

        @Override
        public void end(Optional<String> failure) {
            failure.ifPresent(why -> span.setStatus(StatusCode.ERROR, why));
            span.end();
        }
    }

    @Override
    public void close() {
        sdk.shutdown().join(LAST_SECONDS, TimeUnit.SECONDS);
    }
}
