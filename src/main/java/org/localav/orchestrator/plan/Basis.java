package org.localav.orchestrator.plan;

import java.util.List;
import java.util.Map;

/**
 * All that the keys of a plan were made of, to be held against another plan's.
 *
 * @param assets alias to content
 * @param tools hash of an ffmpeg's build to its version
 * @param settings those that shape results, by their key
 * @param tracks names of the sound's tracks in their order
 * @param afterMux files of the operator's own stages after mux, to the SHA-256 of their bytes; no key counts them
 */
public record Basis(
        Map<String, Asset> assets,
        Map<String, String> tools,
        Map<String, String> settings,
        List<String> tracks,
        Map<String, String> afterMux,
        List<KeyedStep> steps) {
    /** Of no plan. */
    public static final Basis NONE = new Basis(Map.of(), Map.of(), Map.of(), List.of(), Map.of(), List.of());

    /** A source file: what people call it, and the SHA-256 of its bytes. */
    public record Asset(String name, String sha256) {}

    /**
     * A step with what its key was taken over.
     *
     * @param step its name within the job
     * @param revision of its kind's recipes; 0 in locks of versions that had none
     * @param tool what made the result beside the recipe, as {@link Keys#of} has it
     * @param recipe the recipe's canonical tree
     */
    public record KeyedStep(
            String step, String stage, String kind, int revision, String key, String tool, Map<String, Object> recipe) {

        /** @param tool as the key was made with */
        public static KeyedStep of(Step step, String tool) {
            return new KeyedStep(
                    step.id(),
                    step.stage().id(),
                    step.recipe().kind(),
                    step.recipe().revision(),
                    step.key(),
                    tool,
                    step.recipe().canonical());
        }

        /** The keys of the steps whose results it reads. */
        List<String> needs() {
            return Difference.leaves(recipe).values().stream()
                    .filter(value -> value instanceof String text && text.startsWith(STEP))
                    .map(value -> value.toString().substring(STEP.length()))
                    .distinct()
                    .toList();
        }
    }

    static final String STEP = "step:";
    static final String CONTENT = "sha256:";
}
