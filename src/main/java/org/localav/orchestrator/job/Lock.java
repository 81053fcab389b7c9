package org.localav.orchestrator.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.localav.orchestrator.plan.Basis;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.preset.Preset;

/**
 * All that a run's results follow from and what they were, as {@code lock.json} in its archive: the next plan is held
 * against it, and the run can be done over to the byte.
 *
 * @param encoders how many ran side by side: a long clip is cut into parts by it
 * @param presets as they were used, by name, in the form of their files
 * @param settings those that shape results
 * @param tracks names of the sound's tracks in their order
 * @param afterMux files of the operator's own stages after mux, to the SHA-256 of their bytes
 * @param outputs what was published; empty when the run did not succeed
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Lock(
        int version,
        String jobId,
        String run,
        String status,
        String avo,
        Instant madeAt,
        Spec spec,
        Map<String, Tool> tools,
        int encoders,
        List<Input> inputs,
        Map<String, Map<String, Object>> presets,
        Map<String, String> settings,
        List<String> tracks,
        Map<String, String> afterMux,
        List<LockedStep> steps,
        List<Output> outputs) {
    public static final String FILE = "lock.json";
    private static final int VERSION = 1;
    private static final ObjectReader READER =
            Report.JSON.readerFor(Lock.class).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** The spec as a file. */
    public record Spec(String file, String sha256) {}

    /** A program: its version line, and a hash of all that it says of its build. */
    public record Tool(String version, String build) {}

    /**
     * A source file.
     *
     * @param name what the spec calls it
     * @param path its real path then
     */
    public record Input(String alias, String name, String path, String sha256, long bytes) {}

    /**
     * A step with what its key was taken over.
     *
     * @param result what it made; empty when that was not needed any more
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record LockedStep(
            String step,
            String stage,
            String kind,
            int revision,
            String key,
            String tool,
            Map<String, Object> recipe,
            Optional<Result> result) {}

    /** Bytes by their hash and number. */
    public record Result(String sha256, long bytes) {}

    /** A published file; {@code path} as the spec names it, {@code key} of the step that made it. */
    public record Output(String path, String preset, String key, String sha256, long bytes) {}

    /**
     * The lock of a run that has ended.
     *
     * @param earlier where the results of steps are looked up that this run had no need of
     */
    public static Lock of(
            Job job, Prepared prepared, ToolBuild ffmpeg, int encoders, String avo, Supplier<Optional<Lock>> earlier) {
        List<Output> outputs = outputs(job, prepared);
        Map<String, Result> results = results(job, outputs);
        Basis basis = prepared.basis();
        if (!results.keySet().containsAll(prepared.keys())) {
            earlier.get().stream().flatMap(lock -> lock.steps().stream()).forEach(step -> step.result()
                    .ifPresent(result -> results.putIfAbsent(step.key(), result)));
        }
        Map<String, Map<String, Object>> presets = new LinkedHashMap<>();
        prepared.targets().forEach(target -> {
            Preset preset = target.output().preset();
            presets.put(preset.name(), preset.tree());
        });
        return new Lock(
                VERSION,
                job.id(),
                job.run(),
                job.status().id(),
                avo,
                Instant.now(),
                new Spec(job.specFile().toString(), Keys.sha256(job.parsed().text())),
                Map.of("ffmpeg", new Tool(ffmpeg.version(), ffmpeg.id())),
                encoders,
                prepared.assets().values().stream()
                        .map(asset -> new Input(
                                asset.alias(),
                                basis.assets().get(asset.alias()).name(),
                                asset.path().toString(),
                                asset.source().sha256(),
                                asset.bytes()))
                        .toList(),
                presets,
                basis.settings(),
                basis.tracks(),
                basis.afterMux(),
                basis.steps().stream()
                        .map(step -> new LockedStep(
                                step.step(),
                                step.stage(),
                                step.kind(),
                                step.revision(),
                                step.key(),
                                step.tool(),
                                step.recipe(),
                                Optional.ofNullable(results.get(step.key()))))
                        .toList(),
                outputs);
    }

    private static Map<String, Result> results(Job job, List<Output> outputs) {
        Map<String, Result> results = new HashMap<>();
        job.steps().forEach(step -> step.sha256()
                .ifPresent(sha256 -> results.put(step.key(), new Result(sha256, step.bytes()))));
        outputs.forEach(output -> results.put(output.key(), new Result(output.sha256(), output.bytes())));
        return results;
    }

    private static List<Output> outputs(Job job, Prepared prepared) {
        List<Output> outputs = new ArrayList<>();
        for (int i = 0; i < job.published().size(); i++) {
            Published file = job.published().get(i);
            Prepared.Target target = prepared.targets().get(i);
            outputs.add(new Output(
                    target.output().path(), file.preset(), target.output().mux(), file.sha256(), file.bytes()));
        }
        return outputs;
    }

    /** Whether the run made what its spec says. */
    public boolean succeeded() {
        return status.equals(JobStatus.SUCCEEDED.id());
    }

    /** What another plan is held against. */
    public Basis basis() {
        Map<String, Basis.Asset> assets = new LinkedHashMap<>();
        inputs.forEach(input -> assets.put(input.alias(), new Basis.Asset(input.name(), input.sha256())));
        Map<String, String> versions = new HashMap<>();
        tools.values().forEach(tool -> versions.put(tool.build(), ToolBuild.number(tool.version())));
        return new Basis(
                assets,
                versions,
                settings,
                tracks,
                afterMux == null ? Map.of() : afterMux,
                steps.stream()
                        .map(step -> new Basis.KeyedStep(
                                step.step(),
                                step.stage(),
                                step.kind(),
                                step.revision(),
                                step.key(),
                                step.tool(),
                                step.recipe()))
                        .toList());
    }

    public byte[] toJson() throws JsonProcessingException {
        return Report.JSON.writeValueAsBytes(this);
    }

    /**
     * The lock in a run's folder of the archive.
     *
     * @throws IOException with a sentence when there is none or it can't be read
     */
    public static Lock read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new IOException(folder + " holds no " + FILE + "; name the folder of one run in the archive, as "
                    + "'avo run' prints it");
        }
        Lock lock;
        try {
            lock = READER.readValue(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is damaged: " + e.getOriginalMessage(), e);
        }
        if (lock.version() != VERSION) {
            throw new IOException(file + " has version " + lock.version() + "; this program reads version " + VERSION);
        }
        return lock;
    }
}
