package org.localav.orchestrator.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.localav.orchestrator.ffmpeg.Filter;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.ffmpeg.UserFilters;
import org.localav.orchestrator.media.LocalTools;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.media.Prober;
import org.localav.orchestrator.spec.JobSpec.Fit;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

/** Segments made by the installed ffmpeg: exactly the frames that were asked for, whatever the source is. */
@Tag("tools")
class SegmentRecipeToolsTest {
    private static final Path SHARED = Path.of(System.getenv()
            .getOrDefault("AVO_MEDIA", Path.of("..", "shared", "media").toString()));
    private static final Encoding LOSSLESS =
            new Encoding("h264", Map.of("c:v", "libx264", "preset", "ultrafast", "qp", "0"), 1);

    @TempDir
    static Path media;

    @TempDir
    Path work;

    @BeforeAll
    static void makeMedia() {
        // 24 fps with B-frames and a long, open GOP; the same as AVI (coarse ticks), transport stream and Matroska
        String encoder = " -c:v libx264 -preset veryfast -g 60 -bf 3 -x264-params open-gop=1 ";
        String picture = "-f lavfi -i testsrc2=s=160x90:r=24:d=6";
        LocalTools.make(media.resolve("cfr24.mp4"), picture + encoder);
        LocalTools.make(media.resolve("cfr24.mkv"), picture + encoder);
        LocalTools.make(media.resolve("cfr24.ts"), picture + encoder);
        LocalTools.make(
                media.resolve("ntsc.avi"), "-f lavfi -i testsrc2=s=160x90:r=30000/1001:d=6 -c:v mpeg4 -q:v 3 -g 50");
        LocalTools.make(media.resolve("cfr60.mkv"), "-f lavfi -i testsrc2=s=160x90:r=60:d=6" + encoder);
        // a gap of three seconds without a picture, as a screen recorder leaves
        LocalTools.make(
                media.resolve("gap.mp4"),
                "-f lavfi -i testsrc2=s=160x90:r=24:d=6,select=not(between(t\\,1.2\\,4.3))" + encoder
                        + "-fps_mode passthrough");
    }

    @ParameterizedTest
    @CsvSource({
        "cfr24.mp4, 30, 0",
        "cfr24.mp4, 30, 0.733",
        "cfr24.mp4, 30000/1001, 0.0417",
        "cfr24.mkv, 25, 0.31",
        "cfr24.ts, 30, 0.5",
        "ntsc.avi, 25, 0.333",
        "ntsc.avi, 30000/1001, 0.5",
        "cfr60.mkv, 30, 0.017",
        "gap.mp4, 24, 0.2"
    })
    void encodesInPartsTheFramesOfTheWholeClip(String file, String fps, double in) {
        Workbench bench = new Workbench(work);
        Source.AssetFile source = bench.asset(media.resolve(file));
        Frame frame = frame("160x90", fps, Optional.empty());
        Duration start = Duration.ofNanos(Math.round(in * 1e9));
        long frames = Times.frames(Duration.ofSeconds(5), frame.fps());

        List<String> whole = bench.pictures(bench.run(segment(source, start, frame, 0, frames)));
        List<String> parts = new ArrayList<>();
        for (long from = 0; from < frames; from += 35) {
            parts.addAll(bench.pictures(bench.run(segment(source, start, frame, from, Math.min(frames, from + 35)))));
        }

        assertEquals(frames, whole.size());
        assertEquals(whole, parts);
    }

    @Test
    void encodesInPartsTheFramesOfAPhonesVariableRate() {
        Workbench bench = new Workbench(work);
        Source.AssetFile source = bench.asset(shared("phone-vfr-rot180-fire.mp4"));
        Frame frame = frame("160x90", "30", Optional.empty());

        List<String> whole = bench.pictures(bench.run(segment(source, Duration.ofMillis(333), frame, 0, 60)));
        List<String> parts = new ArrayList<>();
        for (long from = 0; from < 60; from += 25) {
            parts.addAll(bench.pictures(
                    bench.run(segment(source, Duration.ofMillis(333), frame, from, Math.min(60, from + 25)))));
        }

        assertEquals(whole, parts);
        assertTrue(whole.stream().distinct().count() > 15, "the pictures move");
    }

    @Test
    void showsFromTheInPointOnWhatWasShownThere() {
        Workbench bench = new Workbench(work);
        Source.AssetFile source = bench.asset(media.resolve("cfr24.mp4"));
        Frame frame = frame("160x90", "24", Optional.empty());

        List<String> whole = bench.pictures(bench.run(segment(source, Duration.ZERO, frame, 0, 96)));
        List<String> later = bench.pictures(bench.run(segment(source, Duration.ofSeconds(2), frame, 0, 48)));

        assertEquals(96, whole.stream().distinct().count());
        assertEquals(whole.subList(48, 96), later);
    }

