package org.localav.orchestrator.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * The time by the clock of whoever keeps a folder, which writes the time stamps: nodes that share the folder need not agree
 * on the time among themselves.
 */
final class FolderClock {
    private static final Duration TRUSTED = Duration.ofMinutes(1);

    private final Path folder;
    private final Clock own;
    private Reading last = new Reading(Instant.MIN, Duration.ZERO);

    private record Reading(Instant at, Duration ahead) {}

    FolderClock(Path folder) {
        this(folder, Clock.systemUTC());
    }

    FolderClock(Path folder, Clock own) {
        this.folder = folder;
        this.own = own;
    }

    /** The time, from a look at that clock which is a minute old at most. */
    synchronized Instant now() {
        Instant here = own.instant();
        if (here.isAfter(last.at().plus(TRUSTED)) || here.isBefore(last.at())) {
            try {
                read();
            } catch (IOException e) {
                // A full disk holds not even an empty file; that is no reason not to read from it.
                last = new Reading(here, Duration.ZERO);
            }
        }
        return here.plus(last.ahead());
    }

    /** The time by a look at that clock now. A file made in the folder also has a network file system list it anew. */
    synchronized Instant read() throws IOException {
        Path file = Files.createTempFile(Files.createDirectories(folder), ".clock", "");
        try {
            Instant there = Files.getLastModifiedTime(file).toInstant();
            Instant here = own.instant();
            last = new Reading(here, Duration.between(here, there));
            return there;
        } finally {
            Files.deleteIfExists(file);
        }
    }
}
