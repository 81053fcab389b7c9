package org.localav.orchestrator.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.plan.Facts;
import org.localav.orchestrator.plan.Levels;
import org.localav.orchestrator.plan.MasterRecipe;
import org.localav.orchestrator.plan.Measured;

/**
 * A master on its way to its loudness: what was tried and measured, and what to try next, if anything.
 *
 * @param next levels of the next attempt; empty: the last attempt stands
 * @param note what the result misses of its target
 */
record Mastering(
        MasterRecipe recipe,
        List<Levels.Attempt> attempts,
        List<String> commands,
        Optional<Levels> next,
        Optional<String> note) {

    /** @param before what was known before this attempt; null at the first */
    static Mastering after(Mastering before, MasterRecipe recipe, Steps.Running run, Measured.Loudness encoded) {
        Facts facts = run.facts();
        Levels tried = before == null ? recipe.first(facts) : before.next().orElseThrow();
        List<Levels.Attempt> attempts = new ArrayList<>(before == null ? List.of() : before.attempts());
        attempts.add(new Levels.Attempt(tried, encoded));
        List<String> commands = new ArrayList<>(before == null ? List.of() : before.commands());
        commands.add(run.command());
        return new Mastering(recipe, attempts, commands, recipe.next(facts, attempts), recipe.note(facts, encoded));
    }

    /** The levels that the last attempt had. */
    Levels last() {
        return attempts.get(attempts.size() - 1).levels();
    }

    boolean done() {
        return next.isEmpty();
    }

    Command command(Facts facts) {
        return recipe.command(facts, next.orElseThrow());
    }
}
