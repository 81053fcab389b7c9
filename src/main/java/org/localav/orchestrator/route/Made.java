package org.localav.orchestrator.route;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.ffmpeg.Safety;
import org.localav.orchestrator.ffmpeg.Shell;
import org.localav.orchestrator.job.AfterMux;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.Prepared;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.media.Probed;
import org.localav.orchestrator.media.UnreadableMediaException;
import org.localav.orchestrator.plan.MuxRecipe;
import org.localav.orchestrator.plan.Recipe;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.process.Outcome;
import org.localav.orchestrator.stage.FailureReason;
import org.localav.orchestrator.stage.StageLifecycle;

/**
 * What the routes call {@code made}: the finished files of a run between mux and finish, for stages of the operator's own
 * in route files named {@code after-mux-*}.
 */
public final class Made {
    /** The property in which a route says what ffmpeg is to do: an option or a value a line. */
    private static final String OPTIONS = "ffmpeg";

    private static final String BEGUN = "handling";

    private final Workshop workshop;
    private final Probes probes;
    private final WorkSlots slots;

    Made(Workshop workshop, Probes probes, WorkSlots slots) {
        this.workshop = workshop;
        this.probes = probes;
        this.slots = slots;
    }

    /**
     * A file that is to be published.
     *
     * @param mux the step that made it
     * @param file where it waits
     * @param target where it goes
     */
    public record Finished(Step mux, Path file, Path target) {
        String name() {
            return target.getFileName().toString();
        }
    }

    private record Begun(Finished finished, Path folder, String command, Instant at) {}

    /** What of the routes that an exchange goes along counts towards what its outputs are. */
    static AfterMux afterMux(Exchange exchange) throws IOException {
        RouteFolder routes = exchange.getContext().getCamelContextExtension().getContextPlugin(RouteFolder.class);
        return AfterMux.of(routes.folder(), routes.texts());
    }

    /** The stages' endpoints in the order of their names; none when nothing was made anew. */
    public List<String> stages(Exchange exchange) throws IOException, InterruptedException {
        List<String> stages = files(exchange).isEmpty()
                ? List.of()
                : exchange.getContext().getRoutes().stream()
                        .filter(Made::isAfterMux)
                        .map(route -> route.getEndpoint().getEndpointUri().replace("direct://", "direct:"))
                        .sorted()
                        .toList();
        if (!stages.isEmpty()) {
            // They may put another file in the place of one that is still being hashed.
            StageLifecycle.job(exchange).settle();
        }
        return stages;
    }

    private static boolean isAfterMux(Route route) {
        return route.getEndpoint().getEndpointUri().startsWith("direct://" + AfterMux.PREFIX)
                && AfterMux.holds(route.getSourceResource().getLocation());
    }

    /** Every file that was made anew, once, wherever it goes. */
    public List<Finished> files(Exchange exchange) {
        Job job = StageLifecycle.job(exchange);
        Prepared prepared = job.prepared().orElseThrow();
        Map<String, Finished> files = new LinkedHashMap<>();
        for (Prepared.Target target : prepared.targets()) {
            if (target.standing().isEmpty()) {
                Step mux = prepared.plan().step(target.output().mux()).orElseThrow();
                files.putIfAbsent(mux.key(), new Finished(mux, JobBeans.made(job, mux), target.file()));
            }
        }
        return List.copyOf(files.values());
    }

    /** Those of {@link #files} that hold pictures. */
    public List<Finished> films(Exchange exchange) {
        return files(exchange).stream()
                .filter(file -> ((MuxRecipe) file.mux().recipe()).video().isPresent())
                .toList();
    }

    /** Makes a command that reads the file in the body and makes one to take its place ready for the route {@code ffmpeg}. */
    public void begin(Exchange exchange) throws IOException {
        Finished finished = finished(exchange);
        List<String> options = exchange.getProperty(OPTIONS, "", String.class)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        if (options.isEmpty()) {
            throw new IllegalArgumentException("before a route calls 'begin' of 'made' it sets the property '" + OPTIONS
                    + "' to what ffmpeg is to do, an option or a value a line");
        }
        Job job = StageLifecycle.job(exchange);
        Path folder =
                Files.createTempDirectory(Files.createDirectories(job.work().resolve("steps")), "m");
        List<String> shown = new ArrayList<>(List.of(workshop.settings().text("ffmpeg.program")));
        shown.addAll(arguments(finished.target(), options, Path.of(stage(exchange) + "-" + finished.name())));
        exchange.setProperty(BEGUN, new Begun(finished, folder, Shell.quote(shown), Instant.now()));
        ToolCall.of(StageLifecycle.cancellation(exchange), workshop.settings().duration("ffmpeg.timeout"))
                .taking(slots.of(Recipe.Work.PROCESSOR))
                .into(exchange, arguments(finished.file(), options, result(folder, finished)));
    }

