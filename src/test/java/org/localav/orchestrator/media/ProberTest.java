package org.localav.orchestrator.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.localav.orchestrator.media.MediaInfo.VideoStream;
import org.localav.orchestrator.spec.Size;

/** What real ffprobe finds in media made with ffmpeg, whole and damaged. */
@Tag("tools")
class ProberTest {
    private static final String X264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p ";

    @TempDir
    static Path folder;

    private static Path clip;
    private final Prober prober = new Prober(LocalTools.FFPROBE);

    @BeforeAll
    static void makeClip() {
        clip = LocalTools.make(
                folder.resolve("clip.mp4"),
                "-f lavfi -i testsrc2=s=128x96:r=30:d=20 -f lavfi -i sine=d=20 " + X264
                        + "-g 60 -c:a aac -movflags +faststart");
    }

    @Test
    void findsTheFactsOfAnOrdinaryClip() throws UnreadableMediaException {
        MediaInfo info = probe(clip);

        VideoStream video = info.video().orElseThrow();
        assertEquals("mov", info.format());
        assertEquals(
                "h264 128x96 30 1/15360",
                video.codec() + " " + video.coded() + " " + video.rate() + " " + video.timeBase());
        assertEquals(Duration.ofSeconds(20), video.duration());
        assertEquals(32, video.extradata().length());
        assertEquals(Duration.ofSeconds(20), info.audio().orElseThrow().duration());
        assertEquals(List.of(), info.notes());
        assertEquals(List.of("-f", "mov"), info.inputOptions());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mkv", "ts", "mov", "avi", "webm"})
    void findsTheSameLengthInEveryContainer(String ending) throws UnreadableMediaException {
        String codecs = ending.equals("webm")
                ? "-c:v libvpx -deadline realtime -c:a libopus"
                : X264 + "-bf 0 -c:a " + (ending.equals("avi") ? "pcm_s16le" : "aac");
        Path file = LocalTools.make(
                folder.resolve("length." + ending),
                "-f lavfi -i testsrc2=s=128x96:r=30:d=3 -f lavfi -i sine=d=3 " + codecs);

        VideoStream video = probe(file).video().orElseThrow();

        assertEquals(3, video.duration().toNanos() / 1e9, 0.0005);
        assertEquals("30", video.rate().toString());
        assertFalse(video.variableRate());
    }

    @ParameterizedTest
    @ValueSource(strings = {"wav", "flac", "mp3", "ogg", "opus", "m4a", "aac", "mka"})
    void findsHowLongSoundIs(String ending) throws UnreadableMediaException {
        Path file = LocalTools.make(folder.resolve("sound." + ending), "-f lavfi -i sine=r=48000:d=3");

        double seconds = probe(file).audio().orElseThrow().duration().toNanos() / 1e9;

        // raw AAC can't tell its priming and padding
        assertEquals(
                3, seconds, ending.equals("aac") ? 0.05 : ending.equals("ogg") || ending.equals("mka") ? 0.03 : 0.001);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void takesAShortClipWithPicturesOutOfOrderForConstant(int seconds) throws UnreadableMediaException {
        Path file = LocalTools.make(
                folder.resolve("short" + seconds + ".mp4"),
                "-f lavfi -i testsrc=s=128x96:r=25:d=" + seconds + " -f lavfi -i sine=d=" + seconds
                        + " -c:v libx264 -preset medium -c:a aac");

        VideoStream video = probe(file).video().orElseThrow();

        assertFalse(video.variableRate());
        assertEquals(Duration.ofSeconds(seconds), video.duration());
    }

    @Test
    void findsTheLengthOfALiveRecordingWithoutOne() throws UnreadableMediaException {
        Path file = LocalTools.make(
                folder.resolve("live.webm"),
                "-f lavfi -i testsrc2=s=128x96:r=25:d=4 -c:v libvpx -deadline realtime -g 25 -f webm -live 1");

        VideoStream video = probe(file).video().orElseThrow();

        assertEquals(Duration.ofSeconds(4), video.duration());
        assertEquals("25", video.rate().toString());
    }

    @Test
    void findsSoundThatEndsLongBeforeThePicture() throws UnreadableMediaException {
        Path file = LocalTools.make(
                folder.resolve("short-sound.mkv"),
                "-f lavfi -i testsrc2=s=128x96:r=25:d=30 -f lavfi -i sine=d=15 " + X264 + "-g 25 -c:a aac");

        MediaInfo info = probe(file);

        assertEquals(Duration.ofSeconds(30), info.duration());
        assertEquals(15, info.audio().orElseThrow().duration().toNanos() / 1e9, 0.05);
    }

    @Test
    void findsAVariableRate() throws UnreadableMediaException {
        Path file = LocalTools.make(
                folder.resolve("vfr.mp4"),
                "-f lavfi -i testsrc2=s=128x96:r=30:d=4 -vf select='not(eq(mod(n\\,7)\\,3))' -vsync vfr " + X264);

        VideoStream video = probe(file).video().orElseThrow();

        assertTrue(video.variableRate());
        assertEquals(25.7, video.rate().toDouble(), 0.3);
    }

    @Test
    void findsALateSoundAndPicture() throws UnreadableMediaException {
        Path file = LocalTools.make(
                folder.resolve("late.mkv"),
                "-f lavfi -i testsrc2=s=128x96:r=25:d=2 -itsoffset 0.5 -f lavfi -i sine=d=1 " + X264 + "-c:a flac");

        assertEquals(Duration.ofMillis(500), probe(file).audio().orElseThrow().startOffset());
    }

    @Test
    void findsPicturesHiddenByAnEditList() throws UnreadableMediaException {
        Path file = LocalTools.make(folder.resolve("edited.mp4"), "-ss 1.5 -i " + clip + " -t 3 -c copy");

        VideoStream video = probe(file).video().orElseThrow();

        assertTrue(video.edited());
        assertEquals(3, video.duration().toNanos() / 1e9, 0.05);
        assertFalse(probe(clip).video().orElseThrow().edited());
    }

    @Test
    void findsAlphaBesideVp9Packets() throws UnreadableMediaException {
        Path file = LocalTools.make(
                folder.resolve("alpha.webm"),
                "-f lavfi -i color=red@0.5:s=64x64:d=0.5,format=yuva420p -c:v libvpx-vp9 -deadline realtime");

        MediaInfo info = probe(file);

        assertTrue(info.video().orElseThrow().alpha());
        assertEquals(List.of("-f", "matroska", "-c:v", "libvpx-vp9"), info.inputOptions());
    }

    @ParameterizedTest
    @CsvSource({"png", "jpg", "webp", "bmp", "tiff", "gif"})
    void takesAPictureForAStill(String ending) throws UnreadableMediaException {
        Path file =
                LocalTools.make(folder.resolve("still." + ending), "-f lavfi -i testsrc2=s=64x48:d=0.04 -frames:v 1");

        VideoStream video = probe(file).video().orElseThrow();

        assertTrue(video.still());
        assertEquals(new Size(64, 48), video.shown());
        assertEquals(Duration.ZERO, video.duration());
    }

    @Test
    void takesAnAnimatedGifForAMovingPicture() throws UnreadableMediaException {
        Path file = LocalTools.make(folder.resolve("moving.gif"), "-f lavfi -i testsrc2=s=64x48:r=10:d=1");

        VideoStream video = probe(file).video().orElseThrow();

        assertFalse(video.still());
        assertEquals(Duration.ofSeconds(1), video.duration());
    }

    @Test
    void refusesAnimationsThatFfmpegReadsInPartOnly() {
        Path webp = LocalTools.make(
                folder.resolve("moving.webp"), "-f lavfi -i testsrc2=s=64x48:r=10:d=1 -c:v libwebp_anim");
        Path apng = LocalTools.make(folder.resolve("moving.png"), "-f lavfi -i testsrc2=s=64x48:r=10:d=1 -f apng");

        assertTrue(refusal(webp).startsWith("moving.webp is an animated WebP, which ffmpeg can't read"));
        assertTrue(refusal(apng).startsWith("moving.png is an animated PNG, of which only the first picture"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mp4", "mkv", "wav", "flac", "mp3"})
    void refusesAFileThatWasCutShort(String ending) throws IOException {
        Path whole = LocalTools.make(
                folder.resolve("whole." + ending),
                "-i " + clip + (List.of("mp4", "mkv").contains(ending) ? " -c copy -movflags +faststart" : " -vn"));
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = Files.write(folder.resolve("cut." + ending), Arrays.copyOf(bytes, bytes.length / 2));

        assertTrue(refusal(cut).startsWith("cut." + ending + " is cut short: "), refusal(cut));
    }

    @Test
    void refusesHeadersWithoutMedia() throws IOException {
        Path wav = LocalTools.make(folder.resolve("tone.wav"), "-f lavfi -i sine=d=0.01");
        Path header = Files.write(folder.resolve("header.wav"), Arrays.copyOf(Files.readAllBytes(wav), 78));
        Path mp4 = LocalTools.make(
                folder.resolve("streamless.mp4"), "-f lavfi -i sine=d=0.1 -c:a aac -movflags +empty_moov");
        Path streamless = Files.write(folder.resolve("streamless.mp4"), new byte[] {
            0, 0, 0, 16, 'f', 't', 'y', 'p', 'i', 's', 'o', 'm', 0, 0, 2, 0, 0, 0, 0, 8, 'm', 'o', 'o', 'v'
        });

        assertTrue(refusal(header).startsWith("header.wav "), refusal(header));
        assertEquals(mp4, streamless);
        assertTrue(refusal(streamless).startsWith("streamless.mp4 "), refusal(streamless));
    }

    @Test
    void readsAnMp3WithGarbageBeforeIt() throws IOException, UnreadableMediaException {
        Path mp3 = LocalTools.make(folder.resolve("good.mp3"), "-f lavfi -i sine=d=2");
        byte[] sound = Files.readAllBytes(mp3);
        byte[] dirty = new byte[sound.length + 2000];
        Arrays.fill(dirty, 0, 2000, (byte) 0x3c);
        System.arraycopy(sound, 0, dirty, 2000, sound.length);

        MediaInfo info = probe(Files.write(folder.resolve("dirty.mp3"), dirty));

        assertEquals("mp3", info.format());
        assertEquals("mp3", info.audio().orElseThrow().codec());
    }

    @Test
    void refusesPlaylistsDisguisedAsMedia() throws IOException {
        for (String text : List.of(
                "#EXTM3U\n#EXTINF:1,\n" + clip + "\n", "ffconcat version 1.0\nfile " + clip + "\n", "<?xml?><MPD/>")) {
            Path file = Files.writeString(folder.resolve("list.mp4"), text);
            assertTrue(refusal(file).contains("is a playlist or other text"), refusal(file));
        }
        Path hidden = Files.writeString(folder.resolve("hidden.mp4"), "\u0001\n#EXTM3U\n#EXTINF:1,\n" + clip + "\n");
        assertTrue(refusal(hidden).startsWith("hidden.mp4 is damaged"), refusal(hidden));
    }

    @Test
    void refusesWhatIsNoRegularFile() throws IOException, InterruptedException {
        Path pipe = folder.resolve("pipe.mp4");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());

        assertEquals("pipe.mp4 is no regular file but a device or pipe", refusal(pipe));
        assertEquals("no.mp4 does not exist", refusal(folder.resolve("no.mp4")));
        assertEquals("void.mp4 is empty (0 bytes)", refusal(Files.write(folder.resolve("void.mp4"), new byte[0])));
    }

    @Test
    void refusesAPictureTooSmallToEncode() {
        Path dot = LocalTools.make(
                folder.resolve("dot.png"), "-f lavfi -i testsrc2=s=64x48:d=0.04 -vf format=rgb24,crop=1:1 -frames:v 1");

        assertTrue(refusal(dot).startsWith("dot.png can't be used: a picture is 2 to 16384 px"), refusal(dot));
    }

    @Test
    void saysWhenNameAndContentDisagree() throws IOException, UnreadableMediaException {
        Path file = LocalTools.make(folder.resolve("real.mkv"), "-f lavfi -i sine=d=1 -c:a flac");
        Files.move(file, folder.resolve("wrong.mp4"));

        MediaInfo info = probe(folder.resolve("wrong.mp4"));

        assertEquals("matroska", info.format());
        assertEquals(List.of("its name says mov, its content is matroska"), info.notes());
    }

    @Test
    void findsKeyFrames() throws UnreadableMediaException {
        List<Duration> keys = prober.keyframes(clip, 0);

        assertEquals(10, keys.size());
        assertEquals(Duration.ZERO, keys.get(0));
        assertEquals(Duration.ofSeconds(2), keys.get(1));
    }

    @Test
    void countsTheFramesOfAResult() throws UnreadableMediaException {
        Probed probed = prober.result(clip);

        assertEquals(600, probed.video().orElseThrow().packets());
        assertEquals("h264", probed.video().orElseThrow().codec());
        assertEquals("aac", probed.audio().orElseThrow().codec());
        assertEquals(Duration.ofSeconds(20), probed.duration());
    }

    @Test
    void countsTheFramesOfALargeResult() throws UnreadableMediaException {
        Path file = LocalTools.make(
                folder.resolve("large.mov"),
                "-f lavfi -i testsrc2=s=640x480:r=25:d=2 -f lavfi -i sine=d=2 -c:v rawvideo -pix_fmt uyvy422 -c:a pcm_s16le");

        Probed probed = prober.result(file);

        assertTrue(file.toFile().length() > 16 << 20);
        assertEquals(50, probed.video().orElseThrow().packets());
        assertEquals(Duration.ofSeconds(2), probed.duration());
    }

    private MediaInfo probe(Path file) throws UnreadableMediaException {
        return prober.probe(file, file.getFileName().toString());
    }

    private String refusal(Path file) {
        return assertThrows(UnreadableMediaException.class, () -> probe(file)).getMessage();
    }
}
