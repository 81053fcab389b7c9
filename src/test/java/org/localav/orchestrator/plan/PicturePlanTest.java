package org.localav.orchestrator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.localav.orchestrator.ffmpeg.Dialect;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.media.MediaInfo.VideoStream;
import org.localav.orchestrator.preset.Preset;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.spec.JobSpec.Fit;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

/** Which steps make a picture, from facts alone. */
class PicturePlanTest {
    private final Map<String, MediaInfo> media = new LinkedHashMap<>(Map.of(
            "wide", info(stream("1280x720", "30", 60, false)),
            "other", info(stream("1280x720", "30", 12, false)),
            "slow", info(stream("1280x720", "24", 5, false)),
            "tall", info(stream("720x1280", "30", 5, false)),
            "photo", info(stream("1920x1080", "25", 0, true)),
            "music", new MediaInfo("mp3", Optional.empty(), Optional.empty(), List.of())));

    @Test
    void cutsALongClipAtMultiplesOfTenSecondsAndLeavesNoScrap() throws ImpossiblePictureException {
        PicturePlan plan = plan(video(Fit.CONTAIN, clip("wide", "1", "33")), encoding(), 2);

        List<SegmentRecipe> segments = segments(plan);
        assertEquals(
                "0-300 300-600 600-960",
                segments.stream().map(s -> s.fromFrame() + "-" + s.toFrame()).collect(Collectors.joining(" ")));
        assertTrue(segments.stream().allMatch(s -> s.encoding().threads() == 1));
        assertEquals(960, plan.frames());
    }

    @Test
    void givesOneSegmentAllProcessors() throws ImpossiblePictureException {
        PicturePlan plan = plan(video(Fit.CONTAIN, clip("wide", "0", "4")), encoding(), 4);

        assertEquals(4, segments(plan).get(0).encoding().threads());
        assertEquals(Optional.empty(), plan.join(List.of(new Source.StepResult("a"))));
    }

    @Test
    void countsEachClipInWholeFramesThatAddUp() throws ImpossiblePictureException {
        PicturePlan plan = plan(
                video(
                        Optional.of(Fit.CONTAIN),
                        "30000/1001",
                        List.of(),
                        clip("wide", "0", "1"),
                        clip("slow", "0.5", "1.517"),
                        still("photo", "2.5")),
                encoding(),
                2);

        assertEquals(
                List.of(30L, 30L, 75L),
                plan.clips().stream().map(ClipSpan::frames).toList());
        assertEquals(
                List.of(0L, 30L, 60L),
                plan.clips().stream().map(ClipSpan::firstFrame).toList());
        assertEquals(Duration.ofMillis(2002), plan.clips().get(2).start());
        assertEquals(plan.length(), plan.clips().stream().map(ClipSpan::length).reduce(Duration.ZERO, Duration::plus));
    }

    @Test
    void makesEqualPartsOfAStillOneStep() throws ImpossiblePictureException {
        PicturePlan plan = plan(video(Fit.CONTAIN, still("photo", "30")), encoding(), 2);

        assertEquals(3, plan.parts().size());
        assertEquals(
                1, plan.parts().stream().map(p -> Keys.of(p, "x")).distinct().count());
        Source.StepResult part = new Source.StepResult("k");
        JoinRecipe join = plan.join(List.of(part, part, part)).orElseThrow();
        assertEquals(List.of(part), join.sources());
        assertEquals(3, join.parts().size());
    }

    @Test
    void encodesOnlyTheChangedClipAgain() throws ImpossiblePictureException {
        PicturePlan before = plan(video(Fit.CONTAIN, clip("wide", "0", "4"), clip("other", "0", "4")), encoding(), 2);
        PicturePlan after = plan(video(Fit.CONTAIN, clip("wide", "0", "5"), clip("other", "0", "4")), encoding(), 2);

        assertNotEquals(
                Keys.of(before.parts().get(0), "x"), Keys.of(after.parts().get(0), "x"));
        assertEquals(Keys.of(before.parts().get(1), "x"), Keys.of(after.parts().get(1), "x"));
    }

