package org.localav.orchestrator.media;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.localav.orchestrator.media.Compatibility.Clip;
import org.localav.orchestrator.media.MediaInfo.AudioStream;
import org.localav.orchestrator.media.MediaInfo.VideoStream;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

class CompatibilityTest {
    @Test
    void findsNothingBetweenLikeClips() {
        List<Clip> clips = List.of(clip("a.mp4", new Look()), clip("b.mp4", new Look()));

        assertEquals(List.of(), Compatibility.differences(clips));
        assertEquals(List.of(), Compatibility.obstaclesToCopying(clips));
    }

    @Test
    void namesTheOddOneWithBothValuesAndTheLineToAdd() {
        Look small = new Look();
        small.size = "640x360";

        List<String> differences = Compatibility.differences(
                List.of(clip("small.mp4", small), clip("a.mp4", new Look()), clip("b.mp4", new Look())));

        assertEquals(
                List.of("small.mp4: size is 640x360, but 1280x720 in a.mp4, b.mp4; add 'fit: contain' under 'video:'"),
                differences);
    }

    @Test
    void proposesTheFrameRateOfMostClips() {
        Look slow = new Look();
        slow.rate = "25";

        List<String> differences = Compatibility.differences(
                List.of(clip("slow.mp4", slow), clip("a.mp4", new Look()), clip("b.mp4", new Look())));

        assertEquals(
                List.of("slow.mp4: frame rate is 25, but 30 in a.mp4, b.mp4; add 'fps: 30' under 'video:'"),
                differences);
    }

    @Test
    void saysOnceThatARateVaries() {
        Look phone = new Look();
        phone.variable = true;
        phone.rate = "10";

        List<String> differences =
                Compatibility.differences(List.of(clip("a.mp4", new Look()), clip("phone.mp4", phone)));

        assertEquals(
                List.of("phone.mp4: frame rate mode is variable, but constant in a.mp4; add 'fps: 30' under 'video:'"),
                differences);
    }

    @Test
    void reportsEveryPropertyThatDiffers() {
        Look odd = new Look();
        odd.codec = "hevc";
        odd.pixelFormat = "yuv420p10le";
        odd.range = "pc";
        odd.rotation = 90;
        odd.sar = new Rational(16, 15);
        odd.timeBase = "1/600";
        odd.fieldOrder = "tt";

        List<String> properties =
                Compatibility.differences(List.of(clip("a.mp4", new Look()), clip("odd.mp4", odd))).stream()
                        .map(s -> s.substring("odd.mp4: ".length(), s.indexOf(" is ")))
                        .toList();

        assertEquals(
                List.of(
                        "codec",
                        "pixel format",
                        "colour range",
                        "sample aspect ratio",
                        "rotation",
                        "scan",
                        "time base"),
                properties);
    }

    @Test
    void comparesSoundOnlyWhereItIsKept() {
        Look other = new Look();
        other.sampleRate = 44100;
        Clip a = clip("a.mp4", new Look());

        assertEquals(
                List.of("b.mp4: sound rate is 44100 Hz, but 48000 Hz in a.mp4; add 'audio: mute' to that clip, or"
                        + " 'fit: contain' under 'video:'"),
                Compatibility.differences(List.of(a, clip("b.mp4", other))));
        assertEquals(
                List.of(),
                Compatibility.differences(
                        List.of(a, new Clip("b.mp4", clip("b.mp4", other).info(), false))));
    }

    @Test
    void findsMissingSound() {
        Look silent = new Look();
        silent.sampleRate = 0;

        assertEquals(
                List.of("b.mp4: sound is missing, but there in a.mp4; add 'audio: mute' to that clip, or"
                        + " 'fit: contain' under 'video:'"),
                Compatibility.differences(List.of(clip("a.mp4", new Look()), clip("b.mp4", silent))));
    }

