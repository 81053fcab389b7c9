package org.localav.orchestrator.media;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.localav.orchestrator.ffmpeg.Safety;

/**
 * Finds out what a media file holds, by one ffprobe call that reads its header, its first packets and those from the last
 * key frame to the end: headers state lengths and rates that the packets don't keep. A second call reads all packets
 * where the end couldn't be sought.
 */
public final class Prober {
    /** Packets of all streams together that are read from the start; at least two seconds of picture and sound. */
    private static final int HEAD = 240;

    /** Seeks beyond any end, which takes every demuxer to its last key frame. */
    private static final String HEAD_AND_TAIL = "%+#" + HEAD + ",999999999%";

    /** Bytes up to which all packets are read at once: some thousand lines, faster than a second call. */
    private static final long SMALL = 16 << 20;

    private static final String STREAM_FIELDS = "format=format_name,start_time,duration,probe_score"
            + ":stream=index,codec_type,codec_name,profile,width,height,sample_aspect_ratio,pix_fmt,color_range,"
            + "color_space,color_transfer,color_primaries,field_order,r_frame_rate,avg_frame_rate,time_base,start_time,"
            + "duration,nb_frames,nb_read_packets,sample_rate,channels,channel_layout,extradata_hash"
            + ":stream_disposition:stream_tags:stream_side_data_list:error";
    private static final String PACKET_FIELDS = ":packet=stream_index,pts,dts,duration,flags:packet_side_data_list";
    private static final String FRAME_FIELDS = ":frame=stream_index,width,height:frame_side_data_list";

    private final Ffprobe ffprobe;

    public Prober(Ffprobe ffprobe) {
        this.ffprobe = ffprobe;
    }

    /**
     * Finds the facts of a file.
     *
     * @param name what the user calls the file, for the sentences
     * @throws UnreadableMediaException if it is missing, empty, damaged, cut short, no media, or of a kind ffmpeg can't
     *     read
     */
    public MediaInfo probe(Path file, String name) throws UnreadableMediaException {
        Signature signature = signature(file, name);
        if (signature.fromBytes()) {
            refuseCut(file, signature.demuxer().orElse(""), name);
        }
        List<String> arguments = arguments(signature);
        if (signature.still()) {
            // frames: only the decoder sees the EXIF orientation
            arguments.addAll(List.of("-show_frames", "-read_intervals", "%+#1"));
            arguments.addAll(List.of("-show_entries", STREAM_FIELDS + FRAME_FIELDS));
            return MediaReading.of(ask(arguments, file, name), signature, HEAD).still(name, file);
        }
        arguments.addAll(List.of("-show_packets", "-show_entries", STREAM_FIELDS + PACKET_FIELDS));
        List<String> quick = new ArrayList<>(arguments);
        quick.addAll(List.of("-read_intervals", HEAD_AND_TAIL));
        MediaReading reading = MediaReading.of(ask(quick, file, name), signature, HEAD);
        if (!reading.endKnown()) {
            reading = MediaReading.of(ask(arguments, file, name), signature, Integer.MAX_VALUE);
        }
        return reading.moving(name, file);
    }

    /**
     * When the key frames of a stream are shown, from the file's start: a copy may begin only at one of them.
     *
     * @throws UnreadableMediaException as {@link #probe}
     */
    public List<Duration> keyframes(Path file, int streamIndex) throws UnreadableMediaException {
        String name = file.getFileName().toString();
        List<String> arguments = arguments(signature(file, name));
        arguments.addAll(List.of("-select_streams", Integer.toString(streamIndex), "-show_packets", "-show_entries"));
        arguments.add("format=start_time:stream=index,time_base:packet=stream_index,pts,dts,flags:error");
        ProbeOutput output = ask(arguments, file, name);
        double start = output.format().path("start_time").asDouble();
        if (output.streams().isEmpty()) {
            throw new UnreadableMediaException(name + " has no stream " + streamIndex);
        }
        double tick = new StreamReader(output.streams().get(0), List.of(), List.of())
                .timeBase()
                .toDouble();
        return output.packets().stream()
                .filter(p -> p.key() && p.shown() && p.time().isPresent())
                .map(p -> MediaReading.duration(Math.max(p.time().getAsLong() * tick - start, 0)))
                .sorted()
                .toList();
    }

