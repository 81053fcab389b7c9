package org.localav.orchestrator.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.localav.orchestrator.cache.Digests;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.media.Prober;
import org.localav.orchestrator.media.UnreadableMediaException;
import org.localav.orchestrator.plan.Keys;

/**
 * Reads source files, and outputs that stand already: their hash and facts (remembered, so that an unchanged file is read
 * once), and a copy of each source under a name of ours that a job works on, so that odd names and later changes can't reach
 * ffmpeg.
 */
public final class SourceFiles {
    /** A file changed more recently than this may change again within the same time stamp: its hash isn't remembered. */
    private static final Duration SETTLED = Duration.ofSeconds(2);

    /** Changes whenever facts are read in another way, so that none are compared with older ones. */
    private static final String READING = "2";

    private final Path hashes;
    private final Path facts;

    /**
     * @param own where hashes of this machine's files are remembered
     * @param facts where the facts of contents are, which machines may share
     */
    public SourceFiles(Path own, Path facts) {
        this.hashes = own.resolve("hashes");
        this.facts = facts.resolve("media");
    }

    /** What tells a file from a changed one: which file it is, its size in bytes, and when it was written. */
    public record Stamp(String file, long bytes, String modified) {
        static Stamp of(Path path) throws IOException {
            BasicFileAttributes a = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return new Stamp(
                    String.valueOf(a.fileKey()),
                    a.size(),
                    a.lastModifiedTime().toInstant().toString());
        }

        /** Whether it may be that file as another machine sees it, which knows its disk by another number. */
        boolean seenElsewhere(Stamp there) {
            return withoutDevice().equals(there.withoutDevice());
        }

        private Stamp withoutDevice() {
            return new Stamp(file.replaceFirst("dev=[^,]*", ""), bytes, modified);
        }
    }

    /** A file's content by hash, and the stamp it had when it was read. */
    public record Hashed(Stamp stamp, String sha256) {}

    /**
     * Hashes the file, or remembers its hash.
     *
     * @param real a real path
     * @throws IOException when it can't be read or changes meanwhile
     */
    public Hashed hash(Path real) throws IOException {
        Stamp before = Stamp.of(real);
        Path memory = hashes.resolve(Keys.sha256(real.toString()) + ".json");
        Optional<Hashed> known = recall(memory, Hashed.class);
        if (known.isPresent() && known.get().stamp().equals(before)) {
            return known.get();
        }
        Hashed hashed = new Hashed(before, Digests.sha256(real));
        if (!Stamp.of(real).equals(before)) {
            throw new IOException("it changed while it was read; wait until it is complete");
        }
        if (Instant.parse(before.modified()).isBefore(Instant.now().minus(SETTLED))) {
            Receipts.write(memory, Receipts.JSON.writeValueAsBytes(hashed));
        }
        return hashed;
    }

    /**
     * As {@link #hash(Path)}, but takes another machine's word for a file that is to all appearance the one it has read.
     *
     * @throws IOException when it can't be read
     */
    public Hashed hash(Path real, Hashed elsewhere) throws IOException {
        Stamp here = Stamp.of(real);
        return here.seenElsewhere(elsewhere.stamp()) ? new Hashed(here, elsewhere.sha256()) : hash(real);
    }

    /**
     * The facts of a content, probed once.
     *
     * @param build names the prober's build: another one may see other facts
     * @param name what the user calls the file
     */
    public MediaInfo facts(Path real, String sha256, String build, Prober prober, String name)
            throws UnreadableMediaException, IOException {
        Path memory = facts.resolve(Keys.sha256(sha256 + build + READING) + ".json");
        Optional<MediaInfo> known = recall(memory, MediaInfo.class);
        if (known.isPresent()) {
            return known.get();
        }
        MediaInfo info = prober.probe(real, name);
        Receipts.write(memory, Receipts.JSON.writeValueAsBytes(info));
        return info;
    }

    private static <T> Optional<T> recall(Path memory, Class<T> type) {
        try {
            return Optional.of(Receipts.JSON.readValue(Files.readAllBytes(memory), type));
        } catch (IOException e) {
            // Never seen, or written by another version: found out anew.
            return Optional.empty();
        }
    }

    /**
     * Puts the file's content under a name of ours: a hard link where the disk allows, else a copy.
     *
     * @throws IOException when the file is no longer the one that was hashed
     */
    public static Path take(Path real, Hashed hashed, Path target) throws IOException {
        try {
            Files.createLink(target, real);
        } catch (IOException | UnsupportedOperationException e) {
            Files.copy(real, target, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        }
        if (!unchanged(real, hashed)) {
            Files.deleteIfExists(target);
            throw new IOException("it changed after the job looked at it; run the job again");
        }
        return target;
    }

    public static boolean unchanged(Path real, Hashed hashed) throws IOException {
        return Stamp.of(real).equals(hashed.stamp());
    }
}