    @Test
    void givesTheSameBytesTwice() throws IOException {
        SegmentRecipe recipe;
        Workbench first = new Workbench(work.resolve("a"));
        Workbench second = new Workbench(work.resolve("b"));
        recipe = segment(
                first.asset(media.resolve("cfr24.mp4")),
                Duration.ZERO,
                frame("320x180", "30", Optional.empty()),
                0,
                40);
        second.asset(media.resolve("cfr24.mp4"));

        byte[] one = Files.readAllBytes(first.file(first.run(recipe)));
        byte[] two = Files.readAllBytes(second.file(second.run(recipe)));

        assertArrayEquals(one, two);
    }

    @Test
    void holdsTheLastPictureForHalfASecondAndNoLonger() {
        Workbench bench = new Workbench(work);
        Source.AssetFile source = bench.asset(media.resolve("cfr24.mp4"));
        Frame frame = frame("160x90", "24", Optional.empty());

        List<String> held = bench.pictures(bench.run(segment(source, Duration.ofSeconds(5), frame, 0, 36)));

        assertEquals(1, held.subList(23, 36).stream().distinct().count());
        AssertionError tooShort = org.junit.jupiter.api.Assertions.assertThrows(
                AssertionError.class, () -> bench.run(segment(source, Duration.ofSeconds(5), frame, 0, 48)));
        assertTrue(tooShort.getMessage().contains("expected"), tooShort.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "phone-portrait-iphone4s.MOV",
                "phone-hdr-hevc10-iphone14.mov",
                "phone-vfr-rot180-fire.mp4",
                "dv-pal-4x3-interlaced.mov",
                "old-4x3.avi",
                "recorder-no-duration.webm",
                "av1.mkv",
                "two-video-two-audio-subs-nasa.mp4",
                "multi-audio-8-subs.mkv",
                "exif-orientation-6.jpg",
                "alpha.png",
                "photo.webp"
            })
    void conformsEveryOddFileUprightAndOnSquarePixels(String name) throws Exception {
        Workbench bench = new Workbench(work);
        Source.AssetFile source = bench.asset(shared(name));
        Frame frame = frame("320x180", "30", Optional.of(Fit.CONTAIN));

        Source.StepResult result = bench.run(segment(source, Duration.ZERO, frame, 0, 30));

        MediaInfo.VideoStream made = new Prober(LocalTools.FFPROBE)
                .probe(bench.file(result), name)
                .video()
                .orElseThrow();
        assertEquals(new Size(320, 180), made.shown());
        assertEquals(0, made.rotation());
        assertEquals("yuv420p", made.pixelFormat());
        assertEquals(
                "tv bt709 bt709 bt709",
                String.join(" ", made.colorRange(), made.colorSpace(), made.primaries(), made.transfer()));
        assertEquals(new Rational(30, 1), made.rate());
        assertEquals(Duration.ZERO, made.startOffset());
        Size inner = new Conform(bench.media(source).video().orElseThrow(), frame).inner();
        Size shown = bench.media(source).video().orElseThrow().shown();
        double ratio = (double) shown.width() / shown.height();
        assertEquals(
                ratio, (double) inner.width() / inner.height(), ratio * 2 / Math.min(inner.width(), inner.height()));
    }

    @ParameterizedTest
    @EnumSource(Fit.class)
    void fillsTheFrameInEveryFit(Fit fit) {
        Workbench bench = new Workbench(work);
        Source.AssetFile tall = bench.asset(
                LocalTools.make(media.resolve("tall-" + fit + ".png"), "-f lavfi -i color=red:s=101x203 -frames:v 1"));
        Frame frame = frame("320x180", "25", Optional.of(fit));

        Source.StepResult result = bench.run(segment(tall, Duration.ZERO, frame, 0, 5));

        boolean bars = fit == Fit.CONTAIN;
        assertEquals(bars, redness(bench, result, 10, 90) < 10, "left edge");
        assertTrue(redness(bench, result, 160, 90) > 200, "middle");
        assertTrue(redness(bench, result, 160, 1) > 200, "top");
    }

    @Test
    void laysTransparencyOnBlack() {
        Workbench bench = new Workbench(work);
        Source.AssetFile glass = bench.asset(LocalTools.make(
                media.resolve("glass.png"), "-f lavfi -i color=red@0.0:s=64x64,format=rgba -frames:v 1"));

        Source.StepResult result =
                bench.run(segment(glass, Duration.ZERO, frame("64x64", "25", Optional.empty()), 0, 2));

        assertTrue(redness(bench, result, 32, 32) < 10);
    }

