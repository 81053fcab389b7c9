package org.localav.orchestrator.job;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.plan.Basis;
import org.localav.orchestrator.plan.Facts;
import org.localav.orchestrator.plan.Measured;
import org.localav.orchestrator.plan.Plan;
import org.localav.orchestrator.plan.Step;

/**
 * What is known of a job before anything is spent: its assets with their facts, its plan, and where its outputs go.
 *
 * @param decisions by step key: what runs and why
 * @param tool ffmpeg's version line
 * @param basis what the keys were made of
 */
public record Prepared(
        Map<String, Asset> assets,
        Plan plan,
        Map<String, Plan.Decision> decisions,
        List<Target> targets,
        String tool,
        List<String> notes,
        Basis basis) {
    public Prepared {
        assets = inOrder(assets);
        decisions = inOrder(decisions);
        targets = List.copyOf(targets);
        notes = List.copyOf(notes);
    }

    /** A copy that keeps the order, which {@link Map#copyOf} does not. */
    private static <T> Map<String, T> inOrder(Map<String, T> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    /**
     * A source file.
     *
     * @param path its real path
     * @param bytes its size
     */
    public record Asset(String alias, Path path, Source.AssetFile source, SourceFiles.Hashed hashed, MediaInfo info) {
        public long bytes() {
            return hashed.stamp().bytes();
        }
    }

    /**
     * Where an output goes.
     *
     * @param standing hash and size of the file that stands there already, when it is exactly what the job makes
     * @param made what its receipt is kept under: the key of its mux, with what is done to the file afterwards
     */
    public record Target(Plan.PlannedOutput output, Path file, Optional<Receipts.Receipt> standing, String made) {
        /** Whether stages of the operator's own come between its mux and its publication. */
        public boolean handled() {
            return !made.equals(output.mux());
        }
    }

    public boolean runs(Step step) {
        return decisions.get(step.key()).run();
    }

    public List<Step> toRun() {
        return plan.steps().stream().filter(this::runs).toList();
    }

    /** The keys of all its steps. */
    public Set<String> keys() {
        return plan.steps().stream().map(Step::key).collect(Collectors.toUnmodifiableSet());
    }

    public Asset asset(Source.AssetFile source) {
        return assets.values().stream()
                .filter(a -> a.source().sha256().equals(source.sha256()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no asset with hash " + source.sha256()));
    }

    /** Facts of assets, and of results: measured where they are in the store, estimated where they are not yet. */
    public Facts facts(StepStore store) {
        return new Facts() {
            @Override
            public MediaInfo media(Source.AssetFile asset) {
                return Prepared.this.asset(asset).info();
            }

            @Override
            public Measured measured(Source.StepResult result) {
                return store.find(result.key())
                        .map(StepStore.Entry::measured)
                        .orElseGet(() -> Estimates.of(plan.step(result.key()).orElseThrow(), this));
            }
        };
    }
}