    private static List<String> arguments(Path in, List<String> options, Path out) {
        List<String> arguments = new ArrayList<>(List.of("-nostdin", "-hide_banner", "-nostats", "-y", "-v", "error"));
        arguments.addAll(Safety.INPUT_OPTIONS);
        arguments.addAll(List.of("-i", "file:" + in));
        arguments.addAll(options);
        arguments.addAll(List.of("-fflags", "+bitexact", "file:" + out));
        return arguments;
    }

    private static Path result(Path folder, Finished finished) {
        return folder.resolve(finished.file().getFileName());
    }

    /**
     * Puts what ffmpeg made where the file was, and its command into the report.
     *
     * @throws WrongResultException when it isn't of the codecs, the length and the number of pictures that were planned
     */
    public void keep(Exchange exchange) throws IOException, UnreadableMediaException, WrongResultException {
        Job job = StageLifecycle.job(exchange);
        Begun begun = exchange.getProperty(BEGUN, Begun.class);
        Outcome outcome = exchange.getMessage().getBody(Outcome.class);
        Finished finished = begun.finished();
        Path result = result(begun.folder(), finished);
        Probed probed = probes.prober(exchange).result(result);
        var expected = ((MuxRecipe) finished.mux().recipe())
                .expectation(job.prepared().orElseThrow().facts(workshop.store()));
        Optional<String> wrong = ResultCheck.problem(expected, probed);
        if (wrong.isPresent()) {
            throw new WrongResultException(
                    stage(exchange) + ": ffmpeg ended well, but of " + finished.name() + " " + wrong.get(),
                    begun.command(),
                    outcome.errorLines());
        }
        Files.move(result, finished.file(), StandardCopyOption.ATOMIC_MOVE);
        StepStore.remove(begun.folder());
        report(exchange, begun, List.of(begun.command()), outcome.took());
    }

    /** Lays the file in the body ready for an endpoint that sends files, under the name {@code JOB/FILE}. */
    public void address(Exchange exchange) {
        Finished finished = finished(exchange);
        exchange.setProperty(BEGUN, new Begun(finished, finished.file(), "", Instant.now()));
        // Camel would take what stands in ${} for an expression.
        String name = finished.name().replace('$', '_');
        exchange.getMessage()
                .setHeader(Exchange.FILE_NAME, StageLifecycle.job(exchange).id() + "/" + name);
        exchange.getMessage().setBody(finished.file().toFile());
    }

    /** Notes in the report that the file that was {@linkplain #address addressed} has arrived. */
    public void sent(Exchange exchange) {
        Begun begun = exchange.getProperty(BEGUN, Begun.class);
        report(exchange, begun, List.of(), Duration.between(begun.at(), Instant.now()));
    }

    /** Says that it has not, as a failure that is tried again. */
    public void notSent(Exchange exchange) throws IOException {
        throw new IOException(missed(exchange));
    }

    /** Says the same in the report only: the job goes on. */
    public void leftOut(Exchange exchange) {
        StageLifecycle.job(exchange).note(missed(exchange));
    }

    private static String missed(Exchange exchange) {
        Throwable why = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        while (why.getCause() != null) {
            why = why.getCause();
        }
        Begun begun = exchange.getProperty(BEGUN, Begun.class);
        return begun.finished().name() + " was not sent by the stage " + stage(exchange) + ": "
                + FailureReason.sentence(why);
    }

    private void report(Exchange exchange, Begun begun, List<String> commands, Duration took) {
        Finished finished = begun.finished();
        StageLifecycle.job(exchange)
                .reported(new StepReport(
                        stage(exchange) + "/" + finished.name(),
                        stage(exchange),
                        finished.mux().key(),
                        false,
                        commands,
                        Optional.of(begun.at()),
                        took,
                        Optional.empty(),
                        finished.file().toFile().length(),
                        Optional.empty(),
                        Map.of()));
    }

    private static String stage(Exchange exchange) {
        return exchange.getProperty("stage", String.class);
    }

    private static Finished finished(Exchange exchange) {
        if (exchange.getMessage().getBody() instanceof Finished finished) {
            return finished;
        }
        throw new IllegalArgumentException("a route calls 'made' without one of its files in the body; "
                + "split 'files' or 'films' of 'made' first");
    }
}