    @Test
    void copiesPicturesWhateverTheSound() {
        Look other = new Look();
        other.sampleRate = 44100;

        assertEquals(
                List.of(), Compatibility.obstaclesToCopying(List.of(clip("a.mp4", new Look()), clip("b.mp4", other))));
    }

    @Test
    void comparesStillsByShownSizeOnly() {
        Look upright = new Look();
        upright.still = true;
        upright.codec = "mjpeg";
        upright.size = "720x1280";
        upright.rotation = 90;
        Look square = new Look();
        square.still = true;
        square.size = "500x500";

        List<Clip> clips = List.of(clip("a.mp4", new Look()), clip("ok.jpg", upright), clip("square.png", square));

        assertEquals(
                List.of("square.png: size is 500x500, but 1280x720 in a.mp4; add 'fit: contain' under 'video:'"),
                Compatibility.differences(clips));
        assertEquals(
                List.of(
                        "ok.jpg is a still picture, which has to be encoded",
                        "square.png is a still picture, which has to be encoded"),
                Compatibility.obstaclesToCopying(clips));
    }

    @Test
    void forbidsCopyingWhereOnlyTheEncodersParametersDiffer() {
        Look other = new Look();
        other.extradata = "bbbbbbbbbbbb";
        List<Clip> clips = List.of(clip("a.mp4", new Look()), clip("b.mp4", other));

        assertEquals(List.of(), Compatibility.differences(clips));
        assertEquals(
                List.of(
                        "b.mp4: parameter set of the encoder is bbbbbbbb, but aaaaaaaa in a.mp4; they have to be encoded"),
                Compatibility.obstaclesToCopying(clips));
    }

    @Test
    void forbidsCopyingOfEditedAndLateClips() {
        Look edited = new Look();
        edited.edited = true;
        Look late = new Look();
        late.offset = Duration.ofMillis(23);

        assertEquals(
                List.of(
                        "edited.mp4 hides pictures by an edit list, which copying would bring back",
                        "late.mkv begins 23 ms late, which would be a gap where it is joined"),
                Compatibility.obstaclesToCopying(List.of(clip("edited.mp4", edited), clip("late.mkv", late))));
    }

    @Test
    void takesTheSameFileTwiceForOne() {
        Look phone = new Look();
        Clip a = clip("a.mp4", phone);

        assertEquals(List.of(), Compatibility.obstaclesToCopying(List.of(a, a, new Clip("a.mp4", a.info(), false))));
    }

    /** What a clip looks like; 1280x720 H.264 at 30 with 48 kHz stereo AAC unless changed. */
    private static final class Look {
        private String codec = "h264";
        private String size = "1280x720";
        private String pixelFormat = "yuv420p";
        private String range = "tv";
        private String rate = "30";
        private String timeBase = "1/15360";
        private String fieldOrder = "progressive";
        private String extradata = "aaaaaaaaaaaa";
        private Rational sar = Rational.ONE;
        private int rotation;
        private boolean variable;
        private boolean still;
        private boolean edited;
        private Duration offset = Duration.ZERO;
        private int sampleRate = 48000;
    }

    private static Clip clip(String name, Look look) {
        VideoStream video = new VideoStream(
                0,
                look.codec,
                "High",
                Size.parse(look.size),
                look.rotation,
                false,
                look.sar,
                look.pixelFormat,
                look.range,
                "bt709",
                "bt709",
                "bt709",
                look.fieldOrder,
                false,
                look.still,
                look.variable,
                Rational.parse(look.rate),
                Rational.parse(look.timeBase),
                look.still ? Duration.ZERO : Duration.ofSeconds(2),
                look.offset,
                look.extradata,
                look.edited);
        Optional<AudioStream> audio = look.sampleRate == 0 || look.still
                ? Optional.empty()
                : Optional.of(new AudioStream(
                        1, "aac", "LC", look.sampleRate, 2, "stereo", Duration.ofSeconds(2), Duration.ZERO, ""));
        return new Clip(name, new MediaInfo("mov", Optional.of(video), audio, List.of()), true);
    }
}
