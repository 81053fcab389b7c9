package org.localav.orchestrator.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a WAV file that ffmpeg wrote holds, read from its header as ffprobe does, without starting a program. */
final class WavHeader {
    /** Bytes in which the header of such a file ends. */
    private static final int HEAD = 512;

    private static final int RIFF = 0x46464952;
    private static final int WAVE = 0x45564157;
    private static final int FORMAT = 0x20746d66;
    private static final int DATA = 0x61746164;
    private static final int EXTENSIBLE = 0xfffe;

    private WavHeader() {}

    /** Reads the header; empty when ffprobe has to be asked: unusual, damaged or cut short. */
    static Optional<Probed> read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(head, 0);
            head.flip();
            return read(head, channel.size());
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static Optional<Probed> read(ByteBuffer head, long fileSize) {
        if (head.getInt(0) != RIFF || head.getInt(8) != WAVE) {
            return Optional.empty();
        }
        int format = -1;
        int at = 12;
        while (head.getInt(at) != DATA) {
            format = head.getInt(at) == FORMAT ? at + 8 : format;
            at = Math.addExact(at + 8, head.getInt(at + 4) + (head.getInt(at + 4) & 1));
        }
        long bytes = Integer.toUnsignedLong(head.getInt(at + 4));
        Optional<String> codec = format < 0 ? Optional.empty() : codec(head, format);
        if (codec.isEmpty() || at + 8 + bytes > fileSize) {
            return Optional.empty();
        }
        int rate = head.getInt(format + 4);
        long frames = bytes / head.getShort(format + 12);
        Duration length = Duration.ofNanos(Math.round(frames * 1e9 / rate));
        return Optional.of(
                new Probed("wav", List.of(new Probed.Stream(0, "audio", codec.get(), length, frames, 0, 0))));
    }

    private static Optional<String> codec(ByteBuffer head, int format) {
        int tag = Short.toUnsignedInt(head.getShort(format));
        // The first two bytes of the extension's GUID are the tag of old.
        int kind = tag == EXTENSIBLE ? Short.toUnsignedInt(head.getShort(format + 24)) : tag;
        int bits = head.getShort(format + 14);
        return switch (kind) {
            case 1 -> Optional.of(bits == 8 ? "pcm_u8" : "pcm_s" + bits + "le");
            case 3 -> Optional.of("pcm_f" + bits + "le");
            default -> Optional.empty();
        };
    }
}
