package org.localav.orchestrator.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What lasts: a file that was written and renamed is only there after a power cut when it and its folder were flushed. */
public final class Disk {
    private Disk() {}

    /** Brings a file or folder to disk. */
    public static void flush(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
