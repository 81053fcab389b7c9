package org.localav.orchestrator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.LocalTools;
import org.localav.orchestrator.preset.Preset;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.spec.JobSpec.Fit;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

/** Pictures planned, made, joined and muxed by the installed ffmpeg: frames, times, copies, and what must not go along. */
@Tag("tools")
class PictureToolsTest {
    private static final Path SHARED = Path.of(System.getenv()
            .getOrDefault("AVO_MEDIA", Path.of("..", "shared", "media").toString()));

    @TempDir
    static Path media;

    @TempDir
    Path work;

    private final Map<String, Source.AssetFile> assets = new HashMap<>();

    @BeforeAll
    static void makeMedia() {
        String encoder = " -c:v libx264 -preset veryfast -g 24 -bf 2 -pix_fmt yuv420p -x264-params scenecut=0 ";
        LocalTools.make(media.resolve("a.mp4"), "-f lavfi -i testsrc2=s=320x180:r=24:d=5" + encoder);
        LocalTools.make(media.resolve("b.mp4"), "-f lavfi -i testsrc=s=320x180:r=24:d=3" + encoder);
        LocalTools.make(media.resolve("sound.m4a"), "-f lavfi -i sine=d=9 -c:a aac -metadata comment=secret");
    }

    @ParameterizedTest
    @CsvSource({
        "mp4, libx264, h264, yuv420p, 30000/1001, 23",
        "mp4, libx265, hevc, yuv420p10le, 25, 26",
        "webm, libvpx-vp9, vp9, yuv420p, 30, 40",
        "mp4, libsvtav1, av1, yuv420p, 24000/1001, 50",
        "matroska, ffv1, ffv1, yuv420p, 30, 0"
    })
    void joinsPartsToExactlyTheirFramesOnAnEvenGrid(
            String format, String encoder, String codec, String pixels, String fps, int crf) throws Exception {
        Workbench bench = bench();
        Map<String, String> options = new LinkedHashMap<>();
        options.put("c:v", encoder);
        options.put("pix_fmt", pixels);
        if (crf > 0) {
            options.put("crf", Integer.toString(crf));
        }
        Preset preset = preset(format, Optional.of(fps), options);
        List<JobSpec.Clip> clips = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            clips.add(clip(i % 2 == 0 ? "a" : "b", 100 * i, 100 * i + 233));
        }

        PicturePlan plan = plan(bench, preset, Optional.of(Fit.CONTAIN), clips);
        Source picture = make(bench, plan);
        Source output = bench.run(mux(picture, plan, preset, Optional.empty()));