    /**
     * Looks at a file this program made: every stream with its length and its number of packets, counted. ffprobe is
     * asked only where the file's own index does not tell.
     *
     * @throws UnreadableMediaException as {@link #probe}
     */
    public Probed result(Path file) throws UnreadableMediaException {
        String name = file.getFileName().toString();
        Signature signature = signature(file, name);
        Optional<Probed> indexed = indexed(file, signature, name);
        if (indexed.isPresent()) {
            return indexed.get();
        }
        List<String> packets = arguments(signature);
        packets.addAll(List.of("-show_packets", "-show_entries", STREAM_FIELDS + PACKET_FIELDS));
        if (file.toFile().length() <= SMALL) {
            MediaReading reading = MediaReading.of(ask(packets, file, name), signature, Integer.MAX_VALUE);
            return reading.probed(name, List.of());
        }
        List<String> counting = arguments(signature);
        counting.addAll(List.of("-count_packets", "-show_entries", STREAM_FIELDS));
        packets.addAll(List.of("-read_intervals", HEAD_AND_TAIL));
        // Counting reads the whole file; the other call is done long before.
        FutureTask<ProbeOutput> ends = new FutureTask<>(() -> ask(packets, file, name));
        Thread beside = new Thread(ends, "probe-ends");
        beside.start();
        List<JsonNode> counted = ask(counting, file, name).streams();
        return MediaReading.of(outcome(ends, name), signature, HEAD).probed(name, counted);
    }

    private static Optional<Probed> indexed(Path file, Signature signature, String name)
            throws UnreadableMediaException {
        try {
            return switch (signature.demuxer().orElse("")) {
                case "mov" -> Mp4Index.read(file);
                case "wav" -> WavHeader.read(file);
                default -> Optional.empty();
            };
        } catch (IOException e) {
            throw new UnreadableMediaException(name + " can't be read: " + e.getMessage(), e);
        }
    }

    private static ProbeOutput outcome(FutureTask<ProbeOutput> asked, String name) throws UnreadableMediaException {
        try {
            return asked.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnreadableMediaException unreadable) {
                throw unreadable;
            }
            throw e.getCause() instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreadableMediaException(name + " was not looked at: interrupted", e);
        }
    }

    private static Signature signature(Path file, String name) throws UnreadableMediaException {
        try {
            // a pipe would make ffprobe wait for ever
            if (!Files.exists(file)) {
                throw new UnreadableMediaException(name + " does not exist");
            }
            if (!Files.isRegularFile(file)) {
                throw new UnreadableMediaException(
                        name + " is no regular file but a " + (Files.isDirectory(file) ? "folder" : "device or pipe"));
            }
            if (Files.size(file) == 0) {
                throw new UnreadableMediaException(name + " is empty (0 bytes)");
            }
            try (InputStream in = Files.newInputStream(file)) {
                return Signature.of(
                        in.readNBytes(Signature.WANTED), file.getFileName().toString(), name);
            }
        } catch (IOException e) {
            throw new UnreadableMediaException(name + " can't be read: " + e.getMessage(), e);
        }
    }

    private static void refuseCut(Path file, String demuxer, String name) throws UnreadableMediaException {
        try {
            long missing = FileEnd.missingBytes(file, demuxer);
            if (missing > 0) {
                throw new UnreadableMediaException(name + " is cut short: " + missing
                        + " bytes are missing at its end; copy it again from where it came");
            }
        } catch (IOException e) {
            throw new UnreadableMediaException(name + " can't be read: " + e.getMessage(), e);
        }
    }

    private static List<String> arguments(Signature signature) {
        List<String> arguments = new ArrayList<>(List.of("-v", "error", "-show_error", "-of", "json=c=1"));
        arguments.addAll(Safety.INPUT_OPTIONS);
        signature.demuxer().ifPresent(demuxer -> arguments.addAll(List.of("-f", demuxer)));
        // ffprobe hashes every packet it shows, wanted or not: by SHA-256 that takes longer than all else it does.
        arguments.addAll(List.of("-show_format", "-show_streams", "-show_data_hash", "murmur3"));
        return arguments;
    }

    private ProbeOutput ask(List<String> options, Path file, String name) throws UnreadableMediaException {
        List<String> arguments = new ArrayList<>(options);
        arguments.addAll(List.of("-i", "file:" + file));
        try {
            ProbeOutput output = ProbeOutput.parse(ffprobe.run(List.copyOf(arguments)));
            if (!output.error().isEmpty()) {
                throw new UnreadableMediaException(name
                        + " is damaged or not the kind of file its name says: ffprobe found '" + output.error() + "'");
            }
            return output;
        } catch (JsonProcessingException e) {
            throw new UnreadableMediaException(name + " is damaged: ffprobe gave up on it without a word", e);
        } catch (IOException e) {
            throw new UnreadableMediaException(name + " could not be looked at: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreadableMediaException(name + " was not looked at: interrupted", e);
        }
    }
}
