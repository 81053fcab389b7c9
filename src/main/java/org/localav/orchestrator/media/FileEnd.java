package org.localav.orchestrator.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Whether a file was cut off, by the sizes its outermost boxes or chunks state: ffprobe doesn't tell when an MP4's index
 * stands in front, and clips a WAV's length to what is there.
 */
final class FileEnd {
    /** What sloppy writers leave out of a RIFF size, in bytes. */
    private static final long SLACK = 4096;

    private FileEnd() {}

    /** How many bytes are missing at the end; 0 when the file is whole, or of a kind or state that doesn't tell. */
    static long missingBytes(Path file, String demuxer) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return switch (demuxer) {
                case "mov" -> missingOfBoxes(channel);
                case "wav", "avi" -> missingOfRiff(channel);
                default -> 0;
            };
        }
    }

    private static long missingOfBoxes(FileChannel channel) throws IOException {
        long size = channel.size();
        long at = 0;
        ByteBuffer header = ByteBuffer.allocate(16);
        while (at + 8 <= size) {
            header.clear();
            channel.read(header, at);
            long length = Integer.toUnsignedLong(header.getInt(0));
            if (length == 1 && header.position() == 16) {
                length = header.getLong(8);
            }
            if (length < 8) {
                return 0; // 0: goes on to the file's end
            }
            at += length;
        }
        return Math.max(at - size, 0);
    }

    /** A stream written to a pipe states 0 or the largest number, and RF64 keeps the size elsewhere. */
    private static long missingOfRiff(FileChannel channel) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        channel.read(header, 0);
        long stated = header.position() == 8 ? Integer.toUnsignedLong(header.getInt(4)) : 0;
        long missing = stated >= 0xffff_0000L ? 0 : stated + 8 - channel.size();
        return missing > SLACK ? missing : 0;
    }
}
