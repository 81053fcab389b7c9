package org.localav.orchestrator.door;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Optional;

/**
 * What tells without reading it whether a file is still the one it was; of a link, what it leads to.
 *
 * @param entry the file itself or, of a link, the link
 * @param changed when its content, name or rights last changed: nobody can set this time
 */
record Stand(
        Object entry, boolean link, boolean regular, long size, FileTime modified, FileTime changed, Object inode) {
    private static final String ASKED = "unix:isSymbolicLink,isRegularFile,size,lastModifiedTime,ctime,ino";

    /** Empty when it is not there any more. */
    static Optional<Stand> of(Path path) throws IOException {
        Map<String, Object> own;
        try {
            own = Files.readAttributes(path, ASKED, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        boolean link = (boolean) own.get("isSymbolicLink");
        return Optional.of(of(own.get("ino"), link, link ? target(path, own) : own));
    }

    /** A link into nowhere is judged by itself. */
    private static Map<String, Object> target(Path link, Map<String, Object> own) {
        try {
            return Files.readAttributes(link, ASKED);
        } catch (IOException e) {
            return own;
        }
    }

    private static Stand of(Object entry, boolean link, Map<String, Object> asked) {
        return new Stand(
                entry,
                link,
                (boolean) asked.get("isRegularFile"),
                (long) asked.get("size"),
                (FileTime) asked.get("lastModifiedTime"),
                (FileTime) asked.get("ctime"),
                asked.get("ino"));
    }

    /** The same file with the same content, or the same link, even if it was given another name in between. */
    boolean sameContent(Stand other) {
        boolean same = entry.equals(other.entry) && link == other.link;
        // A link that was moved may lead elsewhere from there.
        return same && (link || size == other.size && modified.equals(other.modified));
    }
}
