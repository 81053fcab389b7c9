package org.localav.orchestrator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.LocalTools;
import org.localav.orchestrator.preset.Preset;
import org.localav.orchestrator.preset.Presets;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.spec.JobSpec.Fit;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

/** A film of clips that were encoded one by one, held against one that the same encoder made of all in one go. */
@Tag("tools")
class JoinedPictureToolsTest {
    private static final int FPS = 30;
    private static final int[][] CLIPS = {{0, 60}, {75, 120}, {31, 74}, {130, 235}};
    /** Frame for frame, whatever a file says of times. */
    private static final String COUNTED = "settb=1/30,setpts=N";

    private static final Pattern SIMILARITY = Pattern.compile(" All:([0-9.]+)");

    @TempDir
    Path folder;

    private Preset preset;
    private Workbench bench;
    private Path joined;
    private List<Path> parts;

    /** The reference: the frames of all clips in their order, straight from the source, which every clip is cut from. */
    private Path reference;

    @BeforeEach
    void join() throws Exception {
        preset = Presets.load(Path.of("presets")).get("web-720p");
        bench = new Workbench(folder);
        Path file = LocalTools.make(
                folder.resolve("source.mkv"),
                "-f lavfi -i testsrc2=s=320x180:r=30:d=8,noise=alls=12:allf=t,format=yuv420p,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709 -colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv -c:v ffv1 -g 1");
        Source.AssetFile asset = bench.asset(file);
        List<JobSpec.Clip> clips = IntStream.range(0, CLIPS.length)
                .mapToObj(i -> clip(CLIPS[i][0], CLIPS[i][1]))
                .toList();
        JobSpec.Video video = new JobSpec.Video(
                clips,
                Optional.of(new Size(320, 180)),
                Optional.of(new Rational(FPS, 1)),
                Optional.of(Fit.CONTAIN),
                List.of());
        PicturePlan plan = PicturePlan.of(video, alias -> asset, bench::media, preset, bench::keyframes, 2);
        List<Source.StepResult> results = plan.parts().stream().map(bench::run).toList();
        parts = results.stream().map(bench::file).toList();
        joined = bench.file(bench.run(plan.join(results).orElseThrow()));
        StringBuilder graph = new StringBuilder();
        for (int i = 0; i < CLIPS.length; i++) {
            graph.append("[0:v]trim=start_frame=%d:end_frame=%d,setpts=PTS-STARTPTS[%d];"
                    .formatted(CLIPS[i][0], CLIPS[i][1], i));
        }
        IntStream.range(0, CLIPS.length)
                .forEach(i -> graph.append("[").append(i).append("]"));
        reference = folder.resolve("reference.mkv");
        LocalTools.ffmpeg(List.of(
                "-i",
                file.toString(),
                "-filter_complex",
                graph + "concat=n=" + CLIPS.length + "[v]",
                "-map",
                "[v]",
                "-r",
                "30",
                "-c:v",
                "ffv1",
                reference.toString()));
    }

    private static JobSpec.Clip clip(int fromFrame, int toFrame) {
        return new JobSpec.Clip(
                "source",
                Duration.ofNanos(Math.round(fromFrame * 1e9 / FPS)),
                Optional.of(Duration.ofNanos(Math.round(toFrame * 1e9 / FPS))),
                Optional.empty(),
                new JobSpec.ClipSound.Mute());
    }

    @Test
    void isAsGoodAsAndHardlyLargerThanAllInOneGo() throws Exception {
        Path single = folder.resolve("single.mp4");
        List<String> arguments = new ArrayList<>(List.of("-i", reference.toString()));
        arguments.addAll(Encoding.of(preset, 1).arguments());
        arguments.add(single.toString());
        LocalTools.ffmpeg(arguments);

        List<Double> ours = similarity(joined);
        List<Double> theirs = similarity(single);

        assertEquals(253, ours.size());
        assertEquals(mean(theirs), mean(ours), 0.002);
        assertEquals(worst(theirs), worst(ours), 0.01, "the worst frame: one lost or doubled would be far below");
        assertEquals(1, Files.size(joined) / (double) Files.size(single), 0.1);
    }

