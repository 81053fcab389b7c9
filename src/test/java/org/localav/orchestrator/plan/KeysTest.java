package org.localav.orchestrator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.localav.orchestrator.ffmpeg.Dialect;
import org.localav.orchestrator.ffmpeg.Filter;
import org.localav.orchestrator.ffmpeg.FilterGraph;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.preset.Presets;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;
import org.localav.orchestrator.spec.SpecReader;

/** What a key is made of: all that determines a result, and nothing else. */
class KeysTest {
    private static final Source.AssetFile FILE = new Source.AssetFile("a".repeat(64), "intro");
    private static final Source.StepResult STEP = new Source.StepResult("b".repeat(64));
    private static final Map<String, String> OPTIONS =
            new TreeMap<>(Map.of("c:v", "libx264", "preset", "fast", "crf", "23"));

    private static final Encoding ENCODING = new Encoding(
            "h264",
            OPTIONS,
            2,
            List.of(new FilterGraph.Chain(
                    List.of("picture"), List.of(Filter.of("format", "pix_fmts", "rgb8")), List.of("v"))));

    private static final MixRecipe.Item ITEM = new MixRecipe.Item(
            "audio.tracks.bed[0]",
            FILE,
            Optional.empty(),
            Duration.ofMillis(400),
            Duration.ofSeconds(1),
            Optional.of(Duration.ofSeconds(9)),
            true,
            -12,
            Duration.ofSeconds(2),
            Duration.ofSeconds(3),
            Optional.of(new MixRecipe.Duck(1, 10, Duration.ofMillis(50), Duration.ofMillis(600))));

    /** One of each kind, with something in every place. */
    private static final List<Recipe> RECIPES = List.of(
            new SpeechRecipe("local", Optional.of("en-us"), Optional.of("en"), 1.0, "Welcome.", "wav"),
            new MixRecipe(
                    List.of(new MixRecipe.Track(List.of(ITEM)), new MixRecipe.Track(List.of(placed()))),
                    Optional.of(new MixRecipe.Picture(
                            Rational.parse("25"),
                            List.of(
                                    new MixRecipe.Clip(
                                            Span.of(50),
                                            Optional.of(new MixRecipe.Kept(FILE, Duration.ofSeconds(4), -3))),
                                    new MixRecipe.Clip(
                                            Span.untilEnd(75, FILE, Duration.ofSeconds(7)), Optional.empty())))),
                    Optional.of(new TreeMap<>(Map.of("c:a", "aac", "b:a", "128k")))),
            new MasterRecipe(
                    STEP,
                    Optional.of(new JobSpec.Loudness(-16, -1.5, Optional.of(11.0))),
                    new TreeMap<>(Map.of("c:a", "aac", "b:a", "96k"))),
            new SegmentRecipe(
                    FILE,
                    Duration.ofSeconds(2),
                    new Frame(Size.parse("640x360"), Rational.parse("25"), Optional.of(JobSpec.Fit.CONTAIN), "yuv420p"),
                    List.of(Filter.of("eq", "contrast", "1.05"), Filter.of("hue", "s", "0")),
                    100,
                    50,
                    300,
                    ENCODING),
            new CutRecipe(FILE, Duration.ofSeconds(2), 120, Duration.ofSeconds(4), "mp4"),
            new JoinRecipe(
                    List.of(STEP, FILE),
                    0,
                    "h264",
                    Optional.of(Rational.parse("25")),
                    "mp4",
                    Optional.of(200L),
                    Duration.ofSeconds(8)),
            new MuxRecipe(
                    Optional.of(STEP),
                    Optional.of(new Source.StepResult("c".repeat(64))),
                    new MuxRecipe.Codecs(Optional.of("h264"), Optional.of("aac")),
                    "mp4",
                    Map.of("movflags", "+faststart"),
                    "mp4",
                    Optional.of("Tour"),
                    Optional.of(FILE)));

