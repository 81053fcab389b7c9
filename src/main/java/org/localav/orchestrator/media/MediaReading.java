package org.localav.orchestrator.media;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.localav.orchestrator.media.MediaInfo.AudioStream;
import org.localav.orchestrator.media.MediaInfo.VideoStream;
import org.localav.orchestrator.media.StreamReader.Span;
import org.localav.orchestrator.spec.Size;

/** Turns what ffprobe found into facts: picks the streams, settles how long they are, and says what was odd. */
final class MediaReading {
    /** Demuxers whose stated length is a guess from the bit rate, or was found by reading the end anyway. */
    private static final Set<String> GUESSED =
            Set.of("mpegts", "mpeg", "aac", "h264", "hevc", "amr", "ogg", "dv", "gif");

    /** What a container's own length may cut off a stream's last packet: encoder padding, in seconds. */
    private static final double PADDING = 0.25;

    private final ProbeOutput output;
    private final String demuxer;
    private final boolean demuxerFromBytes;
    private final List<StreamReader> streams;
    private final boolean whole;
    private final List<String> notes = new ArrayList<>();

    private MediaReading(ProbeOutput output, Signature signature, int headPackets) {
        this.output = output;
        String formats = output.format().path("format_name").asText();
        this.demuxer = signature.demuxer().orElse(formats.split(",")[0]);
        this.demuxerFromBytes = signature.fromBytes();
        List<Packet> packets = output.packets();
        int split = Math.min(firstRepeated(packets), Math.min(headPackets, packets.size()));
        this.whole = split == packets.size() && split < headPackets;
        Map<Integer, List<Packet>> heads = byStream(packets.subList(0, split));
        Map<Integer, List<Packet>> tails = byStream(packets.subList(split, packets.size()));
        this.streams = output.streams().stream()
                .map(node -> {
                    int index = node.path("index").asInt();
                    return new StreamReader(
                            node, heads.getOrDefault(index, List.of()), tails.getOrDefault(index, List.of()));
                })
                .toList();
    }

    /** In a short file the tail begins before the head has had its number of packets: at the first one seen before. */
    private static int firstRepeated(List<Packet> packets) {
        Set<List<Object>> seen = new HashSet<>();
        for (int i = 0; i < packets.size(); i++) {
            Packet packet = packets.get(i);
            boolean timed = packet.time().isPresent();
            if (timed && !seen.add(List.of(packet.stream(), packet.time(), packet.decoded()))) {
                return i;
            }
        }
        return packets.size();
    }

    /** @param headPackets how many of the packets were read from the file's start without a gap */
    static MediaReading of(ProbeOutput output, Signature signature, int headPackets) {
        return new MediaReading(output, signature, headPackets);
    }

    private static Map<Integer, List<Packet>> byStream(List<Packet> packets) {
        return packets.stream().collect(Collectors.groupingBy(Packet::stream));
    }

    /** Whether every picture and sound stream's end was reached, or its header can be believed. */
    boolean endKnown() {
        return whole
                || streams.stream()
                        .filter(s -> s.isPicture() || s.isSound())
                        .allMatch(s -> !s.tail().isEmpty() || believable(s));
    }

    /** An index lists every sample of its stream; but when nothing at all could be read at the end, it may be broken. */
    private boolean believable(StreamReader stream) {
        return (demuxer.equals("mov") || demuxer.equals("matroska"))
                && stream.statedLength().isPresent()
                && streams.stream().anyMatch(s -> !s.tail().isEmpty());
    }

    MediaInfo still(String name, Path file) throws UnreadableMediaException {
        StreamReader stream = streams.stream()
                .filter(StreamReader::isPicture)
                .findFirst()
                .filter(s -> output.frame().has("width"))
                .orElseThrow(() -> new UnreadableMediaException(name + " is a damaged picture: it can't be decoded"));
        Orientation orientation = StreamReader.sideData(output.frame().path("side_data_list"))
                .flatMap(Orientation::read)
                .orElse(Orientation.UPRIGHT);
        noteName(file);
        return new MediaInfo(demuxer, Optional.of(picture(stream, orientation, true, name)), Optional.empty(), notes);
    }

