package org.localav.orchestrator.route;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.localav.orchestrator.ffmpeg.Shell;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.Prepared;
import org.localav.orchestrator.job.Trial;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.process.Outcome;
import org.localav.orchestrator.stage.StageLifecycle;

/**
 * What the routes call {@code trials}: decodes finished outputs before they are published. ffmpeg fails where something is
 * damaged.
 */
public final class Trials {
    private static final String TRIED = "tried";

    private final Workshop workshop;
    private final Probes probes;

    Trials(Workshop workshop, Probes probes) {
        this.workshop = workshop;
        this.probes = probes;
    }

    private record Begun(String output, String command) {}

    /** Outputs that were made anew. */
    public List<Prepared.Target> outputs(Exchange exchange) {
        return StageLifecycle.job(exchange).prepared().orElseThrow().targets().stream()
                .filter(t -> t.standing().isEmpty())
                .toList();
    }

    /**
     * Makes the trial of an output ready for the route {@code ffmpeg}. By default its first fifth of a second and the last
     * second of its sound are decoded: pictures and sound were made here or tried when they were joined, and counted.
     * {@code output.verify=full} has all decoded.
     */
    public void begin(Exchange exchange) {
        Prepared.Target target = exchange.getMessage().getBody(Prepared.Target.class);
        Job job = StageLifecycle.job(exchange);
        Step mux =
                job.prepared().orElseThrow().plan().step(target.output().mux()).orElseThrow();
        List<String> shown = new ArrayList<>(List.of(workshop.settings().text("ffmpeg.program")));
        shown.addAll(decoding(inputs(target.file())));
        exchange.setProperty(TRIED, new Begun(target.output().path(), Shell.quote(shown)));
        ToolCall.of(StageLifecycle.cancellation(exchange), workshop.settings().duration("ffmpeg.timeout"))
                .into(exchange, decoding(inputs(JobBeans.made(job, mux))));
    }

    /** Notes the trial that has just passed. */
    public void passed(Exchange exchange) {
        Begun begun = exchange.getProperty(TRIED, Begun.class);
        Outcome outcome = exchange.getMessage().getBody(Outcome.class);
        StageLifecycle.job(exchange).tried(new Trial(begun.output(), begun.command(), outcome.took()));
    }

    private List<String> inputs(Path output) {
        String file = "file:" + output;
        return workshop.settings().text("output.verify").equals("full")
                ? List.of("-i", file, "-map", "0")
                : List.of("-t", "0.2", "-i", file, "-vn", "-sseof", "-1", "-i", file, "-map", "0", "-map", "1:a?");
    }

    /**
     * For pictures that are copied and were decoded by nobody yet: whatever the decoder says of a key frame is an error.
     *
     * @param yielding whether something more urgent is done meanwhile
     */
    void decodeKeyFrames(Exchange exchange, Path file, boolean yielding) throws IOException {
        List<String> inputs = List.of("-discard", "nokey", "-skip_frame", "nokey", "-i", "file:" + file, "-map", "0:v");
        ToolCall call = ToolCall.of(
                        StageLifecycle.cancellation(exchange),
                        workshop.settings().duration("ffmpeg.timeout"))
                .yielding(yielding);
        probes.ffmpeg(exchange, decoding(inputs), call);
    }

    private static List<String> decoding(List<String> inputs) {
        List<String> arguments =
                new ArrayList<>(List.of("-nostdin", "-hide_banner", "-nostats", "-xerror", "-v", "error"));
        arguments.addAll(inputs);
        arguments.addAll(List.of("-f", "null", "-"));
        return arguments;
    }
}
