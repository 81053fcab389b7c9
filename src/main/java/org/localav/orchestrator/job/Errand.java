package org.localav.orchestrator.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.plan.Basis;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.plan.MontageRecipe;
import org.localav.orchestrator.plan.Plan;
import org.localav.orchestrator.plan.Recipe;
import org.localav.orchestrator.plan.SegmentRecipe;
import org.localav.orchestrator.plan.Stage;
import org.localav.orchestrator.plan.Step;

/**
 * A clip to be encoded for a job of another node: all that determines it, so that what is needed of the spec is not planned
 * again by a node with other presets or more processors.
 *
 * @param step its name within the job
 * @param segments of one frame and encoding; several are a montage
 * @param assets what they read, as the job's own node found it
 */
public record Errand(String step, List<SegmentRecipe> segments, List<Prepared.Asset> assets) {
    public Errand {
        segments = List.copyOf(segments);
        assets = List.copyOf(assets);
    }

    /** A step of a job as an errand; empty when other nodes can't make it, or it is not worth telling them. */
    public static Optional<Errand> of(Step step, Prepared prepared) {
        Optional<List<SegmentRecipe>> segments = segments(step.recipe());
        return segments.map(parts -> new Errand(
                step.id(),
                parts,
                parts.stream()
                        .map(SegmentRecipe::source)
                        .distinct()
                        .map(prepared::asset)
                        .toList()));
    }

    private static Optional<List<SegmentRecipe>> segments(Recipe recipe) {
        if (recipe instanceof SegmentRecipe segment && segment.work() == Recipe.Work.PROCESSOR) {
            return Optional.of(List.of(segment));
        }
        return recipe instanceof MontageRecipe montage && montage.work() == Recipe.Work.PROCESSOR
                ? Optional.of(montage.segments())
                : Optional.empty();
    }

    /**
     * What a job is to look like that makes only this.
     *
     * @param folder of the spec, which paths may start from
     * @throws IOException when the files here are not those of the job's own node
     * @throws BlockedException when they lie where jobs of this node may not read
     */
    public Prepared prepare(String key, Path folder, Workshop workshop)
            throws IOException, BlockedException, InterruptedException {
        ToolBuild tool = workshop.ffmpeg();
        Recipe recipe = segments.size() == 1 ? segments.get(0) : new MontageRecipe(segments);
        if (!Keys.of(recipe, tool.id()).equals(key)) {
            throw new IOException(step + " can't be made here: another version of the program or of ffmpeg wants it");
        }
        Map<String, Prepared.Asset> here = new LinkedHashMap<>();
        for (Prepared.Asset asset : assets) {
            here.put(asset.alias(), found(asset, folder, workshop));
        }
        Step made = new Step(step, Stage.VIDEO_CONCAT, key, recipe, List.of());
        return new Prepared(
                here,
                new Plan(List.of(made), List.of()),
                Map.of(key, new Plan.Decision(true, "for another node")),
                List.of(),
                tool.version(),
                List.of(),
                Basis.NONE);
    }

    /** The same file as seen from here, be it on a shared disk or a copy. */
    private static Prepared.Asset found(Prepared.Asset asset, Path folder, Workshop workshop)
            throws IOException, BlockedException {
        Path path = asset.path();
        Optional<String> refusal = Roots.reading(workshop.settings(), folder).refusal(path);
        if (refusal.isPresent() && !path.startsWith(workshop.places().steps())) {
            throw new BlockedException(List.of(refusal.get()));
        }
        if (!Files.exists(path)) {
            throw new IOException(path + " is not here, but where the job runs");
        }
        SourceFiles.Hashed here = workshop.files().hash(path, asset.hashed());
        if (!here.sha256().equals(asset.hashed().sha256())) {
            throw new IOException(path + " is another file here than where the job runs");
        }
        return new Prepared.Asset(asset.alias(), path, asset.source(), here, asset.info());
    }

    /** As text, for the store. */
    public String json() {
        return json(this);
    }

    /** @throws IOException when it was not written by {@link #json()} */
    public static Errand read(String json) throws IOException {
        return Receipts.JSON.readValue(json, Errand.class);
    }

    /** What was done, as text. */
    public static String json(StepReport report) {
        return json((Object) report);
    }

    /** @throws IOException when it was not written by {@link #json(StepReport)} */
    public static StepReport report(String json) throws IOException {
        return Receipts.JSON.readValue(json, StepReport.class);
    }

    private static String json(Object value) {
        try {
            return Receipts.JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an errand holds something that can't be written", e);
        }
    }
}
