package org.localav.orchestrator.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.cache.History;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Dialect;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.plan.Facts;
import org.localav.orchestrator.plan.Levels;
import org.localav.orchestrator.plan.MasterRecipe;
import org.localav.orchestrator.plan.Plan;
import org.localav.orchestrator.plan.Recipe;
import org.localav.orchestrator.plan.SpeechRecipe;
import org.localav.orchestrator.plan.Step;

/**
 * A plan for people and programs: every step with what it would run and why. Its commands can be pasted, in their order,
 * into a shell in one folder; each writes into a folder of its own there.
 *
 * @param speechCharacters characters of the sentences that would be asked for
 * @param speech the same by provider, with what it costs
 * @param cost of all of it; empty when a price isn't known
 * @param disk how much it would take of what is free
 * @param time how long it may take, from what this machine has done before; empty when it has not done all of it yet
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record PlanView(
        String jobId,
        List<Input> inputs,
        List<Item> steps,
        List<Output> outputs,
        int toRun,
        int toReuse,
        long speechCharacters,
        List<Expense.Speech> speech,
        Optional<BigDecimal> cost,
        String currency,
        Expense.Disk disk,
        Optional<History.Range> time,
        List<String> notes) {

    /** A source file and what it is. */
    public record Input(String alias, Path path, String sha256, long bytes, String facts) {}

    /**
     * A step.
     *
     * @param run whether it would be run
     * @param estimated whether figures in the command are guesses, because what they are measured on does not exist yet
     * @param request of a sentence
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Item(
            String step,
            String stage,
            String key,
            boolean run,
            String reason,
            boolean estimated,
            List<String> commands,
            Optional<Map<String, Object>> request,
            Optional<Duration> length) {}

    /** Where an output goes; {@code standing}: it is there already, the same to the byte. */
    public record Output(Path path, String preset, boolean standing) {}

    public static PlanView of(String jobId, Prepared prepared, Workshop workshop) throws IOException {
        StepStore store = workshop.store();
        Facts facts = prepared.facts(store);
        List<Item> items = new ArrayList<>();
        for (Step step : prepared.plan().steps()) {
            items.add(item(step, prepared, facts, store));
        }
        Expense expense = workshop.expenses().of(prepared);
        int run = prepared.toRun().size();
        return new PlanView(
                jobId,
                prepared.assets().values().stream().map(PlanView::input).toList(),
                items,
                prepared.targets().stream()
                        .map(t -> new Output(
                                t.file(),
                                t.output().preset().name(),
                                t.standing().isPresent()))
                        .toList(),
                run,
                items.size() - run,
                expense.characters(),
                expense.speech(),
                expense.cost(),
                expense.currency(),
                expense.disk(),
                TimeEstimate.of(prepared, facts, workshop),
                prepared.notes());
    }

    private static Input input(Prepared.Asset asset) {
        return new Input(
                asset.alias(), asset.path(), asset.source().sha256(), asset.bytes(), MediaWords.of(asset.info()));
    }

    private static Item item(Step step, Prepared prepared, Facts facts, StepStore store) {
        Plan.Decision decision = prepared.decisions().get(step.key());
        Optional<Map<String, Object>> request = Optional.empty();
        List<String> commands = List.of();
        Optional<Duration> length = Optional.empty();
        boolean estimated =
                step.recipe() instanceof MasterRecipe master && master.target().isPresent()
                        || step.needs().stream().anyMatch(key -> !store.holds(key));
        if (step.recipe() instanceof SpeechRecipe speech) {
            request = Optional.of(request(speech));
        } else if (step.recipe() instanceof Recipe.Ffmpeg recipe) {
            commands = commands(step, recipe, prepared, facts, store);
            length = recipe.expectation(facts).duration();
        }
        return new Item(
                step.id(),
                step.stage().id(),
                step.key(),
                decision.run(),
                decision.reason(),
                decision.run() && estimated,
                commands,
                request,
                length);
    }

    private static Map<String, Object> request(SpeechRecipe speech) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("provider", speech.provider());
        speech.voice().ifPresent(v -> request.put("voice", v));
        speech.language().ifPresent(l -> request.put("language", l));
        request.put("speed", speech.speed());
        request.put("characters", speech.characters());
        request.put("text", speech.text());
        return request;
    }

    private static List<String> commands(
            Step step, Recipe.Ffmpeg recipe, Prepared prepared, Facts facts, StepStore store) {
        return command(step, recipe, facts, store)
                .lines("ffmpeg", source -> shown(source, prepared, store), folder(step), Dialect.of(prepared.tool()));
    }

    /** Of a master that is there, the command that made it in the end. */
    private static Command command(Step step, Recipe.Ffmpeg recipe, Facts facts, StepStore store) {
        return recipe instanceof MasterRecipe master
                ? store.find(step.key())
                        .flatMap(entry -> Levels.of(entry.facts()))
                        .map(levels -> master.command(facts, levels))
                        .orElseGet(() -> master.command(facts))
                : recipe.command(facts);
    }

    private static Path folder(Step step) {
        return Path.of(step.id().replace('/', '-'));
    }

    /** Where a source is for who pastes the commands: in the store, or where the pasted command before it wrote it. */
    private static Path shown(Source source, Prepared prepared, StepStore store) {
        if (source instanceof Source.AssetFile asset) {
            return prepared.asset(asset).path();
        }
        String key = ((Source.StepResult) source).key();
        Step step = prepared.plan().step(key).orElseThrow();
        return store.find(key).map(StepStore.Entry::file).orElseGet(() -> Path.of("")
                .toAbsolutePath()
                .resolve(folder(step))
                .resolve("result." + step.recipe().extension()));
    }
}
