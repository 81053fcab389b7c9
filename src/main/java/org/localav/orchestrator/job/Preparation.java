package org.localav.orchestrator.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.media.Prober;
import org.localav.orchestrator.media.UnreadableMediaException;
import org.localav.orchestrator.plan.Basis;
import org.localav.orchestrator.plan.Keyframes;
import org.localav.orchestrator.plan.Plan;
import org.localav.orchestrator.plan.Planner;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.preset.Preset;
import org.localav.orchestrator.preset.Presets;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.speech.Fingerprint;

/**
 * Turns a spec into all that is known before anything is spent. Changes nothing but what it remembers of files it has
 * read; the plan command and a job's first stage both use it.
 */
public final class Preparation {
    private static final int READERS = 4;

    private final Settings settings;
    private final Presets presets;
    private final SourceFiles files;
    private final RemoteAssets remote;
    private final HostPolicy hosts;
    private final Reckoning reckoning;

    Preparation(
            Settings settings,
            Presets presets,
            SourceFiles files,
            RemoteAssets remote,
            HostPolicy hosts,
            Reckoning reckoning) {
        this.settings = settings;
        this.presets = presets;
        this.files = files;
        this.remote = remote;
        this.hosts = hosts;
        this.reckoning = reckoning;
    }

    /**
     * One spec to prepare.
     *
     * @param overwriteAllowed the operator's consent to {@code force: true}
     * @param pin keeps what the job will read in the step store
     * @param afterMux what is done to finished files before they are published
     */
    public record Request(
            Parsed parsed, Path specFile, boolean overwriteAllowed, StepStore.Pin pin, AfterMux afterMux) {
        Path folder() {
            return specFile.toAbsolutePath().normalize().getParent();
        }

        JobSpec spec() {
            return parsed.spec();
        }
    }

    /**
     * Prepares.
     *
     * @throws InvalidSpecException with every violation found in what the spec says of its files
     * @throws BlockedException when the spec is right but the operator's policy or existing files forbid it, or the clips
     *     don't fit together as they are
     * @throws IOException when the disk refuses
     */
    public Prepared prepare(Request request, Prober prober, ToolBuild tool, Cancellation cancellation)
            throws InvalidSpecException, BlockedException, IOException, InterruptedException {
        Findings findings = new Findings(request.parsed());
        Planned planned = planned(request, prober, tool, cancellation, findings);
        Prepared prepared = reckoning.of(request, planned, tool, findings);
        findings.stop();
        return prepared;
    }

    /** What follows from a spec alone: its files, its plan, and where its outputs go. */
    record Planned(Map<String, Prepared.Asset> assets, Plan plan, List<Path> targets) {}

    /** What the keys of a spec's plan are made of, whatever stands where its outputs go and whatever it would take. */
    public Basis basis(Request request, Prober prober, ToolBuild tool, Cancellation cancellation)
            throws InvalidSpecException, BlockedException, IOException, InterruptedException {
        Planned planned = planned(request, prober, tool, cancellation, new Findings(request.parsed()));
        return reckoning.basis(request, planned, tool);
    }

    private Planned planned(
            Request request, Prober prober, ToolBuild tool, Cancellation cancellation, Findings findings)
            throws InvalidSpecException, BlockedException, IOException, InterruptedException {
        Map<String, Preset> used = presetsOf(request.spec(), findings);
        List<Path> targets = targetsOf(request, used, findings);
        Map<String, Path> places = placesOf(request, cancellation, findings);
        checkWebhooks(request.parsed(), findings);
        findings.stop();
        Map<String, Prepared.Asset> assets = readAll(request, places, prober, tool, cancellation, findings);
        findings.stop();
        Plan plan = Planner.plan(
                new Planner.Input(
                        request.spec(),
                        planned(assets),
                        used,
                        tool.id(),
                        encoders(),
                        settings.text("tts.provider"),
                        provider -> Fingerprint.of(settings.values(), provider),
                        keyframes(assets, prober)),
                findings::wrong,
                findings::blocked);
        findings.stop();
        // Before it is looked what is there, so that it is still there when it is read.
        request.pin().hold(plan.steps().stream().map(Step::key).toList());
        return new Planned(assets, plan, targets);
    }

