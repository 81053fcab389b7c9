package org.localav.orchestrator.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.Compatibility;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.preset.Preset;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.spec.JobSpec.ClipSound;
import org.localav.orchestrator.spec.JobSpec.Tts;
import org.localav.orchestrator.spec.Rational;

/** Turns a spec, the facts of its files and the presets into the steps that make it; a function of these values alone. */
public final class Planner {
    /** Makes nothing: settings under which any picture has a length. */
    private static final Preset TIMING = new Preset(
            "timing",
            "",
            "null",
            List.of(),
            Optional.of(new Preset.Picture(Optional.empty(), Optional.empty(), false, Map.of("c:v", "ffv1"))),
            Optional.empty(),
            Map.of());

    private final Input input;
    private final BiConsumer<String, String> wrong;
    private final BiConsumer<String, String> blocked;
    private final SoundPlan sounds;
    private final Plan.Builder plan = new Plan.Builder();
    private final Map<String, Step> sentences = new LinkedHashMap<>();
    private final Map<Preset.Picture, Optional<Picture>> pictures = new LinkedHashMap<>();
    private final Map<Rational, Optional<Step>> mixes = new LinkedHashMap<>();
    private int problems;

    /** A file of the spec with its facts. */
    public record Asset(Source.AssetFile source, MediaInfo info) {}

    /** How a picture is made, and the step that holds it whole. */
    private record Picture(PicturePlan plan, Step joined) {}

    /**
     * What a plan follows from.
     *
     * @param assets by alias
     * @param presets by name, those that the spec's outputs use
     * @param tool ffmpeg's build
     * @param encoders how many encoders run side by side
     * @param provider speaks where the spec names none
     * @param speaker what of a provider's settings shapes its answers
     */
    public record Input(
            JobSpec spec,
            Map<String, Asset> assets,
            Map<String, Preset> presets,
            String tool,
            int encoders,
            String provider,
            UnaryOperator<String> speaker,
            Keyframes keyframes) {}

    private Planner(Input input, BiConsumer<String, String> wrong, BiConsumer<String, String> blocked) {
        this.input = input;
        this.wrong = wrong;
        this.blocked = blocked;
        this.sounds = new SoundPlan(
                input.spec(),
                this::source,
                this::info,
                (track, index) -> sentences.get(track + "[" + index + "]").result(),
                this::tellWrong);
    }

    private void tellWrong(String path, String sentence) {
        problems++;
        wrong.accept(path, sentence);
    }

    private void tellBlocked(String path, String sentence) {
        problems++;
        blocked.accept(path, sentence);
    }

    /**
     * Plans. The plan is of no use when anything was told to {@code wrong} or {@code blocked}.
     *
     * @param wrong told (spec path, sentence) what the spec's writer must mend
     * @param blocked told the same of clips that don't fit together as they are
     */
    public static Plan plan(Input input, BiConsumer<String, String> wrong, BiConsumer<String, String> blocked) {
        return new Planner(input, wrong, blocked).plan();
    }

    private Plan plan() {
        speak();
        checkClips();
        checkCompatibility();
        List<JobSpec.Output> outputs = input.spec().outputs();
        for (int i = 0; i < outputs.size(); i++) {
            Preset preset = input.presets().get(outputs.get(i).preset());
            Optional<Picture> picture = picture("outputs[" + i + "].preset", preset);
            Optional<Step> sound = preset.audio().isPresent() ? sound(preset, picture) : Optional.empty();
            boolean silent = picture.isEmpty() && sound.isEmpty();
            if (silent && problems == 0) {
                tellWrong("outputs[" + i + "].preset", nothingToHold(preset));
            } else if (problems == 0) {
                mux(outputs.get(i), preset, picture, sound);
            }
        }
        return plan.build();
    }

    private String nothingToHold(Preset preset) {
        return "preset '" + preset.name() + "' makes "
                + (preset.video().isPresent()
                        ? "pictures, but the spec has no video"
                        : "sound, but nothing in the spec sounds");
    }

    /** Mistakes in the clips are told beside what else is wrong, and before it is asked whether they fit together. */
    private void checkClips() {
        List<PictureProblem> found = new ArrayList<>();
        input.spec().video().ifPresent(video -> PicturePlan.settle(video, this::source, this::info, found));
        found.forEach(this::tellPicture);
    }

