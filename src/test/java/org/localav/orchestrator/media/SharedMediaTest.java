package org.localav.orchestrator.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.localav.orchestrator.spec.Size;

/** Facts of real files that phones, browsers and old editors made; the folder is not part of the project. */
@Tag("tools")
class SharedMediaTest {
    private static final Path FOLDER = Path.of(System.getenv()
            .getOrDefault("AVO_MEDIA", Path.of("..", "shared", "media").toString()));
    private final Prober prober = new Prober(LocalTools.FFPROBE);

    @BeforeAll
    static void findMedia() {
        assumeTrue(
                Files.isDirectory(FOLDER),
                "the shared media are not at " + FOLDER.toAbsolutePath() + "; set AVO_MEDIA to their folder");
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
        phone-portrait-iphone4s.MOV,       mov,       1, 320x568,  90, 30000/1001,   2.068333, false
        phone-hdr-hevc10-iphone14.mov,     mov,       0, 1080x1920, 90, 24,          1.666667, false
        phone-vfr-rot180-fire.mp4,         mov,       0, 1280x720, 180, 750000/71393, 2.379767, true
        dv-pal-4x3-interlaced.mov,         mov,       0, 787x576,   0, 25,           1, false
        old-4x3.avi,                       avi,       0, 1024x768,  0, 5,            2, false
        recorder-no-duration.webm,         matroska,  0, 1280x720,  0, 15000/1001,   4.938, true
        av1.mkv,                           matroska,  0, 640x360,   0, 25,           5, false
        two-video-two-audio-subs-nasa.mp4, mov,       0, 320x180,   0, 25,           13, false
        multi-audio-8-subs.mkv,            matroska,  0, 1024x576,  0, 24,           2, false
        """)
    void findsThePictureAsItIsShown(
            String file, String format, int index, String shown, int rotation, String rate, double seconds, boolean vfr)
            throws UnreadableMediaException {
        MediaInfo info = probe(file);

        MediaInfo.VideoStream video = info.video().orElseThrow();
        assertEquals(format, info.format());
        assertEquals(index, video.index());
        assertEquals(Size.parse(shown), video.shown());
        assertEquals(rotation, video.rotation());
        assertEquals(rate, video.rate().toString());
        assertEquals(vfr, video.variableRate());
        assertEquals(seconds, video.duration().toNanos() / 1e9, 0.000001);
        assertEquals(info.duration(), video.duration());
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
        Apple  voice memo.m4a,             mov,      0, aac,       48000, 1, 1.000000,  0
        music-cc-by.mp3,                   mp3,      0, mp3,       44100, 2, 97.404422, 0
        non_ascii_filename_äää.mp3,        mp3,      0, mp3,       44100, 2, 5,         0
        id3-cover-art.mp3,                 mp3,      0, mp3,       22050, 1, 1.071020,  0
        flac-with-jpg-picture.flac,        flac,     0, flac,      44100, 2, 4.989252,  0
        speech-8khz.opus,                  ogg,      0, opus,      48000, 1, 5,         0
        speech-mono-16k.wav,               wav,      0, pcm_s16le, 16000, 1, 11,        0
        recorder-no-duration.webm,         matroska, 1, opus,      48000, 2, 4.859,     0.015
        multi-audio-8-subs.mkv,            matroska, 1, aac,       48000, 2, 2.005,     0.012
        two-video-two-audio-subs-nasa.mp4, mov,      1, aac,        8000, 2, 13.056,    0
        """)
    void findsHowLongTheSoundReallyIs(
            String file, String format, int index, String codec, int rate, int channels, double seconds, double offset)
            throws UnreadableMediaException {
        MediaInfo info = probe(file);

        MediaInfo.AudioStream audio = info.audio().orElseThrow();
        assertEquals(format, info.format());
        assertEquals(index, audio.index());
        assertEquals(codec, audio.codec());
        assertEquals(rate, audio.sampleRate());
        assertEquals(channels, audio.channels());
        assertEquals(seconds, audio.duration().toNanos() / 1e9, 0.000001);
        assertEquals(offset, audio.startOffset().toNanos() / 1e9, 0.000001);
    }

    @Test
    void takesCoverArtForNoVideo() throws UnreadableMediaException {
        MediaInfo info = probe("id3-cover-art.mp3");

        assertTrue(info.video().isEmpty());
        assertEquals(List.of("stream 1 (mjpeg 256x256, titled 'cover') is cover art and no video"), info.notes());
    }

    @Test
    void saysWhichOfSeveralStreamsItTook() throws UnreadableMediaException {
        MediaInfo info = probe("two-video-two-audio-subs-nasa.mp4");

        assertEquals(
                List.of(
                        "stream 3 (h264 480x270) is left aside: stream 0 is taken",
                        "stream 4 (aac 16000 Hz, 2 channels) is left aside: stream 1 is taken",
                        "2 subtitle streams are left aside"),
                info.notes());
    }

    @Test
    void turnsAPhotoAsItsExifSays() throws UnreadableMediaException {
        MediaInfo.VideoStream photo = probe("exif-orientation-6.jpg").video().orElseThrow();

        assertEquals(90, photo.rotation());
        assertEquals(new Size(1200, 1800), photo.shown());
        assertTrue(photo.still());
        assertEquals(Duration.ZERO, photo.duration());
    }

    @Test
    void findsAlpha() throws UnreadableMediaException {
        assertTrue(probe("alpha.png").video().orElseThrow().alpha());
        assertFalse(probe("photo.webp").video().orElseThrow().alpha());
        // Chrome tags every recording alpha_mode=1
        assertFalse(probe("recorder-no-duration.webm").video().orElseThrow().alpha());
    }

    @Test
    void findsHdrAndInterlacing() throws UnreadableMediaException {
        assertTrue(probe("phone-hdr-hevc10-iphone14.mov").video().orElseThrow().hdr());
        assertTrue(probe("dv-pal-4x3-interlaced.mov").video().orElseThrow().interlaced());
        assertFalse(probe("phone-portrait-iphone4s.MOV").video().orElseThrow().interlaced());
    }

    @Test
    void refusesACorruptFileWithOneSentence() {
        UnreadableMediaException refusal = assertThrows(UnreadableMediaException.class, () -> probe("corrupt.mkv"));

        assertEquals(
                "corrupt.mkv is damaged or not the kind of file its name says: ffprobe found 'Invalid data found when"
                        + " processing input'",
                refusal.getMessage());
    }

    private MediaInfo probe(String name) throws UnreadableMediaException {
        return prober.probe(FOLDER.resolve(name), name);
    }
}
