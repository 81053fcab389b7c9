package org.localav.orchestrator.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Filter;
import org.localav.orchestrator.ffmpeg.FilterGraph;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.spec.JobSpec.Loudness;

/**
 * Brings a mix to its loudness target and encodes it into a file that is only copied from afterwards. One run is usually
 * enough, but only a measurement of the encoded result can tell: run {@link #command}, then {@link
 * LoudnessReport#measurement} on the result, and again as long as {@link #next} gives other levels.
 *
 * @param options the preset's sound settings, ffmpeg's names without the dash
 */
public record MasterRecipe(Source.StepResult mix, Optional<Loudness> target, Map<String, String> options)
        implements Recipe.Ffmpeg {
    /** How far ahead the limiter looks, and so how late its sound comes: 5 ms at the mix's rate. */
    private static final int LOOKAHEAD = Timeline.RATE / 200;

    /** True peaks lie between samples; at four times the rate they are samples (ITU-R BS.1770). */
    private static final int OVERSAMPLED = 4 * Timeline.RATE;

    public MasterRecipe {
        options = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    @Override
    public String kind() {
        return "master";
    }

    @Override
    public Map<String, Object> canonical() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("mix", mix.id());
        tree.put("options", options);
        target.ifPresent(t -> {
            tree.put("integrated", MixRecipe.decimal(t.integrated()));
            tree.put("true_peak", MixRecipe.decimal(t.truePeak()));
            t.range().ifPresent(r -> tree.put("range", MixRecipe.decimal(r)));
        });
        return tree;
    }

    @Override
    public List<Source> sources() {
        return List.of(mix);
    }

    @Override
    public String extension() {
        return codec().extension();
    }

    @Override
    public Expectation expectation(Facts facts) {
        return new Expectation(
                Optional.empty(),
                Optional.of(codec().name()),
                Optional.of(facts.measured(mix).duration()),
                Duration.ofMillis(100),
                Optional.empty());
    }

    @Override
    public Command command(Facts facts) {
        return command(facts, first(facts));
    }

    /** The levels to begin with. */
    public Levels first(Facts facts) {
        return levelling(facts).map(Levelling::first).orElse(Levels.UNTOUCHED);
    }

    /** The levels for another run after these attempts, or nothing if the last one stands. */
    public Optional<Levels> next(Facts facts, List<Levels.Attempt> attempts) {
        return levelling(facts).flatMap(l -> l.next(attempts));
    }

    /** What the encoded result misses of its target, as one sentence for the report; it is no failure. */
    public Optional<String> note(Facts facts, Measured.Loudness encoded) {
        return levelling(facts).flatMap(l -> l.note(encoded));
    }

    /** The command with given levels. */
    public Command command(Facts facts, Levels levels) {
        List<Filter> filters = new ArrayList<>();
        if (levels.ratio() > 1) {
            filters.add(compressor(facts, levels.ratio()));
        }
        if (levels.gainDb() != 0) {
            filters.add(Filter.of("volume", "volume", MixRecipe.decimal(levels.gainDb()) + "dB"));
        }
        levels.ceilingDb().ifPresent(c -> filters.addAll(limiter(c)));
        List<String> output = new ArrayList<>();
        Optional<FilterGraph> graph = Optional.empty();
        if (filters.isEmpty()) {
            output.addAll(List.of("-map", "0:a:0"));
        } else {
            graph = Optional.of(new FilterGraph.Builder()
                    .chain(List.of("0:a:0"), filters, "master")
                    .build());
            output.addAll(List.of("-map", "[master]"));
        }
        output.addAll(MixRecipe.encoding(options, extension()));
        return new Command(
                List.of(),
                List.of(new Command.Input(mix, List.of())),
                graph,
                List.of(new Command.Target(output, fileName())));
    }

    /** Slow enough to follow phrases and not syllables; it works on all that is louder than the quietest passages. */
    private Filter compressor(Facts facts, double ratio) {
        Measured.Loudness measured = facts.measured(mix).loudness().orElseThrow();
        // 2.3 dB: a stereo signal's loudness counts both sides, the compressor's detector their mean.
        double thresholdDb = Math.max(-60, measured.integrated() - measured.range() - 2.3);
        return Filter.of(
                "acompressor",
                "threshold",
                Ducking.number(Math.pow(10, thresholdDb / 20)),
                "ratio",
                MixRecipe.decimal(ratio),
                "attack",
                400,
                "release",
                1000,
                "knee",
                1);
    }

    private static List<Filter> limiter(double ceilingDb) {
        return List.of(
                Filter.of("apad", "pad_len", LOOKAHEAD),
                Filter.of("aresample", "osr", OVERSAMPLED),
                Filter.of(
                        "alimiter",
                        "limit",
                        Ducking.number(Math.pow(10, ceilingDb / 20)),
                        "level",
                        "false",
                        "attack",
                        5,
                        "release",
                        50),
                Filter.of("aresample", "osr", Timeline.RATE),
                Filter.of("atrim", "start_sample", LOOKAHEAD),
                Filter.of("asetpts", "expr", "N"));
    }

    private Optional<Levelling> levelling(Facts facts) {
        return facts.measured(mix).loudness().map(l -> new Levelling(target, codec(), l));
    }

    private AudioCodec codec() {
        return AudioCodec.of(options.getOrDefault("c:a", "pcm_f32le"));
    }
}