    private Source.AssetFile source(String alias) {
        return input.assets().get(alias).source();
    }

    private MediaInfo info(Source.AssetFile asset) {
        return input.assets().get(asset.alias()).info();
    }

    /** Clips of a spec that asks for no change must fit together as they are. */
    private void checkCompatibility() {
        Optional<JobSpec.Video> video = input.spec().video().filter(JobSpec.Video::asIs);
        if (video.isEmpty()) {
            return;
        }
        List<Compatibility.Clip> clips = video.get().clips().stream()
                .map(c -> new Compatibility.Clip(
                        name(c.asset()), input.assets().get(c.asset()).info(), !(c.audio() instanceof ClipSound.Mute)))
                .toList();
        Compatibility.differences(clips).forEach(difference -> tellBlocked("video.clips", difference));
    }

    private String name(String alias) {
        return "'" + alias + "'"
                + input.spec()
                        .assets()
                        .get(alias)
                        .path()
                        .map(path -> " (" + path + ")")
                        .orElse("");
    }

    /** The picture of one output; outputs with equal settings share all steps. Empty: the output has none. */
    private Optional<Picture> picture(String path, Preset preset) {
        if (preset.video().isEmpty()) {
            return Optional.empty();
        }
        if (input.spec().video().isEmpty()) {
            if (preset.audio().isPresent()) {
                tellWrong(path, nothingToHold(preset) + "; for sound alone choose a preset such as podcast or mp3");
            }
            return Optional.empty();
        }
        return pictures.computeIfAbsent(preset.video().get(), settings -> pictureSteps(preset));
    }

    private Optional<Picture> pictureSteps(Preset preset) {
        if (problems > 0) {
            // What was told already would be told again for every output.
            return Optional.empty();
        }
        try {
            PicturePlan picture = picturePlan(preset);
            List<Step> parts = new ArrayList<>();
            for (Recipe.Ffmpeg recipe : picture.parts()) {
                String id = "video_concat/" + preset.name() + "-" + (parts.size() + 1);
                parts.add(plan.add(step(id, Stage.VIDEO_CONCAT, recipe, List.of())));
            }
            List<Source.StepResult> results = parts.stream().map(Step::result).toList();
            List<String> keys = parts.stream().map(Step::key).distinct().toList();
            Step joined = picture.join(results)
                    .map(join -> plan.add(step("video_concat/" + preset.name(), Stage.VIDEO_CONCAT, join, keys)))
                    .orElseGet(() -> parts.get(0));
            return Optional.of(new Picture(picture, joined));
        } catch (ImpossiblePictureException e) {
            e.problems().forEach(this::tellPicture);
            return Optional.empty();
        }
    }

    private PicturePlan picturePlan(Preset preset) throws ImpossiblePictureException {
        return PicturePlan.of(
                input.spec().video().orElseThrow(),
                this::source,
                this::info,
                preset,
                input.keyframes(),
                input.encoders());
    }

    private void tellPicture(PictureProblem problem) {
        if (problem instanceof PictureProblem.Mistake) {
            tellWrong(problem.path(), problem.sentence());
        } else {
            tellBlocked(problem.path(), problem.sentence());
        }
    }

    /** The finished sound of one output; empty when there is nothing to hear. */
    private Optional<Step> sound(Preset preset, Optional<Picture> picture) {
        Optional<PicturePlan> timeline = picture.map(Picture::plan).or(this::anyTimeline);
        if (input.spec().video().isPresent() && timeline.isEmpty()) {
            return Optional.empty();
        }
        Rational clock = timeline.map(PicturePlan::fps).orElse(Rational.ONE);
        Optional<Map<String, String>> only = onlyEncoding();
        Optional<Step> mix = mixes.computeIfAbsent(clock, fps -> timeline.map(sounds::mix)
                .orElseGet(sounds::mix)
                .map(recipe -> only.map(recipe::encoded).orElse(recipe))
                .map(recipe -> plan.add(step("audio_mix/mix", Stage.AUDIO_MIX, recipe, speechOf(recipe)))));
        return only.isPresent()
                ? mix
                : mix.flatMap(m -> Optional.ofNullable(
                                sounds.masters(m.result(), List.of(preset)).get(preset.name()))
                        .map(master -> plan.add(
                                step("audio_mix/" + preset.name(), Stage.AUDIO_MIX, master, List.of(m.key())))));
    }

