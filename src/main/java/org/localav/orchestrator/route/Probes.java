package org.localav.orchestrator.route;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.media.Prober;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.process.CancelledException;
import org.localav.orchestrator.process.Outcome;
import org.localav.orchestrator.process.ToolFailedException;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.stage.FailureReason;
import org.localav.orchestrator.stage.StageLifecycle;

/** Probes files through the route {@code ffprobe}, so that it is seen, counted and edited like every other call. */
final class Probes {
    private final Duration limit;

    Probes(Settings settings) {
        this.limit = settings.duration("ffprobe.timeout");
    }

    Prober prober(Exchange exchange) {
        Cancellation cancellation = StageLifecycle.cancellation(exchange);
        // The exchange's own context: a job stays with the generation of routes it began with.
        ProducerTemplate template = exchange.getContext().createProducerTemplate();
        return new Prober(arguments -> {
            try {
                return run(template, "direct:ffprobe", ToolCall.of(cancellation, limit), arguments)
                        .output();
            } catch (ToolFailedException e) {
                return Workshop.answer(e);
            }
        });
    }

    /** Runs ffmpeg to measure something, through the route of that name. */
    Outcome ffmpeg(Exchange exchange, List<String> arguments, Duration longest) throws IOException {
        return ffmpeg(exchange, arguments, ToolCall.of(StageLifecycle.cancellation(exchange), longest));
    }

    Outcome ffmpeg(Exchange exchange, List<String> arguments, ToolCall call) throws IOException {
        try {
            return run(exchange.getContext().createProducerTemplate(), "direct:ffmpeg", call, arguments);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException("the program is ending");
        }
    }

    private static Outcome run(ProducerTemplate template, String route, ToolCall call, List<String> arguments)
            throws IOException, InterruptedException {
        Exchange answer = template.send(route, exchange -> call.into(exchange, arguments));
        if (answer.getException() != null) {
            Throwable cause = FailureReason.cause(answer.getException());
            if (cause instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            if (cause instanceof InterruptedException interrupted) {
                throw interrupted;
            }
            throw cause instanceof IOException io ? io : new IOException(cause.getMessage(), cause);
        }
        return answer.getMessage().getBody(Outcome.class);
    }
}
