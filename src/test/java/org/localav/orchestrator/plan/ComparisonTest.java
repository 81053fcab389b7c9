package org.localav.orchestrator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.preset.Preset;
import org.localav.orchestrator.preset.Presets;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;
import org.localav.orchestrator.spec.SpecReader;

/** One edit each, and what is said of the steps it has run again. */
class ComparisonTest {
    private static final String SPEC =
            """
            version: 1
            job: {title: Tour}
            assets: {intro: intro.mp4, talk: talk.mp4, photo: team.jpg, music: bed.mp3}
            audio:
              tracks:
                narration:
                  - {tts: {text: One., voice: en-us}, start: 1s}
                  - {tts: {text: Two., voice: en-us}}
                  - {tts: {text: Three., voice: en-us}}
                bed:
                  - {asset: music, loop: true, gain: -12dB, duck: {by: narration}}
              loudness: {integrated: -16}
            video:
              clips:
                - {asset: intro, out: 4s, audio: mute}
                - {asset: talk, in: 1s, out: 3s, audio: mute}
                - {asset: photo, length: 2s}
              size: 640x360
              fps: 25
              fit: contain
            outputs: [{path: out/tour.mp4, preset: web-720p}]
            """;

    private static final String JOINED = "mux/tour.mp4: needs video_concat/web-720p";
    private static final String LEVELLED = "audio_mix/web-720p: needs audio_mix/mix";
    private static final String SOUNDED = "mux/tour.mp4: needs audio_mix/web-720p";

    /** What shapes a plan beside the spec. */
    private record World(
            Map<String, String> contents, String build, Map<String, String> speech, UnaryOperator<Preset> presets) {
        static final World USUAL = new World(Map.of(), "b1", Map.of("tts.local.voice", "en-us"), preset -> preset);
    }

    @Test
    void saysNewOfAllThatWasNotThereBefore() throws Exception {
        assertEquals(
                List.of("tts/narration-3: new", "audio_mix/mix: audio.tracks.narration[2] added", LEVELLED, SOUNDED),
                edited(
                        "      - {tts: {text: Two., voice: en-us}}\n",
                        "      - {tts: {text: Two., voice: en-us}}\n      - {tts: {text: Then., voice: en-us}}\n"));
    }

    @Test
    void saysWhichWordsOfASentenceChanged() throws Exception {
        List<String> rest = List.of("audio_mix/mix: needs tts/narration-2", LEVELLED, SOUNDED);

        assertEquals(and("tts/narration-2: text changed", rest), edited("Two.", "Two!"));
        assertEquals(
                and("tts/narration-2: voice changed: en-us -> en-gb", rest),
                edited("Two., voice: en-us", "Two., voice: en-gb"));
        assertEquals(
                and("tts/narration-2: speed changed: 1.0 -> 1.2", rest),
                edited("Two., voice: en-us", "Two., voice: en-us, speed: 1.2"));
        assertEquals(and("tts/narration-2: voice removed", rest), edited("Two., voice: en-us", "Two."));
    }

    @Test
    void callsNoMovedSentenceChanged() throws Exception {
        assertEquals(
                List.of("audio_mix/mix: audio.tracks.narration[1] moved", LEVELLED, SOUNDED),
                edited(
                        "      - {tts: {text: Two., voice: en-us}}\n      - {tts: {text: Three., voice: en-us}}\n",
                        "      - {tts: {text: Three., voice: en-us}}\n      - {tts: {text: Two., voice: en-us}}\n"));
        assertEquals(
                List.of("audio_mix/mix: audio.tracks.narration[1] removed", LEVELLED, SOUNDED),
                edited("      - {tts: {text: Two., voice: en-us}}\n", ""));
    }

    @Test
    void saysWhatOfASoundChanged() throws Exception {
        assertEquals(
                List.of("audio_mix/mix: audio.tracks.bed[0].gain changed: -12dB -> -9.5dB", LEVELLED, SOUNDED),
                edited("-12dB", "-9.5dB"));
        assertEquals(
                List.of("audio_mix/mix: audio.tracks.narration[0].start changed: 1s -> 1.25s", LEVELLED, SOUNDED),
                edited("start: 1s", "start: 1.25s"));
        assertEquals(
                List.of("audio_mix/web-720p: loudness.integrated changed: -16 -> -14", SOUNDED),
                edited("integrated: -16", "integrated: -14"));
    }

    @Test
    void saysWhatOfAClipChanged() throws Exception {
        assertEquals(
                List.of(
                        "video_concat/web-720p-2: in changed: 1s -> 0.5s; length changed: 50 frames -> 63 frames",
                        "audio_mix/mix: video.clips[1] length changed: 50 frames -> 63 frames",
                        LEVELLED,
                        "video_concat/web-720p: needs video_concat/web-720p-2",
                        JOINED + " and 1 more"),
                sorted(edited("in: 1s", "in: 500ms")));
        assertEquals(
                List.of("video_concat/web-720p: clips in another order", JOINED),
                edited(
                        "    - {asset: talk, in: 1s, out: 3s, audio: mute}\n    - {asset: photo, length: 2s}\n",
                        "    - {asset: photo, length: 2s}\n    - {asset: talk, in: 1s, out: 3s, audio: mute}\n"));
    }