        List<Double> times = times(bench.file(output));
        assertEquals(plan.frames(), times.size());
        double slot = 1 / Rational.parse(fps).toDouble();
        for (int i = 0; i < times.size(); i++) {
            assertEquals(i * slot, times.get(i), 0.00051, "picture " + i);
        }
        assertEquals(codec, bench.probe(output).video().orElseThrow().codec());
    }

    @Test
    void joinsEveryOddFileWithAnother() throws Exception {
        assumeTrue(Files.isDirectory(SHARED), "no " + SHARED.toAbsolutePath() + "; set AVO_MEDIA to the shared media");
        Workbench bench = bench();
        List<JobSpec.Clip> clips = new ArrayList<>();
        for (String name : List.of(
                "phone-portrait-iphone4s.MOV",
                "phone-hdr-hevc10-iphone14.mov",
                "phone-vfr-rot180-fire.mp4",
                "dv-pal-4x3-interlaced.mov",
                "old-4x3.avi",
                "recorder-no-duration.webm",
                "av1.mkv",
                "two-video-two-audio-subs-nasa.mp4",
                "multi-audio-8-subs.mkv")) {
            assets.put(name, bench.asset(SHARED.resolve(name)));
            clips.add(new JobSpec.Clip(
                    name, Duration.ofMillis(200), Optional.of(Duration.ofMillis(900)), Optional.empty(), MUTE));
        }
        for (String name : List.of("exif-orientation-6.jpg", "alpha.png", "photo.webp")) {
            assets.put(name, bench.asset(SHARED.resolve(name)));
            clips.add(
                    new JobSpec.Clip(name, Duration.ZERO, Optional.empty(), Optional.of(Duration.ofMillis(700)), MUTE));
        }

        PicturePlan plan = plan(bench, x264(), Optional.of(Fit.CONTAIN_BLUR), clips);
        Source picture = make(bench, plan);

        assertEquals(12 * 21, bench.probe(picture).video().orElseThrow().packets());
        assertEquals(12 * 0.7, bench.probe(picture).duration().toMillis() / 1000.0, 0.002);
    }

    @Test
    void copiesWholeFilesPictureByPicture() throws Exception {
        Workbench bench = bench();
        PicturePlan plan = plan(bench, copy(), Optional.empty(), List.of(clip("a"), clip("a")));

        Source picture = make(bench, plan);

        assertFalse(plan.encodes());
        List<String> twice = new ArrayList<>(bench.pictures(assets.get("a")));
        twice.addAll(bench.pictures(assets.get("a")));
        assertEquals(twice, bench.pictures(picture));
    }

    @Test
    void copiesPartsFromKeyFrameToKeyFrame() throws Exception {
        Workbench bench = bench();
        PicturePlan plan =
                plan(bench, copy(), Optional.empty(), List.of(clip("a", 1000, 3000), clip("a"), clip("a", 2000, 5000)));

        Source picture = make(bench, plan);

        List<String> whole = bench.pictures(assets.get("a"));
        List<String> wanted = new ArrayList<>(whole.subList(24, 72));
        wanted.addAll(whole);
        wanted.addAll(whole.subList(48, 120));
        assertEquals(wanted, bench.pictures(picture));
        assertEquals(240, plan.frames());
        List<Double> times = times(bench.file(picture));
        for (int i = 0; i < times.size(); i++) {
            assertEquals(i / 24.0, times.get(i), 0.001, "picture " + i);
        }
    }

    @Test
    void muxesPictureAndSoundWithoutTheSourcesMetadata() throws Exception {
        Workbench bench = bench();
        PicturePlan plan = plan(bench, x264(), Optional.of(Fit.CONTAIN), List.of(clip("a", 0, 1000)));
        Source picture = make(bench, plan);
        Source.AssetFile sound = bench.asset(media.resolve("sound.m4a"));
        MuxRecipe mux = new MuxRecipe(
                Optional.of(picture),
                Optional.of(sound),
                new MuxRecipe.Codecs(Optional.of("h264"), Optional.of("aac")),
                "mp4",
                Map.of("movflags", "+faststart"),
                "mp4",
                Optional.of("It's a = title; \"quoted\""),
                Optional.empty());

        Path made = bench.run(mux.command(bench), "mux").resolve(mux.fileName());

        String text = Files.readString(made, StandardCharsets.ISO_8859_1);
        assertFalse(text.contains("secret"));
        assertTrue(text.indexOf("moov") < text.indexOf("mdat"), "faststart");
        assertEquals(
                List.of("It's a = title; \"quoted\""),
                Workbench.lines(List.of(
                        "ffprobe",
                        "-v",
                        "error",
                        "-show_entries",
                        "format_tags=title",
                        "-of",
                        "default=nw=1:nk=1",
                        made.toString())));
    }

    @Test
    void leavesThePlaceOfAPhonesPicturesBehindUnlessAskedToKeepIt() throws Exception {
        Path phone = SHARED.resolve("phone-portrait-iphone4s.MOV");
        assumeTrue(Files.exists(phone), "no " + phone.toAbsolutePath() + "; set AVO_MEDIA to the shared media");
        Workbench bench = bench();
        assets.put("phone", bench.asset(phone));
        PicturePlan plan = plan(bench, copy(), Optional.empty(), List.of(clip("phone")));
        Source picture = make(bench, plan);

        Path dropped = bench.file(bench.run(mux(picture, plan, copy(), Optional.empty())));
        Path kept = bench.file(bench.run(mux(picture, plan, copy(), Optional.of(assets.get("phone")))));

        assertFalse(tags(dropped).contains("location"), tags(dropped));
        assertFalse(tags(dropped).contains("Apple"), tags(dropped));
        assertTrue(tags(kept).contains("location") || tags(kept).contains("Apple"), tags(kept));
    }

    @Test
    void makesAnAnimatedGifOfParts() throws Exception {
        Workbench bench = bench();
        Preset gif = new Preset(
                "gif",
                "",
                "gif",
                List.of("gif"),
                Optional.of(new Preset.Picture(
                        Optional.of(new Size(160, 90)), Optional.of(new Rational(10, 1)), false, Map.of("c:v", "gif"))),
                Optional.empty(),
                Map.of("loop", "0"));

        PicturePlan plan = plan(bench, gif, Optional.of(Fit.CONTAIN), List.of(clip("a", 0, 1500), clip("b", 0, 1500)));
        Source output = bench.run(mux(make(bench, plan), plan, gif, Optional.empty()));

        assertEquals(30, bench.probe(output).video().orElseThrow().packets());
        assertEquals(30, bench.pictures(output).size());
    }

    private static final JobSpec.ClipSound MUTE = new JobSpec.ClipSound.Mute();

    private Workbench bench() {
        Workbench bench = new Workbench(work);
        assets.put("a", bench.asset(media.resolve("a.mp4")));
        assets.put("b", bench.asset(media.resolve("b.mp4")));
        return bench;
    }

    private PicturePlan plan(Workbench bench, Preset preset, Optional<Fit> fit, List<JobSpec.Clip> clips)
            throws ImpossiblePictureException {
        JobSpec.Video video = new JobSpec.Video(clips, Optional.empty(), Optional.empty(), fit, List.of());
        return PicturePlan.of(video, assets::get, bench::media, preset, bench::keyframes, 2);
    }

    private static Source make(Workbench bench, PicturePlan plan) {
        List<Source.StepResult> results = new ArrayList<>();
        for (Recipe.Ffmpeg part : plan.parts()) {
            results.add(bench.run(part));
        }
        return plan.join(results).map(bench::run).orElseGet(() -> results.get(0));
    }

    private static MuxRecipe mux(Source picture, PicturePlan plan, Preset preset, Optional<Source.AssetFile> metadata) {
        return new MuxRecipe(
                Optional.of(picture),
                Optional.empty(),
                new MuxRecipe.Codecs(Optional.of(plan.codec()), Optional.empty()),
                preset.format(),
                preset.muxer(),
                preset.extensions().get(0),
                Optional.empty(),
                metadata);
    }

    private static Preset x264() {
        return preset("mp4", Optional.of("30"), Map.of("c:v", "libx264", "preset", "ultrafast", "pix_fmt", "yuv420p"));
    }

    private static Preset copy() {
        return new Preset(
                "copy",
                "",
                "mp4",
                List.of("mp4"),
                Optional.of(new Preset.Picture(Optional.empty(), Optional.empty(), true, Map.of("c:v", "copy"))),
                Optional.empty(),
                Map.of());
    }

    private static Preset preset(String format, Optional<String> fps, Map<String, String> options) {
        return new Preset(
                "test",
                "",
                format,
                List.of(format.equals("matroska") ? "mkv" : format),
                Optional.of(
                        new Preset.Picture(Optional.of(new Size(320, 180)), fps.map(Rational::parse), false, options)),
                Optional.empty(),
                Map.of());
    }

    private static JobSpec.Clip clip(String asset) {
        return new JobSpec.Clip(asset, Duration.ZERO, Optional.empty(), Optional.empty(), MUTE);
    }

    private static JobSpec.Clip clip(String asset, long inMillis, long outMillis) {
        return new JobSpec.Clip(
                asset, Duration.ofMillis(inMillis), Optional.of(Duration.ofMillis(outMillis)), Optional.empty(), MUTE);
    }

    /** When the pictures are shown, in s, in order. */
    private static List<Double> times(Path file) {
        return Workbench.lines(List.of(
                        "ffprobe",
                        "-v",
                        "error",
                        "-select_streams",
                        "v:0",
                        "-show_entries",
                        "packet=pts_time",
                        "-of",
                        "csv=p=0",
                        file.toString()))
                .stream()
                .map(line -> Double.parseDouble(line.replace(",", "")))
                .sorted()
                .toList();
    }

    private static String tags(Path file) {
        return String.join(
                " ",
                Workbench.lines(List.of(
                        "ffprobe",
                        "-v",
                        "error",
                        "-show_entries",
                        "format_tags:stream_tags",
                        "-of",
                        "default=nw=1",
                        file.toString())));
    }
}