    /** Names for people, and what follows from the rest of the recipe and its sources and is there for checks. */
    private static final Set<String> FREE = Set.of(
            "alias",
            "label",
            "gap",
            "SegmentRecipe.encoding.codec",
            "JoinRecipe.codec",
            "JoinRecipe.frames",
            "JoinRecipe.length",
            "CutRecipe.length",
            "MixRecipe.picture.clips.1.span.frames",
            "MuxRecipe.codecs.video",
            "MuxRecipe.codecs.audio",
            "MuxRecipe.extension");

    private static MixRecipe.Item placed() {
        return new MixRecipe.Item(
                "audio.tracks.narration[0]",
                STEP,
                Optional.of(Duration.ofSeconds(1)),
                Duration.ofMillis(400),
                Duration.ZERO,
                Optional.empty(),
                false,
                0,
                Duration.ZERO,
                Duration.ZERO,
                Optional.empty());
    }

    @Test
    void changeWithEveryFieldThatDeterminesTheResultAndWithNoOther() {
        Set<String> wrong = new TreeSet<>();
        int tried = 0;
        for (Recipe recipe : RECIPES) {
            String key = Keys.of(recipe, "tool");
            for (Variants.Variant variant : Variants.of(recipe)) {
                boolean changed = !Keys.of((Recipe) variant.value(), "tool").equals(key);
                tried++;
                if (changed == free(variant.path())) {
                    wrong.add(variant.path() + (changed ? " must not count" : " must count"));
                }
            }
        }
        assertEquals(Set.of(), wrong);
        assertTrue(tried > 120, "only " + tried + " changes were tried");
    }

    /** An item that has a start of its own stands nowhere after the one before it. */
    private static boolean free(String path) {
        if (path.endsWith(".gap")) {
            return path.startsWith("MixRecipe.tracks.1.");
        }
        return FREE.contains(path) || FREE.contains(path.substring(path.lastIndexOf('.') + 1));
    }

    @Test
    void differBetweenKindsAndBuildsOfTheTool() {
        Set<String> keys = new LinkedHashSet<>();
        for (Recipe recipe : RECIPES) {
            keys.add(Keys.of(recipe, "ffmpeg 5.1.8"));
            keys.add(Keys.of(recipe, "ffmpeg 5.1.9"));
        }
        assertEquals(2 * RECIPES.size(), keys.size());
    }

    /** Facts that are the same for ever. */
    private static final Facts FACTS = new Facts() {
        @Override
        public MediaInfo media(Source.AssetFile asset) {
            return ComparisonTest.info("intro");
        }

        @Override
        public Measured measured(Source.StepResult result) {
            return new Measured(
                    Duration.ofSeconds(8), Optional.of(new Measured.Loudness(-20, -3, 5)), Optional.of(200L));
        }
    };

    /** Who changes what a recipe's command makes must say so in its revision, or the store's results would be taken for it. */
    @Test
    void holdARevisionOfWhatIsMadeOfTheRecipe() throws Exception {
        StringBuilder made = new StringBuilder();
        for (Recipe recipe : RECIPES) {
            if (recipe instanceof Recipe.Ffmpeg ffmpeg) {
                made.append("# ")
                        .append(recipe.kind())
                        .append(" ")
                        .append(recipe.revision())
                        .append("\n");
                ffmpeg.command(FACTS)
                        .lines("ffmpeg", source -> Path.of("in"), Path.of("out"), Dialect.of(""))
                        .forEach(line -> made.append(line).append("\n"));
            }
        }
        Path known = Path.of("src/test/resources/org/localav/orchestrator/plan/commands.txt");

        assertEquals(
                Files.readString(known),
                made.toString(),
                "A recipe's command has changed: raise the recipe's revision(), unless the result is the same to the bit, and"
                        + " write the new text to " + known);
    }

    @Test
    void doNotDependOnTheOrderInWhichAMapWasFilled() {
        Map<String, String> forth = new LinkedHashMap<>();
        forth.put("c:a", "aac");
        forth.put("b:a", "96k");
        Map<String, String> back = new LinkedHashMap<>();
        back.put("b:a", "96k");
        back.put("c:a", "aac");

        assertEquals(
                Keys.of(new MasterRecipe(STEP, Optional.empty(), forth), "t"),
                Keys.of(new MasterRecipe(STEP, Optional.empty(), back), "t"));
    }

