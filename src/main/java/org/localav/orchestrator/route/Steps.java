package org.localav.orchestrator.route;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.localav.orchestrator.cache.Digests;
import org.localav.orchestrator.cache.Disk;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Dialect;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.Receipts;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.media.Probed;
import org.localav.orchestrator.media.UnreadableMediaException;
import org.localav.orchestrator.plan.CutRecipe;
import org.localav.orchestrator.plan.Expectation;
import org.localav.orchestrator.plan.Facts;
import org.localav.orchestrator.plan.JoinRecipe;
import org.localav.orchestrator.plan.LoudnessReport;
import org.localav.orchestrator.plan.MasterRecipe;
import org.localav.orchestrator.plan.Measured;
import org.localav.orchestrator.plan.MixRecipe;
import org.localav.orchestrator.plan.Recipe;
import org.localav.orchestrator.plan.Stage;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.process.CancelledException;
import org.localav.orchestrator.process.FfmpegProgress;
import org.localav.orchestrator.process.Outcome;
import org.localav.orchestrator.stage.StageLifecycle;

/** What the routes call {@code steps}: which steps a stage runs, and the two ends of running one with ffmpeg. */
public final class Steps {
    private static final String RUNNING = "runningStep";
    private static final String MASTERING = "mastering";

    private final Workshop workshop;
    private final Probes probes;
    private final Trials trials;
    private final WorkSlots slots;
    private final Archive archive;

    Steps(Workshop workshop, Probes probes, Trials trials, WorkSlots slots, Archive archive) {
        this.workshop = workshop;
        this.probes = probes;
        this.trials = trials;
        this.slots = slots;
        this.archive = archive;
    }

    /** A step between its two ends. */
    record Running(Step step, Recipe.Ffmpeg recipe, Facts facts, Path folder, String command, Instant began) {}

    public List<Step> sentences(Exchange exchange) {
        return due(exchange, "speech");
    }

    public List<Step> mixes(Exchange exchange) {
        return due(exchange, "mix");
    }

    public List<Step> masters(Exchange exchange) {
        return due(exchange, "master");
    }

    /** What of the picture can be made from the assets alone; other nodes may help with it. */
    public List<Step> parts(Exchange exchange) {
        List<Step> parts =
                due(exchange, s -> s.stage() == Stage.VIDEO_CONCAT && s.needs().isEmpty());
        Job job = StageLifecycle.job(exchange);
        job.crew().offer(job.prepared().orElseThrow(), parts);
        return parts;
    }

    public List<Step> joins(Exchange exchange) {
        return due(exchange, s -> s.stage() == Stage.VIDEO_CONCAT && !s.needs().isEmpty());
    }

    public List<Step> muxes(Exchange exchange) {
        return due(exchange, "mux");
    }

    private static List<Step> due(Exchange exchange, String kind) {
        return due(exchange, step -> step.recipe().kind().equals(kind));
    }

    private static List<Step> due(Exchange exchange, Predicate<Step> which) {
        return StageLifecycle.job(exchange).prepared().orElseThrow().toRun().stream()
                .filter(which)
                .toList();
    }

    /** Whether the step in the body still has to be run: another job or node may have made its result meanwhile. */
    public boolean missing(Exchange exchange) {
        boolean turned = exchange.getProperty(ExchangePropertyKey.LOOP_INDEX) != null;
        if (turned && !(exchange.getMessage().getBody() instanceof Step)) {
            // Camel's loop asks after a turn that failed, too; what is thrown then would take the failure's place.
            return false;
        }
        Step step = step(exchange);
        Job job = StageLifecycle.job(exchange);
        if (step.stage() == Stage.MUX) {
            return !Files.exists(JobBeans.made(job, step));
        }
        return (turned || !Helped.elsewhere(exchange, step))
                && !workshop.store().holds(step.key());
    }

