package org.localav.orchestrator.plan;

import java.time.Duration;
import java.util.Optional;
import org.localav.orchestrator.ffmpeg.Source;

/** An item of a mix with everything left out that a test doesn't speak of; times in ms. */
final class ItemDraft {
    private final Source source;
    private Optional<Duration> start = Optional.empty();
    private Duration gap = Duration.ZERO;
    private Duration in = Duration.ZERO;
    private Optional<Duration> out = Optional.empty();
    private boolean loop;
    private double gain;
    private Duration fadeIn = Duration.ZERO;
    private Duration fadeOut = Duration.ZERO;
    private Optional<MixRecipe.Duck> duck = Optional.empty();

    ItemDraft(Source source) {
        this.source = source;
    }

    ItemDraft start(int millis) {
        start = Optional.of(Duration.ofMillis(millis));
        return this;
    }

    ItemDraft gap(int millis) {
        gap = Duration.ofMillis(millis);
        return this;
    }

    ItemDraft in(int millis) {
        in = Duration.ofMillis(millis);
        return this;
    }

    ItemDraft out(int millis) {
        out = Optional.of(Duration.ofMillis(millis));
        return this;
    }

    ItemDraft loop() {
        loop = true;
        return this;
    }

    ItemDraft gain(double db) {
        gain = db;
        return this;
    }

    ItemDraft fadeIn(int millis) {
        fadeIn = Duration.ofMillis(millis);
        return this;
    }

    ItemDraft fadeOut(int millis) {
        fadeOut = Duration.ofMillis(millis);
        return this;
    }

    ItemDraft duck(int track, double amountDb, int attack, int release) {
        duck = Optional.of(new MixRecipe.Duck(track, amountDb, Duration.ofMillis(attack), Duration.ofMillis(release)));
        return this;
    }

    MixRecipe.Item get() {
        return new MixRecipe.Item(
                "audio.tracks.test[0]", source, start, gap, in, out, loop, gain, fadeIn, fadeOut, duck);
    }
}
