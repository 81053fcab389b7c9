package org.localav.orchestrator.media;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an MP4 file that ffmpeg wrote holds, read from its sample tables (ISO/IEC 14496-12) as ffprobe does, without
 * starting a program: that takes 50 ms of processor time, this one. Every sample must lie within the file. Whatever is
 * unusual in such a file is left to ffprobe.
 */
final class Mp4Index {
    /** Bytes; the tables of a film of some ten hours. */
    private static final long MOST = 32 << 20;

    private static final int AUDIO_ENTRY = 28;
    private static final int VIDEO_ENTRY = 78;

    private static final Map<String, String> CODECS = Map.of(
            "avc1", "h264", "hvc1", "hevc", "hev1", "hevc", "av01", "av1", "vp09", "vp9", "Opus", "opus", "fLaC",
            "flac", "alac", "alac");

    private final long fileSize;

    private Mp4Index(long fileSize) {
        this.fileSize = fileSize;
    }

    /** Something this reader does not know; ffprobe is asked instead. */
    private static final class UnusualException extends Exception {
        private static final long serialVersionUID = 1;

        UnusualException(String what) {
            super(what);
        }
    }

    /** Reads the file's index; empty when ffprobe has to be asked: unusual, damaged or cut short. */
    static Optional<Probed> read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            Optional<ByteBuffer> moov = moov(channel);
            return moov.isEmpty() ? Optional.empty() : Optional.of(new Mp4Index(channel.size()).probed(moov.get()));
        } catch (UnusualException
                | BufferUnderflowException
                | IndexOutOfBoundsException
                | IllegalArgumentException
                | ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static Optional<ByteBuffer> moov(FileChannel channel) throws IOException {
        long at = 0;
        while (at + 8 <= channel.size()) {
            ByteBuffer header = bytes(channel, at, (int) Math.min(16, channel.size() - at));
            long size = Integer.toUnsignedLong(header.getInt(0));
            if (size == 1 && header.limit() == 16) {
                size = header.getLong(8);
            }
            if (size < 8 || at + size > channel.size()) {
                return Optional.empty();
            }
            if (name(header, 4).equals("moov")) {
                return size > MOST ? Optional.empty() : Optional.of(bytes(channel, at + 8, (int) size - 8));
            }
            at += size;
        }
        return Optional.empty();
    }

    private static ByteBuffer bytes(FileChannel channel, long at, int size) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(size);
        long from = at;
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, from);
            if (read < 0) {
                break;
            }
            from += read;
        }
        return buffer.flip();
    }

    private Probed probed(ByteBuffer moov) throws UnusualException {
        List<ByteBuffer> tracks = new ArrayList<>();
        Map<String, ByteBuffer> boxes = boxes(moov, tracks);
        if (boxes.containsKey("mvex")) {
            throw new UnusualException("fragments");
        }
        long timescale = timescale(need(boxes, "mvhd"));
        List<Probed.Stream> streams = new ArrayList<>();
        for (ByteBuffer track : tracks) {
            streams.add(stream(streams.size(), boxes(track, List.of()), timescale));
        }
        if (streams.isEmpty()) {
            throw new UnusualException("no tracks");
        }
        return new Probed("mov", streams);
    }

    private Probed.Stream stream(int index, Map<String, ByteBuffer> track, long movieScale) throws UnusualException {
        Map<String, ByteBuffer> media = boxes(need(track, "mdia"), List.of());
        Map<String, ByteBuffer> tables = boxes(need(boxes(need(media, "minf"), List.of()), "stbl"), List.of());
        String handler = name(need(media, "hdlr"), 8);
        boolean sound = handler.equals("soun");
        if (!sound && !handler.equals("vide")) {
            throw new UnusualException("a track of " + handler);
        }
        long samples = samplesInFile(tables);
        Duration length = track.containsKey("edts")
                ? edited(need(boxes(need(track, "edts"), List.of()), "elst"), movieScale)
                : duration(ticks(need(tables, "stts")), timescale(need(media, "mdhd")));
        ByteBuffer entry = need(tables, "stsd");
        if (entry.getInt(4) != 1) {
            throw new UnusualException("several sample descriptions");
        }
        int at = 16;
        return new Probed.Stream(
                index,
                sound ? "audio" : "video",
                codec(entry, sound),
                length,
                samples,
                sound ? 0 : entry.getShort(at + 24),
                sound ? 0 : entry.getShort(at + 26));
    }

    /** The sample entry's four letters say it; {@code mp4a} and {@code mp4v} say it one box deeper. */
    private static String codec(ByteBuffer stsd, boolean sound) throws UnusualException {
        String entry = name(stsd, 12);
        if (CODECS.containsKey(entry)) {
            return CODECS.get(entry);
        }
        if (!entry.equals("mp4a") && !entry.equals("mp4v")) {
            throw new UnusualException("samples of " + entry);
        }
        int boxes = 16 + (sound ? AUDIO_ENTRY : VIDEO_ENTRY);
        ByteBuffer esds = need(boxes(stsd.slice(boxes, stsd.limit() - boxes), List.of()), "esds");
        esds.position(4);
        descriptor(esds, 3);
        esds.position(esds.position() + 3);
        descriptor(esds, 4);
        int type = Byte.toUnsignedInt(esds.get());
        return switch (type) {
            case 0x40 -> "aac";
            case 0x20 -> "mpeg4";
            case 0x69, 0x6b -> "mp3";
            default -> throw new UnusualException("object type " + type);
        };
    }

    private static void descriptor(ByteBuffer in, int tag) throws UnusualException {
        if (in.get() != tag) {
            throw new UnusualException("no descriptor " + tag);
        }
        while ((in.get() & 0x80) != 0) {
            // the length's bytes but the last
        }
    }

    /** Counts the samples. @throws UnusualException when one of them lies beyond the file's end */
    private long samplesInFile(Map<String, ByteBuffer> tables) throws UnusualException {
        ByteBuffer sizes = need(tables, "stsz");
        int one = sizes.getInt(4);
        int count = sizes.getInt(8);
        boolean wide = tables.containsKey("co64");
        ByteBuffer chunks = need(tables, wide ? "co64" : "stco");
        ByteBuffer runs = need(tables, "stsc");
        int run = 0;
        int sample = 0;
        for (int chunk = 0; chunk < chunks.getInt(4); chunk++) {
            while (run + 1 < runs.getInt(4) && runs.getInt(8 + 12 * (run + 1)) <= chunk + 1) {
                run++;
            }
            long end = wide ? chunks.getLong(8 + 8 * chunk) : Integer.toUnsignedLong(chunks.getInt(8 + 4 * chunk));
            int last = sample + runs.getInt(8 + 12 * run + 4);
            for (; sample < last; sample++) {
                end += one != 0 ? one : Integer.toUnsignedLong(sizes.getInt(12 + 4 * sample));
            }
            if (end > fileSize) {
                throw new UnusualException("a sample beyond the end");
            }
        }
        if (sample != count) {
            throw new UnusualException(sample + " samples in chunks, " + count + " with a size");
        }
        return count;
    }

    private static long ticks(ByteBuffer stts) {
        long ticks = 0;
        for (int i = 0; i < stts.getInt(4); i++) {
            ticks += Integer.toUnsignedLong(stts.getInt(8 + 8 * i)) * stts.getInt(12 + 8 * i);
        }
        return ticks;
    }

    /** What an edit list shows of the track: without the encoder's delay of sound. */
    private static Duration edited(ByteBuffer elst, long movieScale) throws UnusualException {
        if (elst.get(0) != 0) {
            throw new UnusualException("wide edits");
        }
        long shown = 0;
        for (int i = 0; i < elst.getInt(4); i++) {
            shown += elst.getInt(12 + 12 * i) < 0 ? 0 : Integer.toUnsignedLong(elst.getInt(8 + 12 * i));
        }
        return duration(shown, movieScale);
    }

    private static Duration duration(long ticks, long timescale) {
        return Duration.ofNanos(Math.round(ticks * 1e9 / timescale));
    }

    private static long timescale(ByteBuffer header) {
        return Integer.toUnsignedLong(header.getInt(header.get(0) == 0 ? 12 : 20));
    }

    /** The boxes within a box by name, without their headers; those named {@code trak} are added to {@code tracks}. */
    private static Map<String, ByteBuffer> boxes(ByteBuffer in, List<ByteBuffer> tracks) {
        Map<String, ByteBuffer> boxes = new HashMap<>();
        int at = 0;
        while (at + 8 <= in.limit()) {
            int size = in.getInt(at);
            if (size < 8) {
                break;
            }
            ByteBuffer content = in.slice(at + 8, size - 8);
            if (name(in, at + 4).equals("trak")) {
                tracks.add(content);
            } else {
                boxes.putIfAbsent(name(in, at + 4), content);
            }
            at += size;
        }
        return boxes;
    }

    private static ByteBuffer need(Map<String, ByteBuffer> boxes, String name) throws UnusualException {
        ByteBuffer box = boxes.get(name);
        if (box == null) {
            throw new UnusualException("no " + name);
        }
        return box;
    }

    private static String name(ByteBuffer in, int at) {
        byte[] letters = new byte[4];
        in.get(at, letters);
        return new String(letters, StandardCharsets.ISO_8859_1);
    }
}
