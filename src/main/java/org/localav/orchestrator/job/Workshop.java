package org.localav.orchestrator.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.localav.orchestrator.audit.Audit;
import org.localav.orchestrator.audit.AuditLog;
import org.localav.orchestrator.cache.History;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.media.Ffprobe;
import org.localav.orchestrator.media.Prober;
import org.localav.orchestrator.plan.Basis;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.preset.Presets;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.process.Invocation;
import org.localav.orchestrator.process.ProcessLimits;
import org.localav.orchestrator.process.Processes;
import org.localav.orchestrator.process.ToolFailedException;
import org.localav.orchestrator.settings.Places;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.trace.Tracing;

/** What jobs share: settings, presets, programs, step store. Needs no Camel, so that a plan is quick. */
public final class Workshop {
    private final Settings settings;
    private final Places places;
    private final Processes processes;
    private final StepStore store;
    private final Receipts receipts;
    private final History history;
    private final HostPolicy hosts;
    private final Audit audit;
    private final Tracing tracing;
    private final LastRuns runs;
    private final SpeechArchive speech;
    private final Expenses expenses;
    private final Presets presets;
    private final SourceFiles files;
    private final Preparation preparation;

    /** @throws InvalidSpecException when a preset can't be read */
    public Workshop(Settings settings, Map<String, String> environment) throws InvalidSpecException {
        this.settings = settings;
        this.places = Places.of(settings, environment);
        this.processes = separateProcesses();
        this.store = new StepStore(places.steps(), settings.bytes("steps.limit"));
        this.receipts = new Receipts(places.facts().resolve("receipts"));
        this.history = new History(places.history());
        this.runs = new LastRuns(places.archive(), places.facts().resolve("last"));
        this.speech = new SpeechArchive(store, settings.bytes("archive.speech"));
        this.expenses = new Expenses(settings, store, history, places.state());
        this.hosts = HostPolicy.of(settings);
        this.audit = new AuditLog(places.audit(), settings.bytes("audit.file"), settings.duration("audit.keep"));
        this.tracing = Tracing.of(environment);
        this.presets = Presets.load(places.presets());
        this.files = new SourceFiles(places.ownFacts(), places.facts());
        this.preparation = new Preparation(
                settings,
                presets,
                files,
                new RemoteAssets(settings, store),
                hosts,
                new Reckoning(settings, store, receipts, files, runs, expenses));
    }

    public Settings settings() {
        return settings;
    }

    public Places places() {
        return places;
    }

    public Processes processes() {
        return processes;
    }

    /** Starts programs that go on when those of jobs are told to stand still. */
    public Processes separateProcesses() {
        return new Processes(
                ProcessLimits.DEFAULT.withAddressSpace(settings.bytes("ffmpeg.memory")), places.processes());
    }

    public StepStore store() {
        return store;
    }

    public Receipts receipts() {
        return receipts;
    }

    /** Where it is written down who did what. */
    public Audit audit() {
        return audit;
    }

    /** Where spans of work begin. */
    public Tracing tracing() {
        return tracing;
    }

    /** Where webhooks may go. */
    public HostPolicy hosts() {
        return hosts;
    }

    /** How fast this machine is. */
    public History history() {
        return history;
    }

    /** What plans take. */
    public Expenses expenses() {
        return expenses;
    }

    /** Which runs of jobs were the last. */
    public LastRuns runs() {
        return runs;
    }

    /**
     * Remembers of a job that has ended how fast its steps were, that it was the last of its name, and, beside its lock,
     * what was said in it.
     */
    public void learn(Job job) throws IOException {
        keepForReplay(job);
        runs.remember(job);
        List<History.Work> learnt = TimeEstimate.learnt(job);
        if (!learnt.isEmpty()) {
            history.add(learnt);
        }
    }

    private void keepForReplay(Job job) {
        Path run = places.archive().resolve(job.id()).resolve(job.run());
        if (job.prepared().isEmpty() || job.status() != JobStatus.SUCCEEDED || !Files.isDirectory(run)) {
            return;
        }
        try {
            speech.keep(job.prepared().get(), run, runs.folder(job.spec(), job.specFile()));
        } catch (IOException e) {
            // What the job made is published; only a replay after the step store has lost its speech needs this.
            job.note("the run's speech could not be kept in the archive: " + e.getMessage());
        }
    }

    public SourceFiles files() {
        return files;
    }

    public Preparation preparation() {
        return preparation;
    }

    public Presets presets() {
        return presets;
    }

    /** ffmpeg's build, asked once and remembered. */
    public ToolBuild ffmpeg() throws IOException, InterruptedException {
        return ToolBuild.of(settings.text("ffmpeg.program"), processes, places.ownFacts());
    }

    /** Names what nodes must share to make steps for each other: the step store, and what ffmpeg makes. */
    public String site() throws IOException, InterruptedException {
        return Keys.sha256(ffmpeg().id() + store.identity());
    }

    /** Puts an asset's file into a folder of a job, under the hash of its content. */
    public void takeIn(Prepared.Asset asset, Path folder) throws IOException {
        Path target = folder.resolve(asset.source().sha256());
        if (Files.exists(target)) {
            return;
        }
        try {
            if (asset.path().startsWith(places.steps())) {
                // It stays as it is while the job holds it. A hard link would change its stamp, and have it read again.
                Files.createSymbolicLink(target, asset.path());
            } else {
                SourceFiles.take(asset.path(), asset.hashed(), target);
            }
        } catch (IOException e) {
            throw new IOException(asset.path() + ": " + e.getMessage(), e);
        }
    }

    /** Prepares a spec without running anything but ffprobe. */
    public Prepared plan(Parsed parsed, Path specFile, Cancellation cancellation)
            throws InvalidSpecException, BlockedException, IOException, InterruptedException {
        var request = new Preparation.Request(
                parsed, specFile, settings.flag("output.overwrite"), StepStore.Pin.NONE, AfterMux.of(places.routes()));
        return preparation.prepare(request, new Prober(ffprobe(cancellation)), ffmpeg(), cancellation);
    }

    /** What the keys of a spec's plan are made of; reads as much as {@link #plan} does. */
    public Basis basis(Parsed parsed, Path specFile, Cancellation cancellation)
            throws InvalidSpecException, BlockedException, IOException, InterruptedException {
        var request =
                new Preparation.Request(parsed, specFile, false, StepStore.Pin.NONE, AfterMux.of(places.routes()));
        return preparation.basis(request, new Prober(ffprobe(cancellation)), ffmpeg(), cancellation);
    }

    /** ffprobe started from here, for where no routes run. */
    private Ffprobe ffprobe(Cancellation cancellation) {
        String program = settings.text("ffprobe.program");
        Duration limit = settings.duration("ffprobe.timeout");
        return arguments -> {
            try {
                return processes
                        .run(Invocation.of(program, arguments, limit), cancellation)
                        .output();
            } catch (ToolFailedException e) {
                return answer(e);
            }
        };
    }

    /**
     * What ffprobe says of a file it can't read: it exits with an error and tells it as JSON.
     *
     * @throws ToolFailedException the failure itself when it said nothing
     */
    public static String answer(ToolFailedException failure) throws ToolFailedException {
        if (failure.output().isBlank()) {
            throw failure;
        }
        return failure.output();
    }
}