    MediaInfo moving(String name, Path file) throws UnreadableMediaException {
        if (!demuxerFromBytes
                && output.format().path("probe_score").asInt() < 26
                && Signature.usual(file.toString()).isEmpty()) {
            throw new UnreadableMediaException(
                    name + " has no ending and no content that says what kind of media it is");
        }
        noteName(file);
        Optional<StreamReader> picture = pickVideo();
        Optional<StreamReader> sound = pickAudio();
        if (picture.isEmpty() && sound.isEmpty()) {
            throw new UnreadableMediaException(name + " holds no picture or sound that can be used" + listed());
        }
        for (StreamReader stream :
                Stream.concat(picture.stream(), sound.stream()).toList()) {
            requireMedia(stream, name);
        }
        noteStreams(picture, sound);
        boolean still = demuxer.equals("gif") && picture.isPresent() && frames(picture.get()) == 1;
        Optional<VideoStream> video = Optional.empty();
        if (picture.isPresent()) {
            Orientation orientation =
                    picture.get().displayMatrix().flatMap(Orientation::read).orElse(Orientation.UPRIGHT);
            video = Optional.of(picture(picture.get(), orientation, still, name));
        }
        Optional<AudioStream> audio = sound.map(s -> s.audio(span(s)));
        return new MediaInfo(demuxer, video, audio, notes);
    }

    /** @param counted streams with their packets counted, where not all packets were read */
    Probed probed(String name, List<JsonNode> counted) throws UnreadableMediaException {
        if (streams.isEmpty()) {
            throw new UnreadableMediaException(name + " holds no stream");
        }
        Map<Integer, JsonNode> byIndex =
                counted.stream().collect(Collectors.toMap(n -> n.path("index").asInt(), n -> n, (a, b) -> a));
        return new Probed(
                demuxer,
                streams.stream()
                        .map(s -> new Probed.Stream(
                                s.index(),
                                s.type(),
                                s.codec(),
                                span(s).duration(),
                                byIndex.containsKey(s.index())
                                        ? byIndex.get(s.index())
                                                .path("nb_read_packets")
                                                .asLong()
                                        : s.head().size(),
                                s.node().path("width").asInt(),
                                s.node().path("height").asInt()))
                        .toList());
    }

    private long frames(StreamReader stream) {
        return Stream.concat(stream.head().stream(), stream.tail().stream())
                .map(Packet::time)
                .distinct()
                .count();
    }

    private VideoStream picture(StreamReader stream, Orientation orientation, boolean still, String name)
            throws UnreadableMediaException {
        try {
            VideoStream video = stream.video(orientation, still, still ? null : span(stream));
            Size shown = video.shown();
            if (video.variableRate()) {
                notes.add(String.format(
                        Locale.ROOT,
                        "its frame rate varies, %.3f on average",
                        video.rate().toDouble()));
            }
            if (orientation.rotation() != 0 || orientation.mirrored()) {
                notes.add("it is stored " + video.coded() + " and shown " + shown
                        + (orientation.rotation() == 0 ? "" : ", turned by " + orientation.rotation() + " degrees")
                        + (orientation.mirrored() ? ", mirrored" : ""));
            }
            return video;
        } catch (IllegalArgumentException e) {
            throw new UnreadableMediaException(name + " can't be used: " + e.getMessage(), e);
        }
    }

    private void requireMedia(StreamReader stream, String name) throws UnreadableMediaException {
        if (stream.head().stream().noneMatch(Packet::shown)
                && stream.tail().stream().noneMatch(Packet::shown)) {
            throw new UnreadableMediaException(
                    name + " has a header but no media: its " + stream.type() + " stream is empty");
        }
        double real = millis(span(stream).duration()) / 1000.0;
        double stated = stated(stream).orElse(real);
        double missing = stated - real;
        if (missing > Math.max(1, stated / 50)) {
            throw new UnreadableMediaException(String.format(
                    Locale.ROOT,
                    "%s is cut short: its header says %.2f s, but its %s ends after %.2f s; copy it again from where it came",
                    name,
                    stated,
                    stream.type(),
                    real));
        }
    }

