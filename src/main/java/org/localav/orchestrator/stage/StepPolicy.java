package org.localav.orchestrator.stage;

import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.support.RoutePolicySupport;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.trace.Span;

/** Names the step in log lines while it is worked at, and gives each try of it a span; hung on routes of {@code group: step}. */
final class StepPolicy extends RoutePolicySupport {
    private static final String OUTER = "outerSpan.step";

    @Override
    public void onExchangeBegin(Route route, Exchange exchange) {
        if (exchange.getMessage().getBody() instanceof Step step) {
            JobFields.step(exchange, step.id());
            exchange.setProperty(OUTER, StageLifecycle.span(exchange));
            Map<String, String> attributes =
                    Map.of("avo.step", step.id(), "avo.kind", step.recipe().kind(), "avo.key", step.key());
            StageLifecycle.span(
                    exchange,
                    StageLifecycle.span(exchange).child("step " + step.recipe().kind(), attributes));
        }
    }

    @Override
    public void onExchangeDone(Route route, Exchange exchange) {
        Span outer = exchange.getProperty(OUTER, Span.class);
        if (outer != null) {
            Throwable failure = exchange.getException();
            Span span = StageLifecycle.span(exchange);
            span.set("avo.status", failure == null ? "succeeded" : "failed");
            span.end(Optional.ofNullable(failure)
                    .map(why -> FailureReason.of(why).id()));
            StageLifecycle.span(exchange, outer);
            JobFields.step(exchange, null);
        }
    }
}
