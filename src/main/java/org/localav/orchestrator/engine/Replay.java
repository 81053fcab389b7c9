package org.localav.orchestrator.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.cache.Digests;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobListener;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Lock;
import org.localav.orchestrator.job.Published;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.job.SpeechArchive;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.job.Tenure;
import org.localav.orchestrator.job.ToolBuild;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.plan.Comparison;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.spec.SpecReader;

/**
 * Does an archived run over by its lock, in a state of its own that goes afterwards: presets, settings and number of
 * encoders as they were then, speech as it was said then. Nothing is told to webhooks, and the job's history stays as it is.
 */
public final class Replay {
    private final Path run;
    private final Lock lock;
    private final Workshop workshop;
    private final String version;

    /**
     * @param run folder of the run in the archive
     * @throws IOException with a sentence when it holds no lock
     */
    public Replay(Path run, Workshop workshop, String version) throws IOException {
        this.run = run.toAbsolutePath().normalize();
        this.lock = Lock.read(run);
        this.workshop = workshop;
        this.version = version;
    }

    /** A file that was made again; {@code expected} is the lock's SHA-256. */
    public record File(Path path, String sha256, String expected) {
        public boolean identical() {
            return sha256.equals(expected);
        }
    }

    /**
     * What came of it.
     *
     * @param why what is the first to differ, in sentences; empty when all files are identical or the job failed
     */
    public record Outcome(Job job, List<File> files, List<String> why) {
        public boolean identical() {
            return job.status() == JobStatus.SUCCEEDED && files.stream().allMatch(File::identical);
        }
    }

    /**
     * Makes the outputs again.
     *
     * @param to folder of the outputs
     * @param fresh whether everything but speech is made again, even what the step store has
     * @throws BlockedException with each reason why they can't be made to the byte
     */
    public Outcome make(Path to, boolean fresh, Cancellation cancellation, JobListener listener)
            throws IOException, InterruptedException, InvalidSpecException, BlockedException {
        Parsed parsed = spec();
        List<String> obstacles = obstacles(parsed);
        if (!obstacles.isEmpty()) {
            throw new BlockedException(obstacles);
        }
        Files.createDirectories(workshop.places().state());
        Path state = Files.createTempDirectory(workshop.places().state(), "replay-");
        try {
            Workshop own = new Workshop(settings(state, to), Map.of());
            own.places().makeState();
            fill(own.store(), fresh);
            try (Engine engine = new Engine(own, Map.of(), version)) {
                engine.start();
                Engine.Order order = new Engine.Order(
                        "replay",
                        Engine.newRun(),
                        redirected(parsed, to),
                        Path.of(lock.spec().file()),
                        false,
                        Tenure.ALONE);
                return outcome(engine.run(order, cancellation, listener));
            }
        } finally {
            StepStore.remove(state);
        }
    }

    private Parsed spec() throws InvalidSpecException {
        Path yaml = run.resolve("spec.yaml");
        return SpecReader.read(Files.exists(yaml) ? yaml : run.resolve("spec.json"));
    }

    private List<String> obstacles(Parsed parsed) throws IOException, InterruptedException {
        List<String> found = new ArrayList<>();
        if (!lock.succeeded()) {
            found.add("the run " + lock.status() + ", so it has no outputs to be made again");
        }
        if (!Keys.sha256(parsed.text()).equals(lock.spec().sha256())) {
            found.add(parsed.name() + " was changed since the run: its SHA-256 is not the lock's");
        }
        ToolBuild now = workshop.ffmpeg();
        Lock.Tool then = lock.tools().get("ffmpeg");
        if (!now.id().equals(then.build())) {
            found.add("ffmpeg is another build: the run had " + ToolBuild.number(then.version()) + " (" + then.build()
                    + "), this is " + ToolBuild.number(now.version()) + " (" + now.id()
                    + "), and another build may make other bytes");
        }
        for (Lock.Input input : lock.inputs()) {
            input(input).ifPresent(found::add);
        }
        for (Lock.LockedStep step : lock.steps()) {
            if (step.kind().equals("speech") && sound(step).isEmpty()) {
                found.add(
                        step.step() + ": what was said is neither in the step store nor in the archive; the provider '"
                                + step.recipe().get("provider")
                                + "' would have to be asked again, and may answer with other bytes");
            }
        }
        return found;
    }

    private static Optional<String> input(Lock.Input input) throws IOException {
        Path path = Path.of(input.path());
        if (!Files.isRegularFile(path)) {
            return Optional.of("input missing: " + input.alias() + " (" + path + ")");
        }
        String sha256 = Digests.sha256(path);
        return sha256.equals(input.sha256())
                ? Optional.empty()
                : Optional.of("input changed: " + input.alias() + " (" + path + "): its SHA-256 is " + sha256
                        + ", it was " + input.sha256());
    }

    private Optional<StepStore.Entry> sound(Lock.LockedStep step) throws IOException {
        return SpeechArchive.find(step.key(), workshop.store(), run).filter(entry -> same(entry, step));
    }

    private static boolean same(StepStore.Entry entry, Lock.LockedStep step) {
        return step.result()
                .filter(result -> result.sha256().equals(entry.sha256()))
                .isPresent();
    }