    @Test
    void encodesVeryShortClipsTogetherAndNeverALongOneWithThem() throws ImpossiblePictureException {
        List<JobSpec.Clip> clips = new java.util.ArrayList<>(List.of(clip("wide", "0", "3")));
        for (int i = 0; i < 15; i++) {
            clips.add(clip("other", "0." + (10 + i), "0." + (60 + i)));
        }
        clips.add(clip("wide", "1", "4"));
        clips.add(still("photo", "0.9"));

        PicturePlan plan = plan(video(Fit.CONTAIN, clips.toArray(JobSpec.Clip[]::new)), encoding(), 2);

        assertEquals(
                List.of("segment", "montage", "montage", "segment", "segment"),
                plan.parts().stream().map(Recipe::kind).toList());
        assertEquals(12, ((MontageRecipe) plan.parts().get(1)).segments().size());
        assertEquals(
                plan.frames(),
                plan.parts().stream()
                        .mapToLong(p -> p.expectation(facts()).videoFrames().orElseThrow())
                        .sum());
    }

    @Test
    void appliesAFadeOnlyToTheSegmentsItTouches() throws ImpossiblePictureException {
        JobSpec.Video video =
                video(Optional.of(Fit.CONTAIN), "30", List.of("fade=in:d=1", "hue=s=0"), clip("wide", "0", "40"));

        List<SegmentRecipe> segments = segments(plan(video, encoding(), 2));

        assertEquals(2, segments.get(0).filters().size());
        assertEquals(1, segments.get(1).filters().size());
    }

    @Test
    void writesTheWholeCommandOfASegment() throws ImpossiblePictureException {
        PicturePlan plan = plan(video(Fit.CONTAIN, clip("wide", "5", "7")), encoding(), 1);

        List<String> arguments = segments(plan)
                .get(0)
                .command(facts())
                .arguments(source -> java.nio.file.Path.of("/in/0.mp4"), java.nio.file.Path.of("/out"), Dialect.of(""));

        assertEquals(
                "-nostdin -hide_banner -y -xerror -filter_complex_threads 1 -protocol_whitelist file"
                        + " -format_whitelist " + org.localav.orchestrator.ffmpeg.Safety.FORMATS
                        + " -max_pixels 40000000 -threads 1 -f mov -noaccurate_seek -ss 4.000000 -i file:/in/0.mp4"
                        + " -filter_complex [0:0]settb=expr=AVTB,setpts=expr=round(PTS+(-1006666.667)),"
                        + "fps=fps=30:start_time=0,tpad=stop=15:stop_mode=clone,trim=start_pts=0:end_pts=60,"
                        + "scale=w=640:h=360:flags=bicubic:in_color_matrix=bt709:in_range=tv:out_color_matrix=bt709"
                        + ":out_range=tv,format=pix_fmts=yuv420p,setsar=sar=1,format=pix_fmts=yuv420p,"
                        + "setparams=field_mode=prog:range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709,"
                        + "setpts=expr=PTS-STARTPTS,fps=fps=30[v] -map [v] -an -sn -dn -map_metadata -1 -map_chapters -1"
                        + " -fflags +bitexact -fps_mode passthrough -frames:v 60 -t 3.000000 -c:v libx264 -crf 23"
                        + " -pix_fmt yuv420p -flags:v +bitexact -threads:v 1 file:/out/result.mp4",
                String.join(" ", arguments));
    }

    @Test
    void copiesWholeClipsThatAgreeStraightFromTheirFiles() throws ImpossiblePictureException {
        PicturePlan plan = plan(asIs(clip("wide"), clip("other")), copying(), 2);

        assertFalse(plan.encodes());
        assertTrue(plan.parts().isEmpty());
        JoinRecipe join = plan.join(List.of()).orElseThrow();
        assertEquals(Optional.of(72 * 30L), join.frames());
        assertEquals(Duration.ofSeconds(72), join.length());
    }

