package org.localav.orchestrator.job;

import java.time.Duration;
import java.util.Optional;
import org.localav.orchestrator.cache.History;
import org.localav.orchestrator.plan.Facts;
import org.localav.orchestrator.plan.Recipe;
import org.localav.orchestrator.plan.SpeechRecipe;
import org.localav.orchestrator.plan.Stage;
import org.localav.orchestrator.plan.Step;

/** How long a plan may take: the branches of sound and picture side by side, then the rest. */
final class TimeEstimate {
    private static final History.Range NOTHING = new History.Range(Duration.ZERO, Duration.ZERO, Integer.MAX_VALUE);

    private TimeEstimate() {}

    /** Empty when some kind of work in it has never been done here. */
    static Optional<History.Range> of(Prepared prepared, Facts facts, Workshop workshop) {
        Optional<History.Range> speech = stage(Stage.TTS, prepared, facts, workshop);
        Optional<History.Range> mix = stage(Stage.AUDIO_MIX, prepared, facts, workshop);
        Optional<History.Range> picture = stage(Stage.VIDEO_CONCAT, prepared, facts, workshop);
        Optional<History.Range> mux = stage(Stage.MUX, prepared, facts, workshop);
        if (speech.isEmpty() || mix.isEmpty() || picture.isEmpty() || mux.isEmpty()) {
            return Optional.empty();
        }
        int encoders = workshop.preparation().encoders();
        History.Range all = speech.get()
                .plus(mix.get())
                .beside(picture.get().dividedBy(encoders))
                .plus(mux.get());
        return all.samples() == Integer.MAX_VALUE ? Optional.empty() : Optional.of(all);
    }

    private static Optional<History.Range> stage(Stage stage, Prepared prepared, Facts facts, Workshop workshop) {
        History.Range sum = NOTHING;
        for (Step step : prepared.toRun()) {
            if (step.stage() == stage) {
                Optional<History.Range> one = workshop.history().estimate(kind(step), length(step, facts));
                if (one.isEmpty()) {
                    return Optional.empty();
                }
                sum = sum.plus(one.get());
            }
        }
        return Optional.of(sum);
    }

    /** What is as fast as another: the same recipe by the same provider. */
    static String kind(Step step) {
        return step.recipe() instanceof SpeechRecipe speech
                ? "speech " + speech.provider()
                : step.recipe().kind();
    }

    static Duration length(Step step, Facts facts) {
        return step.recipe() instanceof Recipe.Ffmpeg recipe
                ? recipe.expectation(facts).duration().orElse(Duration.ZERO)
                : Estimates.of(step, facts).duration();
    }

    /** What a finished job has taught. */
    static java.util.List<History.Work> learnt(Job job) {
        if (job.prepared().isEmpty()) {
            return java.util.List.of();
        }
        return job.steps().stream()
                .filter(report -> !report.reused() && report.measured().isPresent())
                .flatMap(report -> job.prepared().get().plan().step(report.key()).stream()
                        .map(step -> new History.Work(
                                kind(step),
                                DiskEstimate.kind(step.recipe()),
                                report.measured().get().duration(),
                                report.took(),
                                report.bytes())))
                .toList();
    }
}