    private static final String SPEC =
            """
            version: 1
            job: {id: tour-1}
            assets: {intro: a/intro.mp4, photo: a/team.jpg, music: a/bed.mp3}
            audio:
              tracks:
                narration:
                  - {tts: {text: One., voice: en-us}, start: 1s}
                  - {tts: {text: Two., voice: en-us}}
                bed:
                  - {asset: music, loop: true, gain: -12dB, duck: {by: narration}}
            video:
              clips:
                - {asset: intro, out: 4s, audio: mute}
                - {asset: photo, length: 2s}
              size: 640x360
              fps: 25
              fit: contain
            outputs: [{path: out/tour.mp4, preset: web-720p}]
            """;

    @Test
    void stayWhenThingsAreRenamedOrMoved() throws Exception {
        Set<String> keys = keys(SPEC);

        assertEquals(keys, keys(SPEC.replace("tour-1", "tour-2")));
        assertEquals(keys, keys(SPEC.replace("out/tour.mp4", "elsewhere/film.mp4")));
        assertEquals(keys, keys(SPEC.replace("a/", "another/folder/")));
        assertEquals(keys, keys(SPEC.replace("intro:", "opening:").replace("asset: intro", "asset: opening")));
        assertEquals(keys, keys(SPEC.replace("narration", "voice-over")));
        assertEquals(keys, keys(SPEC.replace("bed:", "ambience:")));
        assertEquals(
                keys,
                keys(SPEC.replace(
                        "{intro: a/intro.mp4, photo: a/team.jpg, music: a/bed.mp3}",
                        "{music: a/bed.mp3, photo: a/team.jpg, intro: a/intro.mp4}")));
        assertNotEquals(keys, keys(SPEC.replace("Two.", "Two!")));
    }

    @Test
    void ofPartsStayWhenTheirOrderChanges() throws Exception {
        String first = "      - {tts: {text: One., voice: en-us}, start: 1s}\n";
        String second = "      - {tts: {text: Two., voice: en-us}}\n";
        String intro = "    - {asset: intro, out: 4s, audio: mute}\n";
        String photo = "    - {asset: photo, length: 2s}\n";

        Plan before = plan(SPEC);
        Plan moved = plan(SPEC.replace(first + second, second + first).replace(intro + photo, photo + intro));

        for (String kind : List.of("speech", "segment")) {
            assertEquals(ofKind(before, kind), ofKind(moved, kind), kind);
            assertEquals(2, ofKind(before, kind).size(), kind);
        }
        assertNotEquals(ofKind(before, "join"), ofKind(moved, "join"));
    }

    private static Set<String> ofKind(Plan plan, String kind) {
        return plan.steps().stream()
                .filter(s -> s.recipe().kind().equals(kind))
                .map(Step::key)
                .collect(Collectors.toSet());
    }

    private static Set<String> keys(String text) throws Exception {
        return plan(text).steps().stream().map(Step::key).collect(Collectors.toSet());
    }

    /** Planned with contents that go by the files' names, wherever they lie and whatever they are called in the spec. */
    private static Plan plan(String text) throws Exception {
        JobSpec spec = SpecReader.read("job.yaml", text, false).spec();
        Map<String, Planner.Asset> assets = new LinkedHashMap<>();
        spec.assets().forEach((alias, asset) -> {
            String name = Path.of(asset.path().orElseThrow()).getFileName().toString();
            String like = name.endsWith("jpg") ? "photo" : name.endsWith("mp3") ? "music" : "intro";
            assets.put(
                    alias,
                    new Planner.Asset(new Source.AssetFile(Keys.sha256(name), alias), ComparisonTest.info(like)));
        });
        return Planner.plan(
                new Planner.Input(
                        spec,
                        assets,
                        Map.of("web-720p", Presets.load(Path.of("presets")).get("web-720p")),
                        "build",
                        1,
                        "local",
                        provider -> "",
                        source -> List.of()),
                (path, sentence) -> {
                    throw new AssertionError(path + ": " + sentence);
                },
                (path, sentence) -> {
                    throw new AssertionError(path + ": " + sentence);
                });
    }
}