    @Test
    void cutsOutAPartThatLiesBetweenKeyFrames() throws ImpossiblePictureException {
        PicturePlan plan = plan(asIs(clip("wide", "2", "6"), clip("other")), copying(), 2);

        assertEquals(
                List.of("cut", "join"), plan.parts().stream().map(Recipe::kind).toList());
        assertEquals(120, ((CutRecipe) plan.parts().get(0)).frames());
        assertTrue(plan.join(List.of(new Source.StepResult("a"), new Source.StepResult("b")))
                .isPresent());
    }

    @Test
    void encodesWithAPresetThatMayCopyWhenTheClipsAreOtherwise() throws ImpossiblePictureException {
        PicturePlan encoded = plan(video(Fit.CONTAIN, clip("slow")), mayCopy("1280x720"), 2);
        PicturePlan copied = plan(asIs(clip("wide")), mayCopy("1280x720"), 2);

        assertTrue(encoded.encodes());
        assertTrue(
                encoded.notCopied().get(0).contains("rate 24, not 30"),
                encoded.notCopied().toString());
        assertFalse(copied.encodes());
    }

    @Test
    void saysEveryReasonWhyACopyIsImpossible() {
        List<String> reasons = blocked(
                video(
                        Optional.empty(),
                        null,
                        List.of("hflip"),
                        clip("wide", "1.3", "6"),
                        clip("slow"),
                        still("photo", "5")),
                copying());

        assertContains(reasons, "video.filters: filters need encoding; take them out");
        assertContains(reasons, "video.clips: 'slow': frame rate is 24, but 30 in 'wide'; they have to be encoded");
        assertContains(reasons, "video.clips: 'photo' is a still picture, which has to be encoded");
        assertContains(reasons, "video: preset 'test' never encodes; choose another preset, such as web-720p");
    }

    @Test
    void namesTheNearestKeyFrame() {
        List<String> reasons = blocked(asIs(clip("wide", "1.3", "6")), copying());

        assertContains(reasons, "video.clips[0].in: 1.3s lies between key frames; the nearest is at 2s");
    }

    @Test
    void asksForAFitWhenShapesDiffer() {
        assertContains(
                blocked(asIs(clip("wide"), clip("tall")), encoding()),
                "video.clips[1]: 'tall' is 720x1280 and the piece 640x360; say how it fills the frame,"
                        + " as in fit: contain (or contain_blur, cover, stretch)");
    }

    @Test
    void keepsTheShapeOfClipsThatAgreeWhenThePresetHasAnother() throws ImpossiblePictureException {
        assertEquals("720x1280", plan(asIs(clip("tall")), encoding(), 2).size().toString());
        assertEquals("640x360", plan(asIs(clip("wide")), encoding(), 2).size().toString());
        assertEquals(
                "640x360",
                plan(video(Fit.COVER, clip("tall")), encoding(), 2).size().toString());
    }

    @Test
    void refusesPointsBeyondThePicture() {
        assertContains(
                blocked(video(Fit.CONTAIN, clip("slow", "1", "9")), encoding()),
                "video.clips[0].out: 'slow' has pictures until 5s only; 'out' 9s is too late");
        assertContains(
                blocked(video(Fit.CONTAIN, clip("slow", "5", "5.2")), encoding()),
                "video.clips[0].in: 'slow' has pictures until 5s; 'in' 5s must lie before that and before 'out'");
        assertContains(
                blocked(video(Fit.CONTAIN, clip("music")), encoding()),
                "video.clips[0].asset: 'music' has no picture; a clip needs a video or a photo");
        assertContains(
                blocked(video(Fit.CONTAIN, clip("photo")), encoding()),
                "video.clips[0]: 'photo' is a still picture; say how long it is shown, as in length: 5s");
    }

    @Test
    void refusesWhatTheFrameCannotHold() {
        JobSpec.Video odd = new JobSpec.Video(
                List.of(clip("wide")),
                Optional.of(new Size(641, 360)),
                Optional.empty(),
                Optional.of(Fit.CONTAIN),
                List.of("crop=700:100"));

        List<String> reasons = blocked(odd, encoding());

        assertContains(
                reasons,
                "video.size: 641x360 can't be encoded as yuv420p, which needs even numbers; the nearest is 640x360");
        assertContains(reasons, "video.filters: 'crop=w=700:h=100' reaches beyond the frame, which is 640x360");
    }

