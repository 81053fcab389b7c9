package org.localav.orchestrator.media;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

/**
 * The facts of one media file that the program decides by, read from ffprobe and by real demuxing where headers are
 * silent or lie. {@code video} and {@code audio} are the streams picked by default (first real picture, ffmpeg's own
 * order for sound: the default-flagged or else the first); {@code notes} say in sentences what was odd or left aside.
 */
public record MediaInfo(String format, Optional<VideoStream> video, Optional<AudioStream> audio, List<String> notes) {
    public MediaInfo {
        notes = List.copyOf(notes);
    }

    /**
     * A picture stream.
     *
     * @param index stream index in the file, for {@code -map 0:index}
     * @param coded size in px as stored, before rotation and sample aspect ratio
     * @param rotation degrees clockwise to turn the stored picture for showing: 0, 90, 180, 270 (EXIF and display
     *     matrix)
     * @param mirrored whether it is also to be flipped left to right (EXIF 2, 4, 5, 7)
     * @param sar sample aspect ratio, 1 when unknown
     * @param still one picture without a length of its own
     * @param rate frames a second: the constant one, or the average of a variable one
     * @param duration of this stream from its first frame to the end of its last; zero for a still
     * @param startOffset its first time stamp minus the file's start time
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
            Duration startOffset) {
        /** Width and height as shown on square pixels: turned by the rotation, widened by the sample aspect ratio. */
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
            Duration startOffset) {}

    /** The length the program works with: the picked picture's, else the picked sound's; zero for a still. */
    public Duration duration() {
        return video.filter(v -> !v.still())
                .map(VideoStream::duration)
                .or(() -> audio.map(AudioStream::duration))
                .orElse(Duration.ZERO);
    }
}