    /**
     * Says which webhooks of a spec the operator's policy forbids, as far as their URLs alone show.
     *
     * @throws BlockedException when there is one
     */
    public void checkWebhooks(Parsed parsed) throws BlockedException {
        Findings findings = new Findings(parsed);
        checkWebhooks(parsed, findings);
        findings.stopBlocked();
    }

    private void checkWebhooks(Parsed parsed, Findings findings) {
        List<JobSpec.Webhook> webhooks = parsed.spec().job().webhooks();
        for (int i = 0; i < webhooks.size(); i++) {
            String path = "job.webhooks[" + i + "].url";
            hosts.refusal(webhooks.get(i).url()).ifPresent(why -> findings.blocked(path, why));
        }
    }

    /** How many encoders run side by side. */
    public int encoders() {
        int set = settings.integer("encoders");
        return set > 0 ? set : Runtime.getRuntime().availableProcessors();
    }

    private Map<String, Preset> presetsOf(JobSpec spec, Findings findings) {
        Map<String, Preset> used = new LinkedHashMap<>();
        for (int i = 0; i < spec.outputs().size(); i++) {
            JobSpec.Output output = spec.outputs().get(i);
            try {
                Preset preset = presets.get(output.preset());
                used.put(output.preset(), preset);
                checkFormat(output, preset, "outputs[" + i + "]", findings);
            } catch (IllegalArgumentException e) {
                findings.wrong("outputs[" + i + "].preset", e.getMessage());
            }
        }
        return used;
    }

    private static void checkFormat(JobSpec.Output output, Preset preset, String path, Findings findings) {
        String name = Path.of(output.path()).getFileName().toString();
        String extension = name.substring(name.lastIndexOf('.') + 1);
        if (!preset.holds(extension)) {
            findings.wrong(
                    path + ".path",
                    "preset '" + preset.name() + "' makes ." + String.join(", .", preset.extensions()) + ", not '"
                            + name + "'");
        }
    }

    private List<Path> targetsOf(Request request, Map<String, Preset> used, Findings findings) {
        Roots roots = Roots.writing(settings, request.folder());
        List<Path> targets = new ArrayList<>();
        Set<Path> distinct = new HashSet<>();
        List<JobSpec.Output> outputs = request.spec().outputs();
        for (int i = 0; i < outputs.size(); i++) {
            String path = "outputs[" + i + "].path";
            Path target = request.folder().resolve(outputs.get(i).path()).normalize();
            targets.add(target);
            roots.refusal(target).ifPresent(why -> findings.blocked(path, why));
            if (Files.isDirectory(target)) {
                findings.wrong(path, target + " is a folder; write the name of a file in it");
            }
            if (!distinct.add(Roots.real(target))) {
                findings.wrong(path, target + " is where another output goes as well");
            }
        }
        return targets;
    }