    @Test
    void saysWhichClipWasPutInAnothersPlace() throws Exception {
        assertEquals(
                List.of(
                        "video_concat/web-720p-1: asset changed: intro -> talk",
                        "video_concat/web-720p: needs video_concat/web-720p-1",
                        JOINED),
                edited("{asset: intro, out: 4s", "{asset: talk, out: 4s"));
    }

    @Test
    void saysWhatOfTheFrameChanged() throws Exception {
        List<String> said = edited("size: 640x360", "size: 320x180");

        assertEquals("video_concat/web-720p-1: size changed: 640x360 -> 320x180", said.get(0));
        assertEquals("video_concat/web-720p: needs video_concat/web-720p-1 and 2 more", said.get(3));
    }

    @Test
    void saysWhichInputChanged() throws Exception {
        World other = new World(Map.of("intro", "other"), "b1", World.USUAL.speech(), preset -> preset);

        List<String> said = said(SPEC, World.USUAL, SPEC, other);

        String sha256 = Keys.sha256("other").substring(0, 8);
        assertEquals(
                List.of(
                        "video_concat/web-720p-1: input changed: intro.mp4 (sha256 " + sha256 + "…)",
                        "video_concat/web-720p: needs video_concat/web-720p-1",
                        JOINED),
                said);
    }

    @Test
    void saysWhatOfAPresetChanged() throws Exception {
        World other = new World(Map.of(), "b1", World.USUAL.speech(), preset -> {
            Map<String, String> options =
                    new LinkedHashMap<>(preset.video().orElseThrow().options());
            options.put("crf", "20");
            options.put("tune", "film");
            return new Preset(
                    preset.name(),
                    "",
                    preset.format(),
                    preset.extensions(),
                    preset.video().map(v -> new Preset.Picture(v.size(), v.fps(), v.copy(), options)),
                    preset.audio(),
                    preset.muxer());
        });

        assertEquals(
                "video_concat/web-720p-1: preset changed: crf 23 -> 20; preset changed: tune added: film",
                said(SPEC, World.USUAL, SPEC, other).get(0));
    }

    @Test
    void saysWhichProgramOrProviderChanged() throws Exception {
        World newer = new World(Map.of(), "b2", World.USUAL.speech(), preset -> preset);
        World spoken = new World(Map.of(), "b1", Map.of("tts.local.voice", "en-gb"), preset -> preset);

        List<String> built = said(SPEC, World.USUAL, SPEC, newer);
        List<String> voiced = said(SPEC, World.USUAL, SPEC, spoken);

        assertEquals("audio_mix/mix: ffmpeg changed: 5.1.8 -> 5.1.9", built.get(0));
        assertEquals("mux/tour.mp4: ffmpeg changed: 5.1.8 -> 5.1.9", built.get(built.size() - 1));
        assertEquals("tts/narration-1: tts.local.voice changed: en-us -> en-gb", voiced.get(0));
    }

    @Test
    void saysWhatOfAnOutputChanged() throws Exception {
        assertEquals(List.of("mux/tour.mp4: title changed: Tour -> Walk"), edited("title: Tour", "title: Walk"));
        assertEquals(
                List.of("mux/tour.mp4: metadata changed: none -> intro"),
                edited("preset: web-720p}", "preset: web-720p, metadata: keep}"));
    }

    @Test
    void saysWhatWasMadeAndIsGone() throws Exception {
        Basis basis = basis(SPEC, World.USUAL);
        Comparison same = new Comparison(basis, basis);

        List<String> reasons = basis.steps().stream()
                .map(step -> same.reason(step.key(), key -> true))
                .distinct()
                .toList();

        assertEquals(
                List.of(
                        "made before but no longer in the step store",
                        "made before, but the output is not there any more"),
                reasons);
    }

    @Test
    void namesTheFilesOfStagesAfterMuxThatChanged() throws Exception {
        Basis was = handled(basis(SPEC, World.USUAL), Map.of("after-mux-a.camel.yaml", "1", "after-mux-b.png", "1"));
        Basis same = handled(was, Map.of("after-mux-a.camel.yaml", "2", "after-mux-c.camel.yaml", "1"));
        Basis other = handled(
                basis(SPEC.replace("title: Tour", "title: Walk"), World.USUAL), Map.of("after-mux-a.camel.yaml", "1"));

        assertEquals(
                Set.of(
                        "stage changed: after-mux-a.camel.yaml",
                        "stage added: after-mux-c.camel.yaml",
                        "stage removed: after-mux-b.png"),
                Set.of(mux(was, same).split("; ")));
        assertEquals("stage removed: after-mux-b.png; title changed: Tour -> Walk", mux(was, other));
    }