    /** The settings of now, with those that shape results as they were. */
    private Settings settings(Path state, Path to) throws IOException {
        Map<String, String> all = new HashMap<>(workshop.settings().values());
        all.putAll(lock.settings());
        all.put("encoders", Integer.toString(lock.encoders()));
        all.put("state.folder", state.toString());
        all.put("output.roots", to.toString());
        all.put("routes.folder", workshop.places().routes().toString());
        // Where fetched assets lie.
        all.merge("media.roots", workshop.places().steps().toString(), (a, b) -> a.isBlank() ? b : a + ":" + b);
        Path presets = Files.createDirectories(state.resolve("presets"));
        for (Map.Entry<String, Map<String, Object>> preset : lock.presets().entrySet()) {
            Files.write(presets.resolve(preset.getKey() + ".yaml"), Report.JSON.writeValueAsBytes(preset.getValue()));
        }
        all.put("presets.folder", presets.toString());
        return Settings.read(Map.of(), all);
    }

    private void fill(StepStore own, boolean fresh) throws IOException {
        for (Lock.LockedStep step : lock.steps()) {
            Optional<StepStore.Entry> entry = step.kind().equals("speech")
                    ? sound(step)
                    : fresh
                            ? Optional.empty()
                            : workshop.store().find(step.key()).filter(e -> same(e, step));
            if (entry.isPresent()) {
                Path file = own.workspace("replay").resolve(entry.get().file().getFileName());
                SpeechArchive.link(entry.get().file(), file);
                own.put(
                        step.key(),
                        step.kind(),
                        file,
                        entry.get().measured(),
                        entry.get().facts());
            }
        }
    }

    /** The spec with its outputs elsewhere, its fetched assets where they lie, and nobody to be told. */
    private Parsed redirected(Parsed parsed, Path to) {
        JobSpec spec = parsed.spec();
        Map<String, String> places = new HashMap<>();
        lock.inputs().forEach(input -> places.put(input.alias(), input.path()));
        Map<String, JobSpec.Asset> assets = new LinkedHashMap<>();
        spec.assets()
                .forEach((alias, asset) -> assets.put(
                        alias,
                        asset.url().isEmpty()
                                ? asset
                                : new JobSpec.Asset(Optional.of(places.get(alias)), Optional.empty(), asset.sha256())));
        JobSpec.Job job = new JobSpec.Job(
                Optional.empty(),
                spec.job().title(),
                spec.job().tags(),
                spec.job().priority(),
                spec.job().labels(),
                spec.job().timeout(),
                spec.job().stageTimeouts(),
                spec.job().retry(),
                JobSpec.Limits.NONE,
                false,
                List.of());
        List<JobSpec.Output> outputs = spec.outputs().stream()
                .map(output -> new JobSpec.Output(
                        to.resolve(inside(output.path())).toString(), output.preset(), output.keepMetadata()))
                .toList();
        return new Parsed(
                new JobSpec(spec.version(), job, assets, spec.audio(), spec.video(), outputs),
                parsed.name(),
                parsed.text(),
                parsed.locations(),
                List.of());
    }

    /** The output's place within another folder: as it is, or the name alone where it leads out. */
    private static Path inside(String path) {
        Path written = Path.of(path).normalize();
        return written.isAbsolute() || written.startsWith("..") ? written.getFileName() : written;
    }

    private Outcome outcome(Job job) {
        List<File> files = new ArrayList<>();
        for (int i = 0; i < job.published().size(); i++) {
            Published file = job.published().get(i);
            files.add(new File(file.file(), file.sha256(), lock.outputs().get(i).sha256()));
        }
        List<String> why = files.stream().allMatch(File::identical) ? List.of() : List.of(firstDifference(job));
        return new Outcome(job, files, why);
    }

    private String firstDifference(Job job) {
        Map<String, Lock.LockedStep> then = new HashMap<>();
        lock.steps().forEach(step -> then.put(step.key(), step));
        for (StepReport step : job.steps().stream()
                .sorted(java.util.Comparator.comparing(s -> order(job, s)))
                .toList()) {
            Lock.LockedStep was = then.get(step.key());
            if (was == null) {
                Comparison comparison = new Comparison(
                        lock.basis(), job.prepared().orElseThrow().basis());
                return step.step() + " is planned otherwise by this version (" + version + ", the run was made by "
                        + lock.avo() + "): " + comparison.reason(step.key(), key -> true);
            }
            Optional<String> expected = was.result().map(Lock.Result::sha256);
            if (expected.isPresent()
                    && step.sha256().isPresent()
                    && !expected.get().equals(step.sha256().get())) {
                return step.step() + " made other bytes from the same recipe with the same build: "
                        + step.sha256().get() + ", it was " + expected.get();
            }
        }
        return "no step differs that the lock knows the result of";
    }

    private static int order(Job job, StepReport step) {
        List<String> keys = job.prepared().orElseThrow().plan().steps().stream()
                .map(org.localav.orchestrator.plan.Step::key)
                .toList();
        return keys.indexOf(step.key());
    }
}
