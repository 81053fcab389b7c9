package org.localav.orchestrator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.preset.Preset;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.spec.JobSpec.AudioItem;
import org.localav.orchestrator.spec.JobSpec.ClipSound;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

class SoundPlanTest {
    private static final Rational FPS = new Rational(25, 1);

    private final List<String> problems = new ArrayList<>();
    private final Map<String, List<AudioItem>> tracks = new LinkedHashMap<>();
    private final List<JobSpec.Clip> clips = new ArrayList<>();

    @Test
    void aVideoWithoutKeptSoundHasNoSound() {
        clip("clip", new ClipSound.Mute());
        clip("silent", new ClipSound.Keep());

        assertEquals(Optional.empty(), plan().mix(spans(), FPS));
    }

    @Test
    void soundIsKeptFromTheClipsThatHaveSome() {
        clip("silent", new ClipSound.Keep());
        clip("clip", new ClipSound.Gain(-3));

        MixRecipe mix = plan().mix(spans(), FPS).orElseThrow();

        assertEquals(
                Optional.empty(), mix.picture().orElseThrow().clips().get(0).sound());
        assertEquals(
                -3,
                mix.picture().orElseThrow().clips().get(1).sound().orElseThrow().gainDb());
        assertEquals(List.of(asset("clip")), mix.sources());
    }

    @Test
    void aLengthThatFollowsFromAFileIsNoPartOfTheKey() {
        // Given a clip with no out point
        clip("clip", new ClipSound.Keep());

        // When its file is probed as 125 or as 126 frames long
        MixRecipe one = plan().mix(picture(125)).orElseThrow();
        MixRecipe other = plan().mix(picture(126)).orElseThrow();

        // Then the mix is the same step, of the length probed
        assertEquals(Keys.of(one, "t"), Keys.of(other, "t"));
        assertEquals(
                Optional.of(Duration.ofMillis(5040)),
                other.expectation(facts(Duration.ZERO)).duration());
    }

    private static PicturePlan picture(long frames) {
        return new PicturePlan(
                new Size(64, 64),
                FPS,
                List.of(new ClipSpan(asset("clip"), Duration.ZERO, 0, frames, FPS)),
                List.of(),
                false,
                List.of(),
                Optional.empty(),
                "h264",
                "mp4");
    }

    @Test
    void saysWhatIsWrongWithEveryItem() {
        tracks.put(
                "bed",
                List.of(
                        item("silent", 0, 1000, false, Optional.empty()),
                        item("music", 0, 11_000, false, Optional.empty()),
                        item("music", 12_000, 0, false, Optional.empty()),
                        item("music", 0, 0, true, Optional.of(duck("bed"))),
                        item("music", 0, 0, false, Optional.empty())));

        plan().mix();

        assertEquals(
                List.of(
                        "audio.tracks.bed[0].asset: asset 'silent' has no sound",
                        "audio.tracks.bed[1].out: 11s lies past the end of asset 'music', whose sound is 10s long",
                        "audio.tracks.bed[2].in: 12s lies past the end of asset 'music', whose sound is 10s long",
                        "audio.tracks.bed[3].duck.by: a track can't duck itself; name another one",
                        "audio.tracks.bed[4].start: can't be auto: the item before it loops until the piece ends; give a"
                                + " time, or put this item on a track of its own"),
                problems);
    }

    @Test
    void aPieceOfLoopsAloneWouldNeverEnd() {
        tracks.put("bed", List.of(item("music", 0, 0, true, Optional.empty())));

        plan().mix();

        assertEquals(
                List.of("audio.tracks: every item loops, so the piece would never end; set loop: false on one, or add a"
                        + " video"),
                problems);
    }

    @Test
    void renamingATrackChangesNoKey() {
        tracks.put("voice", List.of(item("music", 0, 2000, false, Optional.empty())));
        tracks.put("bed", List.of(item("music", 0, 0, true, Optional.of(duck("voice")))));
        String before = Keys.of(plan().mix().orElseThrow(), "t");
        tracks.clear();
        tracks.put("narration", List.of(item("music", 0, 2000, false, Optional.empty())));
        tracks.put("bed", List.of(item("music", 0, 0, true, Optional.of(duck("narration")))));
        String after = Keys.of(plan().mix().orElseThrow(), "t");
        tracks.put("bed", List.of(item("music", 0, 0, true, Optional.empty())));

        assertEquals(before, after);
        assertNotEquals(after, Keys.of(plan().mix().orElseThrow(), "t"));
    }

    @Test
    void speechPastThePicturesEndIsASentence() {
        // Given a sentence of 2 s at 4 s and a picture of 5 s
        clip("clip", new ClipSound.Mute());
        tracks.put(
                "voice",
                List.of(new AudioItem(
                        Optional.of(new JobSpec.Tts("Hello", Optional.empty(), Optional.empty(), 1, Optional.empty())),
                        Optional.empty(),
                        Optional.of(Duration.ofSeconds(4)),
                        Duration.ZERO,
                        Duration.ZERO,
                        Optional.empty(),
                        false,
                        0,
                        Duration.ZERO,
                        Duration.ZERO,
                        Optional.empty())));

        MixRecipe mix = plan().mix(spans(), FPS).orElseThrow();

        assertEquals(
                Optional.of(
                        "audio.tracks.voice[0] ends at 6.00 s, but the picture ends at 5.00 s: make the last clip at"
                                + " least 1.0 s longer, or let the speech start earlier"),
                mix.problem(facts(Duration.ofSeconds(2))));
        assertEquals(Optional.empty(), mix.problem(facts(Duration.ofMillis(1050))));
    }

