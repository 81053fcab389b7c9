package org.localav.orchestrator.route;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.localav.orchestrator.cache.Digests;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Preparation;
import org.localav.orchestrator.job.Prepared;
import org.localav.orchestrator.job.Publication;
import org.localav.orchestrator.job.Published;
import org.localav.orchestrator.job.Receipts;
import org.localav.orchestrator.job.Roots;
import org.localav.orchestrator.job.SourceFiles;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.plan.Measured;
import org.localav.orchestrator.plan.MuxRecipe;
import org.localav.orchestrator.plan.Recipe;
import org.localav.orchestrator.plan.Stage;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.stage.FailureReason;
import org.localav.orchestrator.stage.StageLifecycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the routes call {@code jobs}: the beginning and the end of a job's path. */
public final class JobBeans {
    private static final Logger LOG = LoggerFactory.getLogger(JobBeans.class);

    private final Workshop workshop;
    private final Probes probes;

    JobBeans(Workshop workshop, Probes probes) {
        this.workshop = workshop;
        this.probes = probes;
    }

    /** The stage prepare: fills {@link Job#prepared} and takes the sources into the job's folder. */
    public void prepare(Exchange exchange)
            throws InvalidSpecException, BlockedException, IOException, InterruptedException {
        Job job = StageLifecycle.job(exchange);
        var cancellation = StageLifecycle.cancellation(exchange);
        var request = new Preparation.Request(
                job.parsed(), job.specFile(), job.overwriteAllowed(), job.pin(), Made.afterMux(exchange));
        Prepared prepared =
                workshop.preparation().prepare(request, probes.prober(exchange), workshop.ffmpeg(), cancellation);
        prepared.notes().forEach(job::note);
        job.prepared(prepared);
        Path sources = Files.createDirectories(job.work().resolve("in"));
        if (!prepared.toRun().isEmpty()) {
            for (Prepared.Asset asset : prepared.assets().values()) {
                workshop.takeIn(asset, sources);
            }
        }
        prepared.plan().steps().stream().filter(s -> !prepared.runs(s)).forEach(s -> reportReused(job, s));
        for (Stage stage : Stage.values()) {
            List<Step> steps = prepared.plan().of(stage);
            if (!steps.isEmpty()) {
                job.describe(
                        stage.id(),
                        "inputs",
                        steps.stream()
                                .flatMap(s -> s.recipe().sources().stream())
                                .distinct()
                                .count());
                job.describe(
                        stage.id(),
                        "uses_gpu",
                        steps.stream()
                                .anyMatch(s -> s.recipe() instanceof Recipe.Ffmpeg ffmpeg
                                        && ffmpeg.work() == Recipe.Work.GPU));
            }
        }
        job.describe("prepare", "inputs", prepared.assets().size());
        job.describe("prepare", "steps", prepared.plan().steps().size());
        job.describe("prepare", "steps_to_run", prepared.toRun().size());
    }

    private void reportReused(Job job, Step step) {
        Optional<StepStore.Entry> kept = workshop.store().find(step.key());
        job.reported(new StepReport(
                step.id(),
                step.stage().id(),
                step.key(),
                true,
                List.of(),
                Optional.empty(),
                java.time.Duration.ZERO,
                kept.map(StepStore.Entry::sha256),
                kept.map(StepStore.Entry::bytes).orElse(0L),
                kept.map(StepStore.Entry::measured),
                kept.map(StepStore.Entry::facts).orElse(java.util.Map.of())));
    }

    /** The end of the stage finish: all outputs in place, or none. */
    public void publish(Exchange exchange) throws IOException, BlockedException, InterruptedException {
        Job job = StageLifecycle.job(exchange);
        Prepared prepared = job.prepared().orElseThrow();
        for (Prepared.Asset asset : prepared.assets().values()) {
            if (!prepared.toRun().isEmpty() && !SourceFiles.unchanged(asset.path(), asset.hashed())) {
                throw new BlockedException(List.of(asset.path() + " changed while the job ran; run the job again"));
            }
        }
        Roots roots = Roots.writing(
                workshop.settings(), job.specFile().toAbsolutePath().getParent());
        Publication publication = new Publication(job.work(), job.run(), roots);
        List<Published> published = new ArrayList<>();
        for (Prepared.Target target : prepared.targets()) {
            boolean already = target.standing().isPresent();
            Receipts.Receipt receipt = already ? target.standing().get() : receipt(job, target);
            published.add(new Published(
                    target.file(),
                    target.output().preset().name(),
                    receipt.sha256(),
                    receipt.bytes(),
                    heard(prepared, target, receipt.measured()),
                    already));
            if (!already) {
                publication.add(
                        made(job, prepared.plan().step(target.output().mux()).orElseThrow()), target.file());
            }
        }
        publication.publish(
                job.spec().job().force() && job.overwriteAllowed(),
                StageLifecycle.cancellation(exchange),
                job.tenure());
        job.published(published);
        workshop.audit()
                .wrote(
                        "published",
                        job.id(),
                        Map.of(
                                "run",
                                job.run(),
                                "outputs",
                                published.stream().map(JobBeans::output).toList()));
        job.ended(JobStatus.SUCCEEDED, Optional.empty());
    }

    private Receipts.Receipt receipt(Job job, Prepared.Target target) throws IOException, InterruptedException {
        Receipts.Receipt muxed = job.receipt(target.output().mux());
        if (!target.handled()) {
            return muxed;
        }
        Path file = made(
                job,
                job.prepared().orElseThrow().plan().step(target.output().mux()).orElseThrow());
        Receipts.Receipt handled = new Receipts.Receipt(Digests.sha256(file), Files.size(file), muxed.measured());
        workshop.receipts().keep(target.made(), handled);
        return handled;
    }

    private static Map<String, Object> output(Published made) {
        return Map.of("path", made.file(), "sha256", made.sha256(), "bytes", made.bytes(), "unchanged", made.already());
    }

    /** With the loudness of the sound in it, which was measured before it was muxed. */
    private Measured heard(Prepared prepared, Prepared.Target target, Measured measured) {
        Step mux = prepared.plan().step(target.output().mux()).orElseThrow();
        Optional<Measured.Loudness> loudness = ((MuxRecipe) mux.recipe())
                .audio()
                .filter(Source.StepResult.class::isInstance)
                .flatMap(sound -> workshop.store().find(((Source.StepResult) sound).key()))
                .flatMap(entry -> entry.measured().loudness());
        return new Measured(measured.duration(), measured.loudness().or(() -> loudness), measured.videoFrames());
    }

    /** Where the result of a mux step waits for its publication: it is no entry of the step store. */
    static Path made(Job job, Step mux) {
        return job.work().resolve("out").resolve(mux.key() + "." + mux.recipe().extension());
    }

    private static void settle(Job job) {
        try {
            job.settle();
        } catch (IOException e) {
            LOG.debug("job {} has failed already when this failed: {}", job.id(), e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The dead letter: publication has undone itself, so what is left is to say how and why the job ended. */
    public void rollBack(Exchange exchange) {
        Job job = StageLifecycle.job(exchange);
        Throwable failure = FailureReason.cause(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
        // Whatever fails once a job has been asked to end, fails by that: a file that is gone, a pipe that is broken.
        boolean cancelled = job.cancellation().cancelled();
        if (failure instanceof RuntimeException && !failure.getClass().getName().startsWith("org.localav.")) {
            LOG.error("job {} failed by a fault of the program", job.id(), failure);
        }
        settle(job);
        job.rolledBack();
        job.ended(cancelled ? JobStatus.CANCELLED : JobStatus.FAILED, Optional.of(failure));
    }
}