    @Test
    void runsEvenlyAndDecodesWithoutAWord() {
        assertEquals(
                "",
                LocalTools.ffmpeg(
                        List.of("-xerror", "-err_detect", "explode", "-i", joined.toString(), "-f", "null", "-")));
        List<String[]> packets = packets();
        assertEquals(253, packets.size());
        long length = Long.parseLong(packets.get(0)[2]);
        List<Long> shown = new ArrayList<>();
        for (int i = 0; i < packets.size(); i++) {
            String[] packet = packets.get(i);
            shown.add(Long.parseLong(packet[0]));
            assertEquals(length, Long.parseLong(packet[2]), "duration of packet " + i);
            if (i > 0) {
                assertEquals(
                        length,
                        Long.parseLong(packet[1]) - Long.parseLong(packets.get(i - 1)[1]),
                        "decoding time " + i);
            }
        }
        shown.sort(null);
        for (int i = 0; i < shown.size(); i++) {
            assertEquals(shown.get(0) + i * length, shown.get(i), "picture " + i);
        }
    }

    @Test
    void beginsEveryClipWithAPictureThatNeedsNoOtherAndEndsItWithinIt() throws Exception {
        List<Integer> whole = slices(joined);
        List<String[]> packets = packets();
        int at = 0;
        for (Path part : parts) {
            int count = slices(part).size();
            assertEquals(5, whole.get(at), "the kind of slice " + at + ": 5 is one that refers to none before it");
            long first = Long.parseLong(packets.get(at)[0]);
            for (int i = at; i < at + count; i++) {
                assertTrue(
                        Long.parseLong(packets.get(i)[0]) >= first,
                        "picture " + i + " is shown before its clip begins");
            }
            for (int i = 0; i < at; i++) {
                assertTrue(
                        Long.parseLong(packets.get(i)[0]) < first, "picture " + i + " is shown after its clip ended");
            }
            at += count;
        }
        assertEquals(whole.size(), at);
        for (Path part : parts) {
            assertEquals(settings(joined), settings(part), "sequence and picture parameters of " + part);
        }
    }

    private static List<String> settings(Path film) {
        return Workbench.lines(List.of(
                "ffprobe",
                "-v",
                "error",
                "-show_data_hash",
                "sha256",
                "-show_entries",
                "stream=extradata_hash",
                "-of",
                "csv=p=0",
                film.toString()));
    }

    /** {@code pts, dts, duration} of each packet in the order of the file. */
    private List<String[]> packets() {
        return Workbench.lines(List.of(
                        "ffprobe",
                        "-v",
                        "error",
                        "-select_streams",
                        "v:0",
                        "-show_entries",
                        "packet=pts,dts,duration",
                        "-of",
                        "csv=p=0",
                        joined.toString()))
                .stream()
                .map(line -> line.split(","))
                .toList();
    }

    /** Types of the slices, one a picture. */
    private List<Integer> slices(Path film) throws Exception {
        Path stream = folder.resolve(film.getParent().getFileName() + ".h264");
        LocalTools.ffmpeg(
                List.of("-i", film.toString(), "-c", "copy", "-bsf:v", "h264_mp4toannexb", stream.toString()));
        List<Integer> types = new ArrayList<>();
        byte[] bytes = Files.readAllBytes(stream);
        for (int unit = next(bytes, 0); unit < bytes.length; unit = next(bytes, unit)) {
            int type = bytes[unit] & 31;
            if (type == 1 || type == 5) {
                types.add(type);
            }
        }
        return types;
    }

    /** Where the unit after the next start code begins. */
    private static int next(byte[] bytes, int from) {
        for (int i = from; i + 3 < bytes.length; i++) {
            if (bytes[i] == 0 && bytes[i + 1] == 0 && bytes[i + 2] == 1) {
                return i + 3;
            }
        }
        return bytes.length;
    }

    /** Structural similarity of each frame with the reference's. */
    private List<Double> similarity(Path film) throws Exception {
        Path log = folder.resolve(film.getFileName() + ".ssim");
        LocalTools.ffmpeg(List.of(
                "-i",
                film.toString(),
                "-i",
                reference.toString(),
                "-filter_complex",
                "[0:v]%s[a];[1:v]%s[b];[a][b]ssim=f=%s".formatted(COUNTED, COUNTED, log),
                "-f",
                "null",
                "-"));
        List<Double> found = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            Matcher matcher = SIMILARITY.matcher(line);
            assertTrue(matcher.find(), line);
            found.add(Double.parseDouble(matcher.group(1)));
        }
        return found;
    }

    private static DoubleStream stream(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue);
    }

    private static double mean(List<Double> values) {
        return stream(values).average().orElseThrow();
    }

    private static double worst(List<Double> values) {
        return stream(values).min().orElseThrow();
    }
}