    private static void assertContains(List<String> reasons, String wanted) {
        assertTrue(reasons.contains(wanted), String.join("\n", reasons));
    }

    private List<String> blocked(JobSpec.Video video, Preset preset) {
        return assertThrows(ImpossiblePictureException.class, () -> plan(video, preset, 2)).problems().stream()
                .map(PictureProblem::toString)
                .toList();
    }

    private PicturePlan plan(JobSpec.Video video, Preset preset, int slots) throws ImpossiblePictureException {
        return PicturePlan.of(
                video,
                alias -> new Source.AssetFile(Keys.sha256(alias), alias),
                asset -> media.get(asset.alias()),
                preset,
                asset -> List.of(0, 2, 4, 6, 8).stream()
                        .map(s -> Duration.ofSeconds((long) s))
                        .toList(),
                slots);
    }

    private Facts facts() {
        return new Facts() {
            @Override
            public MediaInfo media(Source.AssetFile asset) {
                return media.get(asset.alias());
            }

            @Override
            public Measured measured(Source.StepResult result) {
                throw new AssertionError("a segment needs no results");
            }
        };
    }

    private static List<SegmentRecipe> segments(PicturePlan plan) {
        return plan.parts().stream().map(SegmentRecipe.class::cast).toList();
    }

    private static JobSpec.Video video(Fit fit, JobSpec.Clip... clips) {
        return video(Optional.of(fit), null, List.of(), clips);
    }

    private static JobSpec.Video asIs(JobSpec.Clip... clips) {
        return video(Optional.empty(), null, List.of(), clips);
    }

    private static JobSpec.Video video(Optional<Fit> fit, String fps, List<String> filters, JobSpec.Clip... clips) {
        return new JobSpec.Video(
                List.of(clips), Optional.empty(), Optional.ofNullable(fps).map(Rational::parse), fit, filters);
    }

    private static JobSpec.Clip clip(String asset) {
        return new JobSpec.Clip(asset, Duration.ZERO, Optional.empty(), Optional.empty(), new JobSpec.ClipSound.Mute());
    }

    private static JobSpec.Clip clip(String asset, String in, String out) {
        return new JobSpec.Clip(
                asset, seconds(in), Optional.of(seconds(out)), Optional.empty(), new JobSpec.ClipSound.Mute());
    }

    private static JobSpec.Clip still(String asset, String length) {
        return new JobSpec.Clip(
                asset, Duration.ZERO, Optional.empty(), Optional.of(seconds(length)), new JobSpec.ClipSound.Mute());
    }

    private static Duration seconds(String text) {
        return Duration.ofNanos(Math.round(Double.parseDouble(text) * 1e9));
    }

    private static Preset encoding() {
        return preset(Optional.of("640x360"), false, "libx264");
    }

    private static Preset mayCopy(String size) {
        return preset(Optional.of(size), true, "libx264");
    }

    private static Preset copying() {
        return preset(Optional.empty(), true, "copy");
    }

    private static Preset preset(Optional<String> size, boolean copy, String encoder) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("c:v", encoder);
        if (!encoder.equals("copy")) {
            options.put("crf", "23");
            options.put("pix_fmt", "yuv420p");
        }
        Optional<Rational> fps = size.map(s -> new Rational(30, 1));
        return new Preset(
                "test",
                "",
                "mp4",
                List.of("mp4"),
                Optional.of(new Preset.Picture(size.map(Size::parse), fps, copy, options)),
                Optional.empty(),
                Map.of());
    }

    private static MediaInfo info(VideoStream stream) {
        return new MediaInfo("mov", Optional.of(stream), Optional.empty(), List.of());
    }

    private static VideoStream stream(String size, String rate, int seconds, boolean still) {
        return new VideoStream(
                0,
                "h264",
                "High",
                Size.parse(size),
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
                Rational.parse(rate),
                new Rational(1, 15360),
                Duration.ofSeconds(seconds),
                Duration.ZERO,
                "same",
                false);
    }
}
