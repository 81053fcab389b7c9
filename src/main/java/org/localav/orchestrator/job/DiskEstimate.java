package org.localav.orchestrator.job;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.localav.orchestrator.cache.History;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.plan.Encoding;
import org.localav.orchestrator.plan.Facts;
import org.localav.orchestrator.plan.MasterRecipe;
import org.localav.orchestrator.plan.MixRecipe;
import org.localav.orchestrator.plan.MontageRecipe;
import org.localav.orchestrator.plan.Recipe;
import org.localav.orchestrator.plan.SegmentRecipe;
import org.localav.orchestrator.plan.SpeechRecipe;
import org.localav.orchestrator.plan.Step;

/**
 * How large results will be, in bytes: what is only copied as large as what it is copied from, the rest by what such work
 * has become here before, or else by its bit rate or a rule of thumb.
 */
final class DiskEstimate {
    /** 48 kHz, two channels of 32-bit float, as the mix is kept. */
    private static final double RAW_SOUND = 48_000 * 2 * 4;

    /** 24 kHz, 16 bits: what most providers send. */
    private static final double SPEECH = 48_000;

    private static final double ENCODED_SOUND = 192_000 / 8.0;

    private final Prepared prepared;
    private final StepStore store;
    private final History history;
    private final Facts facts;
    private final Map<String, Long> sizes = new HashMap<>();

    DiskEstimate(Prepared prepared, StepStore store, History history) {
        this.prepared = prepared;
        this.store = store;
        this.history = history;
        this.facts = prepared.facts(store);
    }

    /** Of all that would be made. */
    long results() {
        return prepared.toRun().stream().mapToLong(this::bytes).sum();
    }

    private long bytes(Step step) {
        Long known = sizes.get(step.key());
        if (known == null) {
            known = store.find(step.key()).map(StepStore.Entry::bytes).orElseGet(() -> guess(step));
            sizes.put(step.key(), known);
        }
        return known;
    }

    private long guess(Step step) {
        Recipe recipe = step.recipe();
        double seconds = TimeEstimate.length(step, facts).toMillis() / 1000.0;
        if (encoded(recipe).isPresent() || recipe instanceof SpeechRecipe || isSound(recipe)) {
            OptionalDouble before = history.bytesPerSecond(kind(recipe));
            return Math.round(seconds * before.orElseGet(() -> bytesPerSecond(recipe)));
        }
        return recipe.sources().stream()
                .mapToLong(source -> copied(source, seconds))
                .sum();
    }

    /** A segment like those the recipe encodes; empty when it encodes no pictures. */
    private static Optional<SegmentRecipe> encoded(Recipe recipe) {
        if (recipe instanceof MontageRecipe montage) {
            return Optional.of(montage.segments().get(0));
        }
        return recipe instanceof SegmentRecipe segment ? Optional.of(segment) : Optional.empty();
    }

    private static boolean isSound(Recipe recipe) {
        return recipe instanceof MixRecipe || recipe instanceof MasterRecipe;
    }

    /** What copying so many seconds of a source takes. */
    private long copied(Source source, double seconds) {
        if (source instanceof Source.StepResult result) {
            return prepared.plan().step(result.key()).map(this::bytes).orElse(0L);
        }
        Prepared.Asset asset = prepared.asset((Source.AssetFile) source);
        Duration whole = asset.info().duration();
        return whole.isZero() ? 0 : Math.round(asset.bytes() * Math.min(1, 1000 * seconds / whole.toMillis()));
    }

    /** Names work whose results are equally large for each second. */
    static String kind(Recipe recipe) {
        Optional<SegmentRecipe> encoded = encoded(recipe);
        if (encoded.isPresent()) {
            SegmentRecipe segment = encoded.get();
            return "segment " + segment.frame().size() + " " + segment.frame().fps() + " "
                    + segment.encoding().options();
        }
        if (recipe instanceof SpeechRecipe speech) {
            return "speech " + speech.provider();
        }
        return recipe.kind() + " " + options(recipe);
    }

    private static Map<String, String> options(Recipe recipe) {
        if (recipe instanceof MasterRecipe master) {
            return master.options();
        }
        return recipe instanceof MixRecipe mix ? mix.encoding().orElse(Map.of()) : Map.of();
    }

    private static double bytesPerSecond(Recipe recipe) {
        if (recipe instanceof SpeechRecipe) {
            return SPEECH;
        }
        Optional<SegmentRecipe> encoded = encoded(recipe);
        if (encoded.isPresent()) {
            return rate(encoded.get().encoding().options(), "b:v").orElseGet(() -> picture(encoded.get()));
        }
        Map<String, String> options = options(recipe);
        String codec = options.getOrDefault("c:a", "pcm_f32le");
        return codec.startsWith("pcm_") ? RAW_SOUND : rate(options, "b:a").orElse(ENCODED_SOUND);
    }

    /** An eighth of a bit for each pixel of an ordinary film, three bits of one for cutting. */
    private static double picture(SegmentRecipe segment) {
        Encoding encoding = segment.encoding();
        double pixels =
                (double) segment.frame().size().width() * segment.frame().size().height();
        double bits =
                switch (encoding.codec()) {
                    case "h264", "hevc", "vp9", "vp8", "av1", "mpeg4" -> 0.125;
                    default -> 3;
                };
        return pixels * segment.frame().fps().toDouble() * bits / 8;
    }

    /** An option such as {@code 160k} in bytes a second. */
    private static Optional<Double> rate(Map<String, String> options, String name) {
        String text = options.getOrDefault(name, "");
        if (!text.matches("\\d+(\\.\\d+)?[kM]?")) {
            return Optional.empty();
        }
        double number = Double.parseDouble(text.replaceAll("[kM]", ""));
        return Optional.of((text.endsWith("k") ? 1e3 : text.endsWith("M") ? 1e6 : 1) * number / 8);
    }
}
