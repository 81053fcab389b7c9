package org.localav.orchestrator.job;

import java.time.Duration;
import java.util.Optional;
import org.localav.orchestrator.plan.Expectation;
import org.localav.orchestrator.plan.Facts;
import org.localav.orchestrator.plan.Measured;
import org.localav.orchestrator.plan.Recipe;
import org.localav.orchestrator.plan.SpeechRecipe;
import org.localav.orchestrator.plan.Step;

/** Guesses what a step's result will be like while it does not exist, so that later commands can be shown in the plan. */
final class Estimates {
    private Estimates() {}

    static Measured of(Step step, Facts facts) {
        if (step.recipe() instanceof Recipe.Ffmpeg recipe) {
            Expectation expected = recipe.expectation(facts);
            // Loudness 0/-inf would show an absurd gain; a usual mix is shown until there is one to measure.
            return new Measured(
                    expected.duration().orElse(Duration.ZERO),
                    Optional.of(new Measured.Loudness(-20, -3, 8)),
                    expected.videoFrames());
        }
        if (step.recipe() instanceof SpeechRecipe speech) {
            return new Measured(speech(speech.text(), speech.speed()), Optional.empty(), Optional.empty());
        }
        throw new IllegalArgumentException(
                "no estimate for a step of kind " + step.recipe().kind());
    }

    /**
     * How long a text takes to speak: measured with espeak-ng, 14 characters a second for alphabets and 4 a second for
     * ideographs and syllabaries.
     */
    static Duration speech(String text, double speed) {
        double seconds = text.codePoints()
                .mapToDouble(c ->
                        Character.isIdeographic(c) || Character.UnicodeBlock.of(c) == Character.UnicodeBlock.HIRAGANA
                                ? 1 / 4.0
                                : 1 / 14.0)
                .sum();
        return Duration.ofMillis(Math.max(300, Math.round(1000 * seconds / speed)));
    }
}