    private Map<String, Path> placesOf(Request request, Cancellation cancellation, Findings findings)
            throws IOException, InterruptedException {
        Roots roots = Roots.reading(settings, request.folder());
        Map<String, Path> places = new LinkedHashMap<>();
        for (Map.Entry<String, JobSpec.Asset> entry : request.spec().assets().entrySet()) {
            String path = "assets." + entry.getKey();
            JobSpec.Asset asset = entry.getValue();
            if (asset.url().isPresent()) {
                try {
                    places.put(
                            entry.getKey(),
                            remote.fetch(asset.url().get(), asset.sha256().orElseThrow(), request.pin(), cancellation));
                } catch (BlockedException e) {
                    findings.blocked(path, e.getMessage());
                } catch (RemoteAssets.RemoteAssetException e) {
                    findings.wrong(path, e.getMessage());
                }
                continue;
            }
            Path written = request.folder().resolve(asset.path().orElseThrow()).normalize();
            Optional<String> refusal = roots.refusal(written);
            if (refusal.isPresent()) {
                findings.blocked(path, refusal.get());
            } else if (!Files.exists(written)) {
                findings.wrong(path, "there is no file " + written);
            } else if (!Files.isRegularFile(written)) {
                findings.wrong(path, written + " is no file" + (Files.isDirectory(written) ? " but a folder" : ""));
            } else if (!Files.isReadable(written)) {
                findings.wrong(path, written + " can't be read by this user");
            } else {
                places.put(entry.getKey(), written.toRealPath());
            }
        }
        return places;
    }

    /** Several at a time: most of the time goes into waiting for ffprobe. */
    private Map<String, Prepared.Asset> readAll(
            Request request,
            Map<String, Path> places,
            Prober prober,
            ToolBuild tool,
            Cancellation cancellation,
            Findings findings)
            throws IOException, InterruptedException {
        ExecutorService readers = Executors.newFixedThreadPool(READERS);
        try {
            Map<String, Future<Optional<Prepared.Asset>>> reading = new LinkedHashMap<>();
            places.forEach((alias, path) -> reading.put(alias, readers.submit(() -> {
                cancellation.throwIfCancelled();
                return read(request, alias, path, prober, tool, findings);
            })));
            Map<String, Prepared.Asset> assets = new LinkedHashMap<>();
            for (Map.Entry<String, Future<Optional<Prepared.Asset>>> one : reading.entrySet()) {
                one.getValue().get().ifPresent(asset -> assets.put(one.getKey(), asset));
            }
            return assets;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw e.getCause() instanceof RuntimeException unchecked
                    ? unchecked
                    : new IllegalStateException(e.getCause());
        } finally {
            readers.shutdownNow();
        }
    }

    private Optional<Prepared.Asset> read(
            Request request, String alias, Path real, Prober prober, ToolBuild tool, Findings findings)
            throws IOException {
        String path = "assets." + alias;
        JobSpec.Asset asset = request.spec().assets().get(alias);
        String name = asset.path().orElse(alias);
        try {
            SourceFiles.Hashed hashed = files.hash(real);
            if (asset.sha256().isPresent() && !asset.sha256().get().equalsIgnoreCase(hashed.sha256())) {
                findings.wrong(
                        path + ".sha256",
                        name + " has another content than the spec expects: its SHA-256 is " + hashed.sha256());
                return Optional.empty();
            }
            MediaInfo info = files.facts(real, hashed.sha256(), tool.id(), prober, name);
            Source.AssetFile source = new Source.AssetFile(hashed.sha256(), alias);
            return Optional.of(new Prepared.Asset(alias, real, source, hashed, info));
        } catch (UnreadableMediaException e) {
            findings.wrong(path, e.getMessage());
        } catch (IOException e) {
            findings.wrong(path, name + ": " + e.getMessage());
        }
        return Optional.empty();
    }

    private static Map<String, Planner.Asset> planned(Map<String, Prepared.Asset> assets) {
        Map<String, Planner.Asset> planned = new LinkedHashMap<>();
        assets.forEach((alias, a) -> planned.put(alias, new Planner.Asset(a.source(), a.info())));
        return planned;
    }

    private static Keyframes keyframes(Map<String, Prepared.Asset> assets, Prober prober) {
        return source -> {
            Prepared.Asset asset = assets.get(source.alias());
            try {
                return prober.keyframes(
                        asset.path(), asset.info().video().orElseThrow().index());
            } catch (UnreadableMediaException e) {
                // It was read a moment ago; without key frames nothing is copied, which is never wrong.
                return List.of();
            }
        };
    }
}
