package org.localav.orchestrator.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.localav.orchestrator.plan.SpeechRecipe;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.spec.JobSpec;

/**
 * What a plan takes: speech to be asked for, what it costs, and disk.
 *
 * @param cost of all speech; empty when a provider's price isn't known
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Expense(List<Speech> speech, Optional<BigDecimal> cost, String currency, Disk disk) {

    /**
     * What one provider would be asked for.
     *
     * @param price of a million characters; empty when it isn't known
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Speech(
            String provider, int sentences, long characters, Optional<BigDecimal> price, Optional<BigDecimal> cost) {}

    /**
     * Room on the disk of the state folder, in bytes.
     *
     * @param needed by what would be made, as an estimate
     * @param reserve what must stay free
     */
    public record Disk(String folder, long needed, long free, long reserve) {}

    /**
     * What the operator allows one job.
     *
     * @param cost in the currency of the prices
     */
    record Allowance(Optional<BigDecimal> speechCharacters, Optional<BigDecimal> cost) {}

    /** @param price of a million characters, where it is known, by provider */
    static List<Speech> speech(List<Step> steps, java.util.function.Function<String, Optional<BigDecimal>> price) {
        Map<String, List<SpeechRecipe>> byProvider = new TreeMap<>();
        for (Step step : steps) {
            if (step.recipe() instanceof SpeechRecipe recipe) {
                byProvider
                        .computeIfAbsent(recipe.provider(), p -> new ArrayList<>())
                        .add(recipe);
            }
        }
        List<Speech> speech = new ArrayList<>();
        byProvider.forEach((provider, recipes) -> {
            long characters =
                    recipes.stream().mapToLong(SpeechRecipe::characters).sum();
            Optional<BigDecimal> million = price.apply(provider);
            speech.add(new Speech(provider, recipes.size(), characters, million, million.map(p -> p.multiply(
                            BigDecimal.valueOf(characters))
                    .movePointLeft(6)
                    .setScale(4, RoundingMode.HALF_UP))));
        });
        return speech;
    }

    /** The sum of the costs; empty when one isn't known. */
    static Optional<BigDecimal> sum(List<Speech> speech) {
        return speech.stream().anyMatch(s -> s.cost().isEmpty())
                ? Optional.empty()
                : Optional.of(speech.stream().map(s -> s.cost().get()).reduce(BigDecimal.ZERO, BigDecimal::add));
    }

    public long characters() {
        return speech.stream().mapToLong(Speech::characters).sum();
    }

    /**
     * Says what of it is more than is allowed or there.
     *
     * @param blocked told (spec path, sentence)
     */
    void check(JobSpec.Limits limits, Allowance allowance, BiConsumer<String, String> blocked) {
        limits.speechCharacters()
                .filter(most -> characters() > most)
                .ifPresent(most -> blocked.accept(
                        "job.limits.speech_characters",
                        characters() + " characters of speech would be asked for, " + most
                                + " are allowed; raise the limit or shorten the text"));
        allowance
                .speechCharacters()
                .filter(most -> BigDecimal.valueOf(characters()).compareTo(most) > 0)
                .ifPresent(most -> blocked.accept(
                        "audio.tracks",
                        characters() + " characters of speech would be asked for, and the operator allows a job "
                                + most.toPlainString() + " (limits.speech_characters)"));
        limits.cost()
                .flatMap(most -> tooDear(BigDecimal.valueOf(most)))
                .ifPresent(why -> blocked.accept("job.limits.cost", why + "; raise the limit or shorten the text"));
        allowance
                .cost()
                .flatMap(this::tooDear)
                .ifPresent(why -> blocked.accept("audio.tracks", why + ", by the operator's limits.cost"));
        if (disk.needed() > 0 && disk.needed() > disk.free() - disk.reserve()) {
            blocked.accept(
                    "outputs",
                    "about " + MediaWords.size(disk.needed()) + " of disk are needed in " + disk.folder() + ", where "
                            + MediaWords.size(disk.free()) + " are free and " + MediaWords.size(disk.reserve())
                            + " must stay free (disk.reserve); make room, or name a state.folder on another disk");
        }
    }

    private Optional<String> tooDear(BigDecimal most) {
        Optional<Speech> unknown =
                speech.stream().filter(s -> s.cost().isEmpty()).findFirst();
        if (unknown.isPresent()) {
            return Optional.of("what the speech would cost isn't known: set tts.price."
                    + unknown.get().provider() + " to the price of a million characters, so that the limit of "
                    + most.toPlainString() + " " + currency + " can be kept");
        }
        BigDecimal all = cost.orElseThrow();
        return all.compareTo(most) > 0
                ? Optional.of(
                        "the speech would cost " + all.stripTrailingZeros().toPlainString() + " " + currency + ", "
                                + most.toPlainString() + " " + currency + " are allowed")
                : Optional.empty();
    }
}