    /** How all outputs want their sound, if they agree and no loudness has to be met: then mixing and encoding are one run. */
    private Optional<Map<String, String>> onlyEncoding() {
        List<Preset.Sound> wanted = input.presets().values().stream()
                .flatMap(preset -> preset.audio().stream())
                .distinct()
                .toList();
        boolean levelled = input.spec().audio().flatMap(JobSpec.Audio::loudness).isPresent();
        return levelled || wanted.size() != 1 || "copy".equals(wanted.get(0).encoder())
                ? Optional.empty()
                : Optional.of(wanted.get(0).options());
    }

    /** For an output without a picture in a spec that has one: the sound is as long as the picture would be. */
    private Optional<PicturePlan> anyTimeline() {
        if (input.spec().video().isEmpty() || problems > 0) {
            return Optional.empty();
        }
        Optional<PicturePlan> other = pictures.values().stream()
                .flatMap(Optional::stream)
                .map(Picture::plan)
                .findFirst();
        if (other.isPresent()) {
            return other;
        }
        // No output shows the picture: it is planned, but not made, to know how long it would be.
        try {
            return Optional.of(picturePlan(TIMING));
        } catch (ImpossiblePictureException e) {
            e.problems().forEach(this::tellPicture);
            return Optional.empty();
        }
    }

    private static List<String> speechOf(MixRecipe mix) {
        return mix.sources().stream()
                .filter(s -> s instanceof Source.StepResult)
                .map(s -> ((Source.StepResult) s).key())
                .toList();
    }

    private void mux(JobSpec.Output output, Preset preset, Optional<Picture> picture, Optional<Step> sound) {
        MuxRecipe recipe = new MuxRecipe(
                picture.map(p -> p.joined().result()),
                sound.map(Step::result),
                new MuxRecipe.Codecs(
                        picture.map(p -> p.plan().codec()), sound.flatMap(s -> preset.expectedAudioCodec())),
                preset.format(),
                preset.muxer(),
                extension(output.path()),
                input.spec().job().title(),
                output.keepMetadata() ? firstAsset() : Optional.empty());
        List<String> needs = new ArrayList<>();
        picture.ifPresent(p -> needs.add(p.joined().key()));
        sound.ifPresent(s -> needs.add(s.key()));
        Step step = plan.add(step("mux/" + Path.of(output.path()).getFileName(), Stage.MUX, recipe, needs));
        plan.output(new Plan.PlannedOutput(output.path(), preset, step.key()));
    }

    private static String extension(String path) {
        return path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    /** Whose metadata an output keeps: the first clip's, or else the first sound's. */
    private Optional<Source.AssetFile> firstAsset() {
        return input.spec().video().stream()
                .flatMap(v -> v.clips().stream().map(JobSpec.Clip::asset))
                .findFirst()
                .or(() -> input.spec().audio().stream()
                        .flatMap(a -> a.tracks().values().stream())
                        .flatMap(List::stream)
                        .flatMap(item -> item.asset().stream())
                        .findFirst())
                .map(alias -> input.assets().get(alias).source());
    }

    /** A step for every sentence; equal ones share it. */
    private void speak() {
        input.spec().audio().ifPresent(audio -> audio.tracks().forEach((track, items) -> {
            for (int i = 0; i < items.size(); i++) {
                int index = i;
                items.get(i).tts().ifPresent(tts -> {
                    Step step = step("tts/" + track + "-" + (index + 1), Stage.TTS, recipe(tts), List.of());
                    sentences.put(track + "[" + index + "]", plan.add(step));
                });
            }
        }));
    }

    private SpeechRecipe recipe(Tts tts) {
        return new SpeechRecipe(
                tts.provider().orElse(input.provider()), tts.voice(), tts.language(), tts.speed(), tts.text(), "wav");
    }

    private Step step(String id, Stage stage, Recipe recipe, List<String> needs) {
        // What a provider says belongs to the request and its settings; everything else to the ffmpeg that makes it.
        String tool = recipe instanceof SpeechRecipe speech ? input.speaker().apply(speech.provider()) : input.tool();
        return new Step(id, stage, Keys.of(recipe, tool), recipe, needs);
    }
}