    /** The length that a whole file would have; empty where the container's word is only a guess. */
    private OptionalDouble stated(StreamReader stream) {
        if (GUESSED.contains(demuxer) || demuxer.equals("mov")) {
            return OptionalDouble.empty(); // its boxes were measured, and edit lists may leave much out
        }
        boolean exactMp3 = stream.head().stream().anyMatch(p -> p.skip() > 0);
        if (demuxer.equals("mp3") && !exactMp3) {
            return OptionalDouble.empty();
        }
        boolean onlyMedia = streams.stream().allMatch(s -> s.isPicture() || s.isSound() || s.attachedPicture());
        OptionalDouble stated = stream.statedLength();
        boolean longest =
                streams.stream().filter(s -> s.isPicture() || s.isSound()).count() == 1;
        return stated.isPresent() || !onlyMedia || !longest
                ? stated
                : StreamReader.seconds(output.format().path("duration"));
    }

    private Span span(StreamReader stream) {
        Timeline timeline = stream.timeline();
        double fileStart = output.format().path("start_time").asDouble();
        double begin = timeline.begin().orElse(fileStart);
        double end = timeline.end().orElse(begin);
        if (stream.tail().isEmpty() && !whole && believable(stream)) {
            end = begin + stream.statedLength().orElse(0);
        }
        OptionalDouble container = StreamReader.seconds(output.format().path("duration"));
        if (demuxer.equals("mov") && container.isPresent()) {
            double shown = fileStart + container.getAsDouble();
            if (end > shown && end - shown < PADDING) {
                end = shown;
            }
        }
        return new Span(duration(Math.max(end - begin, 0)), duration(Math.max(begin - fileStart, 0)));
    }

    private Optional<StreamReader> pickVideo() {
        return streams.stream()
                .filter(StreamReader::isPicture)
                .filter(StreamReader::hasDecoder)
                .findFirst();
    }

    private Optional<StreamReader> pickAudio() {
        List<StreamReader> sounds = streams.stream()
                .filter(StreamReader::isSound)
                .filter(StreamReader::hasDecoder)
                .toList();
        return sounds.stream().filter(StreamReader::isDefault).findFirst().or(() -> sounds.stream()
                .findFirst());
    }

    private void noteStreams(Optional<StreamReader> picture, Optional<StreamReader> sound) {
        for (StreamReader stream : streams) {
            boolean used = picture.filter(stream::equals).isPresent()
                    || sound.filter(stream::equals).isPresent();
            if (used) {
                continue;
            }
            String what = "stream " + stream.index() + " (" + stream.describe() + ")";
            if (stream.attachedPicture()) {
                notes.add(what + " is cover art and no video");
            } else if (stream.type().equals("video") && !stream.isPicture()) {
                notes.add(what + " is left aside: its size is unknown");
            } else if (stream.isPicture() || stream.type().equals("audio")) {
                int taken = (stream.type().equals("video") ? picture : sound)
                        .map(StreamReader::index)
                        .orElse(-1);
                notes.add(what + " is left aside" + (taken < 0 ? "" : ": stream " + taken + " is taken"));
            }
        }
        streams.stream()
                .filter(s -> !s.type().equals("video") && !s.type().equals("audio"))
                .collect(Collectors.groupingBy(StreamReader::type, TreeMap::new, Collectors.counting()))
                .forEach((type, count) -> notes.add(
                        count == 1
                                ? "a " + type + " stream is left aside"
                                : count + " " + type + " streams are left aside"));
    }

    private void noteName(Path file) {
        Signature.usual(file.getFileName().toString())
                .filter(usual -> !usual.equals(demuxer))
                .ifPresent(usual -> notes.add("its name says " + usual + ", its content is " + demuxer));
    }

    private String listed() {
        return streams.isEmpty()
                ? ""
                : streams.stream()
                        .map(s -> s.type() + " " + s.describe())
                        .collect(Collectors.joining("; ", " (it has: ", ")"));
    }

    private static long millis(Duration duration) {
        return duration.toMillis();
    }

    /** Whole microseconds: a time stamp's rounding must not make two facts differ. */
    static Duration duration(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1_000_000) * 1000);
    }
}