    /** Makes the step's command ready for the route {@code ffmpeg}. */
    public void begin(Exchange exchange) throws IOException, SpeechTooLongException {
        Job job = StageLifecycle.job(exchange);
        Step step = step(exchange);
        Recipe.Ffmpeg recipe = (Recipe.Ffmpeg) step.recipe();
        Facts facts = facts(job);
        if (recipe instanceof MixRecipe mix && mix.problem(facts).isPresent()) {
            throw new SpeechTooLongException(mix.problem(facts).get());
        }
        Path folder =
                Files.createTempDirectory(Files.createDirectories(job.work().resolve("steps")), "s");
        Mastering mastering = exchange.getProperty(MASTERING, Mastering.class);
        Command command = mastering == null ? recipe.command(facts) : mastering.command(facts);
        Dialect dialect = Dialect.of(job.prepared().orElseThrow().tool());
        for (Map.Entry<String, String> file :
                command.files(source -> bound(job, source), dialect).entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue());
        }
        String shown = String.join(
                " && ",
                command.lines(
                        workshop.settings().text("ffmpeg.program"),
                        source -> shown(job, source),
                        Path.of(step.id().replace('/', '-')),
                        dialect));
        exchange.setProperty(RUNNING, new Running(step, recipe, facts, folder, shown, Instant.now()));
        List<String> first = command.arguments(source -> bound(job, source), folder, dialect);
        Optional<List<String>> encoder = command.encoderArguments(folder, dialect);
        List<String> arguments = new ArrayList<>(List.of("-progress", "pipe:1", "-stats_period", "0.25", "-nostats"));
        arguments.addAll(encoder.orElse(first));
        Duration expected = recipe.expectation(facts).duration().orElse(Duration.ZERO);
        ToolCall.of(StageLifecycle.cancellation(exchange), workshop.settings().duration("ffmpeg.timeout"))
                .listening(progress(job, step, expected))
                .taking(slots.of(recipe.work()))
                .fedBy(encoder.map(e -> first))
                .yielding(copiesAssets(recipe) && mixesSound(exchange))
                .into(exchange, arguments);
    }

    /** Checks what ffmpeg made and puts it into the step store. */
    public void keep(Exchange exchange) throws IOException, UnreadableMediaException, WrongResultException {
        Job job = StageLifecycle.job(exchange);
        Running running = exchange.getProperty(RUNNING, Running.class);
        Step step = running.step();
        Outcome outcome = exchange.getMessage().getBody(Outcome.class);
        Path result = running.folder().resolve(running.recipe().fileName());
        if (step.stage() == Stage.MUX) {
            keepMux(exchange, running, check(exchange, running, result, outcome), outcome);
            return;
        }
        // Hashed while it is looked at: both read all of it.
        FutureTask<String> hash = new FutureTask<>(() -> Digests.sha256(result));
        new Thread(hash, "hash-" + step.key().substring(0, 8)).start();
        Measured measured = check(exchange, running, result, outcome);
        Map<String, String> facts = Map.of();
        if (running.recipe() instanceof MasterRecipe master
                && measured.loudness().isPresent()) {
            Mastering next = Mastering.after(
                    exchange.getProperty(MASTERING, Mastering.class),
                    master,
                    running,
                    measured.loudness().get());
            exchange.setProperty(MASTERING, next);
            if (!next.done()) {
                StepStore.remove(running.folder());
                exchange.getMessage().setBody(step);
                return;
            }
            next.note().ifPresent(job::note);
            facts = next.last().facts();
        }
        long bytes = Files.size(result);
        String sha256 = workshop.store()
                .put(step.key(), step.recipe().kind(), result, hashed(hash), measured, facts)
                .sha256();
        StepStore.remove(running.folder());
        job.reported(report(running, commands(exchange, running), outcome, measured, sha256, bytes));
        // What comes together after a split carries the properties of one of its parts.
        exchange.removeProperty(MASTERING);
        progressed(job, step, 1, 0);
        archive.rehearse(job);
        exchange.getMessage().setBody(step);
    }

    /** A mux waits in the job's folder for its publication; it is brought to disk and hashed while it is tried. */
    private void keepMux(Exchange exchange, Running running, Measured measured, Outcome outcome) throws IOException {
        Job job = StageLifecycle.job(exchange);
        Step step = running.step();
        Path made = JobBeans.made(job, step);
        Files.createDirectories(made.getParent());
        Files.move(running.folder().resolve(running.recipe().fileName()), made);
        StepStore.remove(running.folder());
        job.seal(step.key(), () -> {
            Disk.flush(made);
            Receipts.Receipt receipt = new Receipts.Receipt(Digests.sha256(made), Files.size(made), measured);
            workshop.receipts().keep(step.key(), receipt);
            job.reported(
                    report(running, List.of(running.command()), outcome, measured, receipt.sha256(), receipt.bytes()));
            return receipt;
        });
        progressed(job, step, 1, 0);
        exchange.getMessage().setBody(step);
    }

    private static StepReport report(
            Running running, List<String> commands, Outcome outcome, Measured measured, String sha256, long bytes) {
        Step step = running.step();
        return new StepReport(
                step.id(),
                step.stage().id(),
                step.key(),
                false,
                commands,
                Optional.of(running.began()),
                outcome.took(),
                Optional.of(sha256),
                bytes,
                Optional.of(measured),
                Map.of());
    }

    private static String hashed(FutureTask<String> hash) throws IOException {
        try {
            return hash.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException("the program is ending");
        }
    }

    private static List<String> commands(Exchange exchange, Running running) {
        Mastering mastering = exchange.getProperty(MASTERING, Mastering.class);
        return mastering == null ? List.of(running.command()) : mastering.commands();
    }

    private Measured check(Exchange exchange, Running running, Path result, Outcome outcome)
            throws IOException, UnreadableMediaException, WrongResultException {
        Probed probed = probes.prober(exchange).result(result);
        Expectation expected = running.recipe().expectation(running.facts());
        Optional<String> wrong = ResultCheck.problem(expected, probed);
        if (wrong.isPresent()) {
            throw new WrongResultException(
                    running.step().id() + ": ffmpeg ended well, but " + wrong.get(),
                    running.command(),
                    outcome.errorLines());
        }
        if (copiesAssets(running.recipe())) {
            trials.decodeKeyFrames(exchange, result, mixesSound(exchange));
        }
        boolean aimed = running.recipe() instanceof MasterRecipe master
                && master.target().isPresent();
        Outcome said = aimed ? measure(exchange, result) : outcome;
        return new Measured(
                probed.duration(),
                LoudnessReport.parse(said.errorLines(), measuresPeak(running.recipe())),
                probed.video().map(Probed.Stream::packets));
    }

    /** A mix that is encoded at once meets no loudness, so its peak is nobody's concern. */
    private static boolean measuresPeak(Recipe recipe) {
        return !(recipe instanceof MixRecipe mix && mix.encoding().isPresent());
    }

    /** Whether it passes pictures on that nobody here has decoded; what was encoded here was. */
    private static boolean copiesAssets(Recipe recipe) {
        return (recipe instanceof JoinRecipe || recipe instanceof CutRecipe)
                && recipe.sources().stream().anyMatch(Source.AssetFile.class::isInstance);
    }

    /** Sound takes longer than copied pictures, so these leave the processor to it. */
    private static boolean mixesSound(Exchange exchange) {
        return !due(exchange, step -> step.stage() == Stage.AUDIO_MIX).isEmpty();
    }

    /** Measures a master as it will be heard: encoding moves its level and its peaks. */
    private Outcome measure(Exchange exchange, Path master) throws IOException {
        Command command = LoudnessReport.measurement(new Source.StepResult("master"));
        List<String> arguments = new ArrayList<>(List.of("-nostats"));
        arguments.addAll(command.arguments(source -> master, master.getParent(), Dialect.of("")));
        return probes.ffmpeg(exchange, arguments, workshop.settings().duration("ffmpeg.timeout"));
    }

    private static Consumer<String> progress(Job job, Step step, Duration expected) {
        return new FfmpegProgress(block -> {
            double all = Math.max(1, expected.toMillis());
            // The result is not there before it has been checked, so a step that runs is never shown as done.
            progressed(job, step, Math.min(0.99, block.time().toMillis() / all), block.speed());
        });
    }

    static void progressed(Job job, Step step, double done, double speed) {
        job.progressed(step.stage().id(), step.key(), done, speed);
    }

    private Facts facts(Job job) {
        return job.prepared().orElseThrow().facts(workshop.store());
    }

    private static Step step(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (body instanceof Step step) {
            return step;
        }
        throw new IllegalStateException("a route sends " + body + " where a step should be");
    }

    /** Where a source's bytes are for the command that runs. */
    private Path bound(Job job, Source source) {
        if (source instanceof Source.AssetFile asset) {
            return job.work().resolve("in").resolve(asset.sha256());
        }
        return result((Source.StepResult) source);
    }

    /** The same for the command in the report, which is to be pasted when the job's folder is gone. */
    private Path shown(Job job, Source source) {
        if (source instanceof Source.AssetFile asset) {
            return job.prepared().orElseThrow().asset(asset).path();
        }
        return result((Source.StepResult) source);
    }

    private Path result(Source.StepResult source) {
        return workshop.store()
                .find(source.key())
                .map(StepStore.Entry::file)
                .orElseThrow(() -> new IllegalStateException("the step store has lost a result that a step reads ("
                        + source.key() + "); run the job again"));
    }
}
