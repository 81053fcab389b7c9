package org.localav.orchestrator.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What of a file can't stay when somebody writes to it, told without reading it. The time of the last change of the inode
 * is in it because no program can set that one back. The device is not: each node that shares a folder has its own.
 *
 * @param modified nanoseconds since 1970, as is {@code changed}
 */
record Stamp(long inode, long bytes, long modified, long changed) {
    static Stamp of(Path file) throws IOException {
        Map<String, Object> a =
                Files.readAttributes(file, "unix:ino,size,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS);
        return new Stamp(
                ((Number) a.get("ino")).longValue(),
                ((Number) a.get("size")).longValue(),
                ((FileTime) a.get("lastModifiedTime")).to(TimeUnit.NANOSECONDS),
                ((FileTime) a.get("ctime")).to(TimeUnit.NANOSECONDS));
    }
}
