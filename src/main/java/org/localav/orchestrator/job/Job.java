package org.localav.orchestrator.job;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.ffmpeg.Shell;
import org.localav.orchestrator.log.LogFields;
import org.localav.orchestrator.plan.Stage;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.trace.Caller;

/**
 * One accepted spec on its way to its outputs: its state and history. Shared by the branches of its path, so it is safe
 * to use from any thread; everything a stage leaves for a later one lies here.
 */
public final class Job {
    private final String id;
    private final String run;
    private final Parsed parsed;
    private final Path specFile;
    private final Path work;
    private final boolean overwriteAllowed;
    private final StepStore.Pin pin;
    private final Tenure tenure;
    private final Crew crew;
    private final Cancellation cancellation;
    private final JobListener listener;
    private final Caller caller = Caller.now();
    private final Instant createdAt = Instant.now();
    private final Map<String, StageState> stages = new LinkedHashMap<>();
    private final List<StepReport> steps = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<Trial> trials = new ArrayList<>();
    private final Map<String, FutureTask<Receipts.Receipt>> sealing = new ConcurrentHashMap<>();
    private final List<WebhookMessage> messages = new ArrayList<>();
    private final Map<String, Double> progress = new ConcurrentHashMap<>();
    private final Cancellation path;
    private JobStatus status = JobStatus.QUEUED;
    private Optional<Prepared> prepared = Optional.empty();
    private Optional<Throwable> failure = Optional.empty();
    private Optional<Instant> endedAt = Optional.empty();
    private List<Published> published = List.of();

    private static final class StageState {
        private StageStatus status = StageStatus.PENDING;
        private Optional<Instant> startedAt = Optional.empty();
        private Optional<Instant> endedAt = Optional.empty();
        private int attempts;
        private Optional<String> error = Optional.empty();
        private final Map<String, Object> metadata = new HashMap<>();
    }

    /**
     * @param run names this run of the job: an id may run again, each run has its own archive
     * @param specFile where the spec was read; its folder is what relative paths start from
     * @param work the run's own folder, removed when it ends
     * @param pin closed when it ends
     */
    public Job(
            String id,
            String run,
            Parsed parsed,
            Path specFile,
            Path work,
            boolean overwriteAllowed,
            StepStore.Pin pin,
            Tenure tenure,
            Crew crew,
            Cancellation cancellation,
            JobListener listener) {
        this.id = id;
        this.run = run;
        this.parsed = parsed;
        this.specFile = specFile;
        this.work = work;
        this.overwriteAllowed = overwriteAllowed;
        this.pin = pin;
        this.tenure = tenure;
        this.crew = crew;
        this.cancellation = cancellation;
        this.path = cancellation.child();
        this.listener = listener;
        for (Stage stage : Stage.values()) {
            stages.put(stage.id(), new StageState());
        }
    }

    public String id() {
        return id;
    }

    public String run() {
        return run;
    }

    public Parsed parsed() {
        return parsed;
    }

    public JobSpec spec() {
        return parsed.spec();
    }

    public Path specFile() {
        return specFile;
    }

    public Path work() {
        return work;
    }

    public boolean overwriteAllowed() {
        return overwriteAllowed;
    }

    /** Keeps what the job needs in the step store until it has ended. */
    public StepStore.Pin pin() {
        return pin;
    }

    /** Whether this run may put anything in place. */
    public Tenure tenure() {
        return tenure;
    }

    /** Who makes its steps. */
    public Crew crew() {
        return crew;
    }

    public Cancellation cancellation() {
        return cancellation;
    }

    /** Cancelled with the job, and also when one branch of its path has failed and the other is to stop. */
    public Cancellation path() {
        return path;
    }

    public Instant createdAt() {
        return createdAt;
    }

    /** On whose behalf it runs. */
    public Caller caller() {
        return caller;
    }

    public JobListener listener() {
        return listener;
    }

    public synchronized JobStatus status() {
        return status;
    }

    public synchronized Optional<Instant> endedAt() {
        return endedAt;
    }

    public synchronized Optional<Throwable> failure() {
        return failure;
    }

    /** What prepare found; empty until it has ended. */
    public synchronized Optional<Prepared> prepared() {
        return prepared;
    }

    public synchronized void prepared(Prepared value) {
        prepared = Optional.of(value);
    }

    public synchronized List<Published> published() {
        return published;
    }

    public synchronized void published(List<Published> files) {
        published = List.copyOf(files);
    }

    public synchronized void started() {
        status = JobStatus.RUNNING;
    }

    /** Ends the job; a later end changes nothing. */
    public synchronized void ended(JobStatus how, Optional<Throwable> why) {
        if (!status.ended()) {
            status = how;
            failure = why;
            endedAt = Optional.of(Instant.now());
        }
    }

    public void stageBegan(String stage) {
        change(stage, s -> {
            s.status = StageStatus.RUNNING;
            s.startedAt = s.startedAt.or(() -> Optional.of(Instant.now()));
            s.attempts = 1;
        });
    }

    public void stageRetries(String stage, String error) {
        change(stage, s -> {
            s.status = StageStatus.RETRYING;
            s.attempts++;
            s.error = Optional.of(error);
        });
    }

    public void stageResumed(String stage) {
        change(stage, s -> s.status = StageStatus.RUNNING);
    }

    public void stageEnded(String stage, StageStatus how, Optional<String> error) {
        change(stage, s -> {
            s.status = how;
            s.endedAt = Optional.of(Instant.now());
            s.error = error;
        });
    }