    @Test
    void outputsWithEqualSoundSettingsShareAMaster() {
        tracks.put("bed", List.of(item("music", 0, 0, false, Optional.empty())));
        Source.StepResult mix = new Source.StepResult("m");

        Map<String, MasterRecipe> masters = plan().masters(
                        mix, List.of(preset("a", "aac"), preset("b", "aac"), preset("c", "flac"), preset("d", "copy")));

        assertSame(masters.get("a"), masters.get("b"));
        assertEquals("m4a", masters.get("a").extension());
        assertEquals("flac", masters.get("c").extension());
        assertEquals(1, problems.size());
        assertTrue(problems.get(0).startsWith("outputs[3].preset: 'd' copies sound"), problems::toString);
    }

    @Test
    void itemsThatDoNotOverlapShareALaneAndOthersDoNot() {
        tracks.put(
                "voice",
                List.of(
                        item("music", 0, 2000, false, Optional.empty()),
                        item("music", 0, 2000, false, Optional.empty()),
                        item("music", 0, 2000, false, Optional.empty())));
        tracks.put("more", List.of(item("music", 1000, 2000, false, Optional.empty())));

        String graph = plan().mix()
                .orElseThrow()
                .command(facts(Duration.ZERO))
                .graph()
                .orElseThrow()
                .toString();

        assertTrue(graph.contains("concat=n=3:v=0:a=1"), graph);
        assertTrue(graph.contains("amix=inputs=2:duration=longest:normalize=0"), graph);
    }

    @Test
    void readsASummaryOfSilence() {
        List<String> lines = List.of(
                "[Parsed_ebur128_0 @ 0x5] Summary:",
                "",
                "  Integrated loudness:",
                "    I:         -70.0 LUFS",
                "    Threshold:   0.0 LUFS",
                "",
                "  Loudness range:",
                "    LRA:         0.0 LU",
                "    Threshold:   0.0 LUFS",
                "    LRA low:     0.0 LUFS",
                "    LRA high:    0.0 LUFS",
                "",
                "  True peak:",
                "    Peak:       -inf dBFS");

        assertEquals(Optional.of(new Measured.Loudness(-70, -120, 0)), LoudnessReport.parse(lines, true));
        assertEquals(Optional.empty(), LoudnessReport.parse(lines.subList(0, 12), true));
    }

    private SoundPlan plan() {
        JobSpec spec = new JobSpec(
                1,
                JobSpec.Job.DEFAULT,
                Map.of(),
                Optional.of(new JobSpec.Audio(tracks, Optional.empty())),
                Optional.of(new JobSpec.Video(clips, Optional.empty(), Optional.empty(), Optional.empty(), List.of())),
                List.of());
        return new SoundPlan(
                spec,
                SoundPlanTest::asset,
                SoundPlanTest::info,
                (track, index) -> new Source.StepResult("speech" + index),
                (path, message) -> problems.add(path + ": " + message));
    }

    private void clip(String asset, ClipSound sound) {
        clips.add(new JobSpec.Clip(asset, Duration.ZERO, Optional.empty(), Optional.empty(), sound));
    }

    private List<Span> spans() {
        return clips.stream().map(c -> Span.of(125)).toList();
    }

    private static AudioItem item(String asset, int in, int out, boolean loop, Optional<JobSpec.Duck> duck) {
        return new AudioItem(
                Optional.empty(),
                Optional.of(asset),
                Optional.empty(),
                Duration.ZERO,
                Duration.ofMillis(in),
                out == 0 ? Optional.empty() : Optional.of(Duration.ofMillis(out)),
                loop,
                0,
                Duration.ZERO,
                Duration.ZERO,
                duck);
    }

    private static JobSpec.Duck duck(String by) {
        return new JobSpec.Duck(by, 10, Duration.ofMillis(50), Duration.ofMillis(500));
    }

    private static Preset preset(String name, String encoder) {
        return new Preset(
                name,
                "",
                "mp4",
                List.of("mp4"),
                Optional.empty(),
                Optional.of(new Preset.Sound(Map.of("c:a", encoder))),
                Map.of());
    }

    private static Source.AssetFile asset(String alias) {
        return new Source.AssetFile(Keys.sha256(alias), alias);
    }

    /** Ten seconds of sound in every asset but the silent one. */
    private static MediaInfo info(Source.AssetFile asset) {
        MediaInfo.AudioStream sound =
                new MediaInfo.AudioStream(0, "mp3", "", 44_100, 2, "stereo", Duration.ofSeconds(10), Duration.ZERO, "");
        return new MediaInfo(
                "mp3",
                Optional.empty(),
                asset.alias().equals("silent") ? Optional.empty() : Optional.of(sound),
                List.of());
    }

    private static Facts facts(Duration speech) {
        return new Facts() {
            @Override
            public MediaInfo media(Source.AssetFile asset) {
                return info(asset);
            }

            @Override
            public Measured measured(Source.StepResult result) {
                return new Measured(speech, Optional.empty(), Optional.empty());
            }
        };
    }
}
