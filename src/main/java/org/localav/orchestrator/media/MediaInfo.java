package org.localav.orchestrator.media;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

/**
 * The facts of one media file that the program decides by, read from ffprobe and by real demuxing where headers are
 * silent or lie. {@code video} and {@code audio} are the streams picked by default (first real picture, ffmpeg's own
 * order for sound: the default-flagged or else the first); {@code notes} say in sentences what was odd or left aside.
 *
 * @param format the one demuxer this file was read with, for {@code -f}; see {@link #inputOptions}
 */
public record MediaInfo(String format, Optional<VideoStream> video, Optional<AudioStream> audio, List<String> notes) {
    private static final Map<String, String> ALPHA_DECODERS = Map.of("vp8", "libvpx", "vp9", "libvpx-vp9");

    public MediaInfo {
        notes = List.copyOf(notes);
    }

    /**
     * A picture stream.
     *
     * @param index stream index in the file, for {@code -map 0:index}
     * @param coded size in px as stored, before rotation and sample aspect ratio
     * @param rotation degrees clockwise to turn the stored picture for showing: 0, 90, 180, 270 (EXIF and display
     *     matrix); ffmpeg does it by itself unless {@code -noautorotate} stands before the input
     * @param mirrored whether it is flipped left to right after it was turned (EXIF 2, 4, 5, 7)
     * @param sar sample aspect ratio, 1 when unknown
     * @param still one picture without a length of its own
     * @param rate frames a second: the constant one, or the average of a variable one
     * @param duration of this stream from its first frame to the end of its last; zero for a still
     * @param startOffset its first time stamp minus the file's start time
     * @param extradata hash of the codec parameters kept outside the packets, empty when there are none; streams that
     *     differ in it can't be joined by copying
     * @param edited whether an edit list hides coded pictures, which copying would bring back
     * @param transfer transfer characteristics as ffprobe names them (smpte2084, arib-std-b67: HDR), empty when unset
     */
    public record VideoStream(
            int index,
            String codec,
            String profile,
            Size coded,
            int rotation,
            boolean mirrored,
            Rational sar,
            String pixelFormat,
            String colorRange,
            String colorSpace,
            String primaries,
            String transfer,
            String fieldOrder,
            boolean alpha,
            boolean still,
            boolean variableRate,
            Rational rate,
            Rational timeBase,
            Duration duration,
            Duration startOffset,
            String extradata,
            boolean edited) {
        /** Width and height as shown on square pixels: widened by the sample aspect ratio, then turned by the rotation. */
        public Size shown() {
            int width = (int) Math.round(coded.width() * sar.toDouble());
            return rotation % 180 == 0 ? new Size(width, coded.height()) : new Size(coded.height(), width);
        }

        public boolean interlaced() {
            return !fieldOrder.isEmpty() && !fieldOrder.equals("progressive") && !fieldOrder.equals("unknown");
        }

        public boolean hdr() {
            return transfer.equals("smpte2084") || transfer.equals("arib-std-b67");
        }
    }

    /** A sound stream; rates in Hz; {@code duration} from the first sample to the last. */
    public record AudioStream(
            int index,
            String codec,
            String profile,
            int sampleRate,
            int channels,
            String layout,
            Duration duration,
            Duration startOffset,
            String extradata) {}

    /**
     * What must stand before {@code -i} so that ffmpeg reads the file as it was probed: the demuxer (ffmpeg's own guess
     * differs for JPEG, where it picks one that the safety options refuse, and for damaged files), and the decoder that
     * keeps the alpha of VP8 and VP9, which ffmpeg's native ones drop.
     */
    public List<String> inputOptions() {
        List<String> options = new ArrayList<>(List.of("-f", format));
        video.filter(VideoStream::alpha)
                .map(VideoStream::codec)
                .filter(ALPHA_DECODERS::containsKey)
                .ifPresent(codec -> options.addAll(List.of("-c:v", ALPHA_DECODERS.get(codec))));
        return List.copyOf(options);
    }

    /** The length the program works with: the picked picture's, else the picked sound's; zero for a still. */
    public Duration duration() {
        return video.filter(v -> !v.still())
                .map(VideoStream::duration)
                .or(() -> audio.map(AudioStream::duration))
                .orElse(Duration.ZERO);
    }
}
