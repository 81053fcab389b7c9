package org.localav.orchestrator.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.localav.orchestrator.plan.SpeechRecipe;
import org.localav.orchestrator.plan.Stage;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.spec.JobSpec;

/** What speech costs, and when it or the disk is too much. */
class ExpenseTest {
    private static final Expense.Disk ROOM = new Expense.Disk("/state", 10 << 20, 1L << 30, 256 << 20);
    private static final Expense.Allowance ALL = new Expense.Allowance(Optional.empty(), Optional.empty());

    @Test
    void countsCharactersAndCostByProvider() {
        List<Expense.Speech> speech = Expense.speech(
                List.of(sentence("openai", "欢迎。"), sentence("local", "Hello"), sentence("openai", "Hi there")),
                provider -> Optional.ofNullable(
                        Map.of("openai", new BigDecimal("15")).getOrDefault(provider, BigDecimal.ZERO)));

        assertEquals(
                List.of(
                        new Expense.Speech(
                                "local", 1, 5, Optional.of(BigDecimal.ZERO), Optional.of(new BigDecimal("0.0000"))),
                        new Expense.Speech(
                                "openai",
                                2,
                                11,
                                Optional.of(new BigDecimal("15")),
                                Optional.of(new BigDecimal("0.0002")))),
                speech);
        assertEquals(Optional.of(new BigDecimal("0.0002")), Expense.sum(speech));
    }

    @Test
    void allowsWhatIsWithinAllLimits() {
        assertEquals(List.of(), blocked(limits(5, 1.0), ALL, expense("5", ROOM)));
        assertEquals(List.of(), blocked(JobSpec.Limits.NONE, ALL, expense(null, ROOM)));
    }

    @Test
    void blocksMoreSpeechThanTheSpecOrTheOperatorAllows() {
        assertEquals(
                List.of(
                        "job.limits.speech_characters: 5 characters of speech would be asked for, 4 are allowed; raise the"
                                + " limit or shorten the text"),
                blocked(limits(4, null), ALL, expense("5", ROOM)));
        assertEquals(
                List.of("audio.tracks: 5 characters of speech would be asked for, and the operator allows a job 4"
                        + " (limits.speech_characters)"),
                blocked(
                        limits(5, null),
                        new Expense.Allowance(Optional.of(new BigDecimal("4")), Optional.empty()),
                        expense("5", ROOM)));
    }

    @Test
    void blocksSpeechThatIsTooDearOrHasNoPrice() {
        assertEquals(
                List.of(
                        "job.limits.cost: the speech would cost 5 EUR, 4.5 EUR are allowed; raise the limit or shorten the"
                                + " text"),
                blocked(limits(null, 4.5), ALL, expense("1000000", ROOM)));
        assertEquals(
                List.of("audio.tracks: what the speech would cost isn't known: set tts.price.openai to the price of a"
                        + " million characters, so that the limit of 2 EUR can be kept, by the operator's limits.cost"),
                blocked(
                        JobSpec.Limits.NONE,
                        new Expense.Allowance(Optional.empty(), Optional.of(new BigDecimal("2"))),
                        expense(null, ROOM)));
    }

    @Test
    void blocksWhatTheDiskHasNoRoomFor() {
        Expense.Disk full = new Expense.Disk("/state", 800L << 20, 1L << 30, 256L << 20);

        assertEquals(
                List.of(
                        "outputs: about 800.0 MB of disk are needed in /state, where 1.0 GB are free and 256.0 MB must stay"
                                + " free (disk.reserve); make room, or name a state.folder on another disk"),
                blocked(JobSpec.Limits.NONE, ALL, expense("5", full)));
    }

    private static List<String> blocked(JobSpec.Limits limits, Expense.Allowance allowance, Expense expense) {
        List<String> found = new ArrayList<>();
        expense.check(limits, allowance, (path, sentence) -> found.add(path + ": " + sentence));
        return found;
    }

    private static JobSpec.Limits limits(Integer characters, Double cost) {
        return new JobSpec.Limits(Optional.ofNullable(characters), Optional.ofNullable(cost));
    }

    /** Five characters of a provider at this price a million; null: not known. */
    private static Expense expense(String price, Expense.Disk disk) {
        List<Expense.Speech> speech =
                Expense.speech(List.of(sentence("openai", "Hello")), provider -> Optional.ofNullable(price)
                        .map(BigDecimal::new));
        return new Expense(speech, Expense.sum(speech), "EUR", disk);
    }

    private static Step sentence(String provider, String text) {
        SpeechRecipe recipe = new SpeechRecipe(provider, Optional.empty(), Optional.empty(), 1, text, "wav");
        return new Step("tts/a", Stage.TTS, "k", recipe, List.of());
    }
}