    @Test
    void turnsRgbIntoTheRightRed() {
        Workbench bench = new Workbench(work);
        Source.AssetFile red = bench.asset(
                LocalTools.make(media.resolve("red.png"), "-f lavfi -i color=0xC83214:s=64x64 -frames:v 1"));

        Source.StepResult result = bench.run(segment(red, Duration.ZERO, frame("64x64", "25", Optional.empty()), 0, 2));

        int[] rgb = colour(bench, result, 32, 32);
        assertEquals(0xC8, rgb[0], 4);
        assertEquals(0x32, rgb[1], 4);
        assertEquals(0x14, rgb[2], 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"arib-std-b67", "smpte2084"})
    void keepsTheBrightnessOfHighDynamicRange(String transfer) {
        Workbench bench = new Workbench(work);
        Path file = LocalTools.make(
                media.resolve(transfer + ".mp4"),
                "-f lavfi -i color=0x666666:s=64x64:d=0.4:r=25 -vf scale=out_color_matrix=bt709,format=yuv444p10le,"
                        + "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709,"
                        + "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt2020,zscale=t=" + transfer
                        + ":m=bt2020nc:r=tv:npl=203,format=yuv420p10le -c:v libx265 -x265-params "
                        + "log-level=none:colorprim=bt2020:transfer=" + transfer + ":colormatrix=bt2020nc");
        Source.AssetFile grey = bench.asset(file);

        Source.StepResult result =
                bench.run(segment(grey, Duration.ZERO, frame("64x64", "25", Optional.empty()), 0, 5));

        assertEquals(0x66, redness(bench, result, 32, 32), 6);
    }

    @Test
    void fadesByThePiecesTimeAcrossSegments() {
        Workbench bench = new Workbench(work);
        Source.AssetFile white =
                bench.asset(LocalTools.make(media.resolve("white.png"), "-f lavfi -i color=white:s=64x64 -frames:v 1"));
        Frame frame = frame("64x64", "25", Optional.empty());
        List<Filter> fade = List.of(UserFilters.parse("fade=out:st=2:d=1"));

        Source.StepResult before = bench.run(new SegmentRecipe(white, Duration.ZERO, frame, fade, 0, 0, 25, LOSSLESS));
        Source.StepResult during = bench.run(new SegmentRecipe(white, Duration.ZERO, frame, fade, 62, 0, 5, LOSSLESS));
        Source.StepResult after = bench.run(new SegmentRecipe(white, Duration.ZERO, frame, fade, 100, 0, 5, LOSSLESS));

        assertTrue(redness(bench, before, 32, 32) > 245);
        assertEquals(128, redness(bench, during, 32, 32), 20);
        assertTrue(redness(bench, after, 32, 32) < 10);
    }

    @Test
    void enlargesWhatACropLeavesToTheWholeFrame() {
        Workbench bench = new Workbench(work);
        Source.AssetFile source = bench.asset(media.resolve("cfr24.mp4"));
        Frame frame = frame("160x90", "24", Optional.empty());

        Source.StepResult result = bench.run(new SegmentRecipe(
                source, Duration.ZERO, frame, List.of(UserFilters.parse("crop=80:44")), 0, 0, 5, LOSSLESS));

        assertEquals(160, bench.probe(result).video().orElseThrow().width());
    }

    private static int redness(Workbench bench, Source result, int x, int y) {
        return colour(bench, result, x, y)[0];
    }

    private static int[] colour(Workbench bench, Source result, int x, int y) {
        try {
            Process process = new ProcessBuilder(
                            "ffmpeg",
                            "-nostdin",
                            "-v",
                            "error",
                            "-i",
                            bench.file(result).toString(),
                            "-frames:v",
                            "1",
                            "-vf",
                            "format=gbrp,crop=1:1:" + x + ":" + y + ":exact=1,format=rgb24",
                            "-f",
                            "rawvideo",
                            "-")
                    .start();
            byte[] pixel = process.getInputStream().readAllBytes();
            return new int[] {pixel[0] & 255, pixel[1] & 255, pixel[2] & 255};
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static SegmentRecipe segment(Source.AssetFile source, Duration in, Frame frame, long from, long to) {
        return new SegmentRecipe(source, in, frame, List.of(), 0, from, to, LOSSLESS);
    }

    private static Frame frame(String size, String fps, Optional<Fit> fit) {
        return new Frame(Size.parse(size), Rational.parse(fps), fit, "yuv420p");
    }

    private static Path shared(String name) {
        Path file = SHARED.resolve(name);
        assumeTrue(Files.exists(file), "no " + file.toAbsolutePath() + "; set AVO_MEDIA to the folder of shared media");
        return file;
    }
}