    /** Marks each stage that had done something as rolled back, except the one that failed. */
    public void rolledBack() {
        for (StageRecord record : records()) {
            if (record.status().equals(StageStatus.SUCCEEDED.id())) {
                change(record.stage(), s -> s.status = StageStatus.ROLLED_BACK);
            }
        }
    }

    /** Whether a stage had work and all of it was there already. */
    public boolean reuses(String stage) {
        Optional<Prepared> known = prepared();
        if (known.isEmpty() || stage.equals(Stage.PREPARE.id())) {
            return false;
        }
        if (stage.equals(Stage.FINISH.id())) {
            return known.get().targets().stream().allMatch(t -> t.standing().isPresent());
        }
        var steps = known.get().plan().steps().stream()
                .filter(s -> s.stage().id().equals(stage))
                .toList();
        return !steps.isEmpty() && steps.stream().noneMatch(known.get()::runs);
    }

    /** Whether a stage has no step in the plan: a piece without sound has nothing to mix. */
    public boolean idle(String stage) {
        Optional<Prepared> known = prepared();
        return known.isPresent()
                && List.of(Stage.TTS, Stage.AUDIO_MIX, Stage.VIDEO_CONCAT, Stage.MUX).stream()
                        .anyMatch(planned -> planned.id().equals(stage)
                                && known.get().plan().of(planned).isEmpty());
    }

    public void describe(String stage, String figure, Object value) {
        synchronized (this) {
            state(stage).metadata.put(figure, value);
        }
    }

    private void change(String stage, java.util.function.Consumer<StageState> act) {
        StageRecord record;
        synchronized (this) {
            act.accept(state(stage));
            record = record(stage);
        }
        listener.stageChanged(this, record);
    }

    public synchronized StageRecord record(String stage) {
        StageState s = state(stage);
        return new StageRecord(
                id, stage, s.status.id(), s.startedAt, s.endedAt, s.attempts, s.error, Map.copyOf(s.metadata));
    }

    /** The stages in the order of the path; those that a user's own routes added come last. */
    public synchronized List<StageRecord> records() {
        return stages.keySet().stream().map(this::record).toList();
    }

    private StageState state(String stage) {
        return stages.computeIfAbsent(stage, id -> new StageState());
    }

    public void reported(StepReport told) {
        StepReport report = told.reused() || told.node().isPresent() ? told : told.by(crew.node());
        synchronized (this) {
            steps.removeIf(s -> s.key().equals(report.key()) && s.step().equals(report.step()));
            steps.add(report);
        }
        listener.stepDone(this, report);
    }

    public synchronized List<StepReport> steps() {
        return List.copyOf(steps);
    }

    public void note(String sentence) {
        synchronized (this) {
            notes.add(sentence);
        }
        listener.noted(this, sentence);
    }

    /**
     * Takes the receipt of a finished output on a thread of its own: only what changes or publishes it waits for that.
     *
     * @param mux key of the step that made it
     */
    public void seal(String mux, Callable<Receipts.Receipt> work) {
        FutureTask<Receipts.Receipt> task = new FutureTask<>(work);
        sealing.put(mux, task);
        new Thread(LogFields.carried(task), "hash-" + mux.substring(0, 8)).start();
    }

    /**
     * The receipt of an output that this run has made, once it is taken.
     *
     * @throws IOException what kept it from being taken
     */
    public Receipts.Receipt receipt(String mux) throws IOException, InterruptedException {
        try {
            return sealing.get(mux).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }

    /** Waits until all receipts are taken. */
    public void settle() throws IOException, InterruptedException {
        for (String mux : sealing.keySet()) {
            receipt(mux);
        }
    }

    public synchronized void tried(Trial trial) {
        trials.add(trial);
    }

    public synchronized List<Trial> trials() {
        return List.copyOf(trials);
    }

    public synchronized List<String> notes() {
        return List.copyOf(notes);
    }

    /** Leaves a message for whoever keeps the job to deliver, until the receiver has it. */
    public synchronized void leave(WebhookMessage message) {
        messages.add(message);
    }

    public synchronized List<WebhookMessage> messages() {
        return List.copyOf(messages);
    }

    /**
     * Says how far a step is; its stage is as far as its steps that run are together.
     *
     * @param done 0 to 1
     * @param speed multiple of the playing time; 0 when unknown
     */
    public void progressed(String stage, String key, double done, double speed) {
        progress.put(key, done);
        List<String> running = prepared().stream()
                .flatMap(p -> p.toRun().stream())
                .filter(step -> step.stage().id().equals(stage))
                .map(Step::key)
                .toList();
        double sum =
                running.stream().mapToDouble(k -> progress.getOrDefault(k, 0.0)).sum();
        listener.progressed(this, stage, running.isEmpty() ? done : sum / running.size(), speed);
    }

    /** A command with the files' own places instead of those in the job's folder, which goes when the job ends. */
    public String pasteable(String command) {
        String shown = command;
        if (prepared().isPresent()) {
            for (Prepared.Asset asset : prepared().get().assets().values()) {
                String ours =
                        work.resolve("in").resolve(asset.source().sha256()).toString();
                shown = shown.replace("file:" + ours, Shell.quote("file:" + asset.path()));
            }
        }
        return shown.replaceAll(Pattern.quote(work.resolve("steps").toString()) + "/[^/ ]+/", "");
    }

    /** Time since the job was accepted. */
    public Duration age() {
        return Duration.between(createdAt, endedAt().orElseGet(Instant::now));
    }
}