    @Test
    void saysThatAnotherVersionOfTheProgramMakesItOtherwise() throws Exception {
        Basis now = basis(SPEC, World.USUAL);
        Basis older = new Basis(
                now.assets(),
                now.tools(),
                now.settings(),
                now.tracks(),
                now.afterMux(),
                now.steps().stream()
                        .map(step -> new Basis.KeyedStep(
                                step.step(),
                                step.stage(),
                                step.kind(),
                                step.revision() - 1,
                                "older " + step.key(),
                                step.tool(),
                                step.recipe()))
                        .toList());

        Basis.KeyedStep sentence = now.steps().get(0);

        assertEquals(
                "this version of the program makes it otherwise",
                new Comparison(older, now).reason(sentence.key(), key -> false));
    }

    private static Basis handled(Basis basis, Map<String, String> afterMux) {
        return new Basis(basis.assets(), basis.tools(), basis.settings(), basis.tracks(), afterMux, basis.steps());
    }

    private static String mux(Basis was, Basis is) {
        return is.steps().stream()
                .filter(step -> step.kind().equals("mux"))
                .map(step -> new Comparison(was, is).reason(step.key(), key -> false))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> and(String first, List<String> rest) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(rest);
        return all;
    }

    /** Pictures before sound here: a clip's length changes both. */
    private static List<String> sorted(List<String> said) {
        return said.stream()
                .sorted(java.util.Comparator.comparing(line -> !line.contains("-2: in")))
                .toList();
    }

    private static List<String> edited(String old, String text) throws Exception {
        assertEquals(2, SPEC.split(java.util.regex.Pattern.quote(old), -1).length, "edits one place");
        return said(SPEC, World.USUAL, SPEC.replace(old, text), World.USUAL);
    }

    private static List<String> said(String before, World then, String after, World now) throws Exception {
        Basis was = basis(before, then);
        Basis is = basis(after, now);
        Set<String> made = was.steps().stream().map(Basis.KeyedStep::key).collect(Collectors.toSet());
        Comparison comparison = new Comparison(was, is);
        return is.steps().stream()
                .filter(step -> !made.contains(step.key()))
                .map(step -> step.step() + ": " + comparison.reason(step.key(), key -> !made.contains(key)))
                .toList();
    }

    private static Basis basis(String text, World world) throws Exception {
        JobSpec spec = SpecReader.read("job.yaml", text, false).spec();
        Map<String, Planner.Asset> assets = new LinkedHashMap<>();
        Map<String, Basis.Asset> named = new LinkedHashMap<>();
        spec.assets().forEach((alias, asset) -> {
            String sha256 = Keys.sha256(world.contents().getOrDefault(alias, alias));
            assets.put(alias, new Planner.Asset(new Source.AssetFile(sha256, alias), info(alias)));
            named.put(alias, new Basis.Asset(asset.path().orElseThrow(), sha256));
        });
        Preset preset = world.presets().apply(Presets.load(Path.of("presets")).get("web-720p"));
        Plan plan = Planner.plan(
                new Planner.Input(
                        spec,
                        assets,
                        Map.of("web-720p", preset),
                        world.build(),
                        1,
                        "local",
                        provider -> world.speech().toString(),
                        source -> List.of()),
                (path, sentence) -> {
                    throw new AssertionError(path + ": " + sentence);
                },
                (path, sentence) -> {
                    throw new AssertionError(path + ": " + sentence);
                });
        return new Basis(
                named,
                Map.of("b1", "5.1.8", "b2", "5.1.9"),
                world.speech(),
                List.copyOf(spec.audio().orElseThrow().tracks().keySet()),
                Map.of(),
                plan.steps().stream()
                        .map(step -> Basis.KeyedStep.of(
                                step,
                                step.recipe() instanceof SpeechRecipe
                                        ? world.speech().toString()
                                        : world.build()))
                        .toList());
    }

    static MediaInfo info(String alias) {
        boolean still = alias.equals("photo");
        if (alias.equals("music")) {
            MediaInfo.AudioStream sound = new MediaInfo.AudioStream(
                    0, "mp3", "", 48000, 2, "stereo", Duration.ofSeconds(5), Duration.ZERO, "");
            return new MediaInfo("mp3", Optional.empty(), Optional.of(sound), List.of());
        }
        MediaInfo.VideoStream picture = new MediaInfo.VideoStream(
                0,
                "h264",
                "High",
                Size.parse("640x360"),
                0,
                false,
                Rational.ONE,
                "yuv420p",
                "tv",
                "bt709",
                "bt709",
                "bt709",
                "progressive",
                false,
                still,
                false,
                Rational.parse("25"),
                new Rational(1, 12800),
                Duration.ofSeconds(8),
                Duration.ZERO,
                "",
                false);
        return new MediaInfo("mov", Optional.of(picture), Optional.empty(), List.of());
    }
}
