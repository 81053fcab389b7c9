package org.localav.orchestrator.media;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.localav.orchestrator.media.MediaInfo.AudioStream;
import org.localav.orchestrator.media.MediaInfo.VideoStream;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

/** One stream as ffprobe tells it, and what its packets say where the header is silent or wrong. */
record StreamReader(JsonNode node, List<Packet> head, List<Packet> tail) {
    private static final Rational MILLISECOND = new Rational(1, 1000);
    private static final Set<String> ALPHA_FORMATS = Set.of("pal8", "ya8", "ya16be", "ya16le");

    int index() {
        return node.path("index").asInt();
    }

    String type() {
        return node.path("codec_type").asText();
    }

    String codec() {
        return node.path("codec_name").asText();
    }

    boolean attachedPicture() {
        return node.path("disposition").path("attached_pic").asInt() == 1
                || node.path("disposition").path("timed_thumbnails").asInt() == 1;
    }

    boolean isDefault() {
        return node.path("disposition").path("default").asInt() == 1;
    }

    /** Whether it is a picture that can be shown: a transport stream may list one whose size never came. */
    boolean isPicture() {
        return type().equals("video") && !attachedPicture() && number("width") > 0 && number("height") > 0;
    }

    boolean isSound() {
        return type().equals("audio") && number("sample_rate") > 0 && number("channels") > 0;
    }

    boolean hasDecoder() {
        return !codec().isEmpty() && !codec().equals("unknown");
    }

    /** {@code h264 320x180} or {@code aac 44100 Hz, 2 channels}. */
    String describe() {
        String codec = hasDecoder() ? codec() : "unknown codec";
        String details =
                switch (type()) {
                    case "video" -> " " + number("width") + "x" + number("height");
                    case "audio" ->
                        " " + number("sample_rate") + " Hz, "
                                + (number("channels") == 1 ? "1 channel" : number("channels") + " channels");
                    default -> "";
                };
        String title = node.path("tags").path("title").asText();
        return codec + details + (title.isEmpty() ? "" : ", titled '" + title + "'");
    }

    Timeline timeline() {
        return Timeline.of(head, tail, timeBase(), (int) number("sample_rate"));
    }

    Rational timeBase() {
        return ratio("time_base").orElse(new Rational(1, 1_000_000));
    }

    /** The length its header states, in seconds. */
    OptionalDouble statedLength() {
        OptionalDouble stated = seconds(node.path("duration"));
        return stated.isPresent()
                ? stated
                : tagged(node.path("tags").path("DURATION").asText());
    }

    /** Matroska keeps a stream's end as the tag {@code 00:00:05.000000000}. */
    private static OptionalDouble tagged(String tag) {
        String[] parts = tag.split(":");
        try {
            return parts.length == 3
                    ? OptionalDouble.of(Integer.parseInt(parts[0]) * 3600
                            + Integer.parseInt(parts[1]) * 60
                            + Double.parseDouble(parts[2].trim()))
                    : OptionalDouble.empty();
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }

    VideoStream video(Orientation orientation, boolean still, Span span) {
        Timeline timeline = timeline();
        String pixelFormat = node.path("pix_fmt").asText();
        OptionalLong frames = node.path("nb_frames").isMissingNode()
                ? OptionalLong.empty()
                : OptionalLong.of(node.path("nb_frames").asLong());
        Cadence cadence = Cadence.of(
                List.of(ratio("r_frame_rate"), ratio("avg_frame_rate")),
                still ? List.of() : timeline.steps(),
                timeBase(),
                frames,
                seconds(node.path("duration")).orElse(0));
        return new VideoStream(
                index(),
                codec(),
                known("profile"),
                new Size((int) number("width"), (int) number("height")),
                orientation.rotation(),
                orientation.mirrored(),
                sampleAspectRatio(),
                pixelFormat,
                known("color_range"),
                known("color_space"),
                known("color_primaries"),
                known("color_transfer"),
                known("field_order"),
                alpha(pixelFormat),
                still,
                cadence.variable(),
                cadence.rate(),
                timeBase(),
                still ? Duration.ZERO : wholeFrames(span.duration(), cadence),
                still ? Duration.ZERO : span.offset(),
                extradata(),
                timeline.edited());
    }

    /** Undoes the rounding of Matroska's milliseconds: a constant rate makes a whole number of frames. */
    private Duration wholeFrames(Duration duration, Cadence cadence) {
        double seconds = duration.toNanos() / 1e9;
        double exact =
                Math.round(seconds * cadence.rate().toDouble()) / cadence.rate().toDouble();
        boolean rounded = timeBase().equals(MILLISECOND) && Math.abs(exact - seconds) <= 0.0015;
        return !cadence.variable() && rounded ? MediaReading.duration(exact) : duration;
    }

    AudioStream audio(Span span) {
        int channels = (int) number("channels");
        String layout = known("channel_layout");
        if (layout.isEmpty() && channels <= 2) {
            layout = channels == 1 ? "mono" : "stereo";
        }
        return new AudioStream(
                index(),
                codec(),
                known("profile"),
                (int) number("sample_rate"),
                channels,
                layout,
                span.duration(),
                span.offset(),
                extradata());
    }

    /** How long a stream sounds or shows, and when it begins after the file does. */
    record Span(Duration duration, Duration offset) {}

    Optional<String> displayMatrix() {
        return sideData(node.path("side_data_list"));
    }

    /** The display matrix among a stream's or a frame's side data; EXIF gives the frame one. */
    static Optional<String> sideData(JsonNode list) {
        for (JsonNode side : list) {
            if (side.has("displaymatrix")) {
                return Optional.of(side.path("displaymatrix").asText());
            }
        }
        return Optional.empty();
    }

    /** 1 when unknown (ffprobe's 0:1) or beyond what a real picture has. */
    private Rational sampleAspectRatio() {
        return ratio("sample_aspect_ratio")
                .filter(r -> r.toDouble() >= 0.1 && r.toDouble() <= 10)
                .orElse(Rational.ONE);
    }

    /**
     * VP8 and VP9 keep alpha beside their packets: their pixel format doesn't tell, and browsers set {@code alpha_mode}
     * on recordings that have none.
     */
    private boolean alpha(String pixelFormat) {
        return Stream.of("rgba", "bgra", "argb", "abgr", "yuva", "gbrap").anyMatch(pixelFormat::startsWith)
                || ALPHA_FORMATS.contains(pixelFormat)
                || head.stream().anyMatch(Packet::alpha);
    }

    private String extradata() {
        String hash = node.path("extradata_hash").asText();
        return hash.substring(hash.indexOf(':') + 1).toLowerCase(Locale.ROOT);
    }

    private long number(String field) {
        return node.path(field).asLong();
    }

    private String known(String field) {
        String value = node.path(field).asText();
        return value.equals("unknown") ? "" : value;
    }

    private Optional<Rational> ratio(String field) {
        String[] parts = node.path(field).asText().split("[/:]");
        try {
            return parts.length == 2 && !parts[0].equals("0")
                    ? Optional.of(new Rational(Long.parseLong(parts[0]), Long.parseLong(parts[1])))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static OptionalDouble seconds(JsonNode node) {
        try {
            double value = Double.parseDouble(node.asText());
            return value > 0 ? OptionalDouble.of(value) : OptionalDouble.empty();
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }
}
