package org.localav.orchestrator.door;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.spec.Violation;

/**
 * A file of the inbox that it is time to read.
 *
 * @param stand how it stood when that was decided
 */
record SpecFile(Path path, Stand stand) {
    private static final int LARGEST = 1 << 20;

    /** What messages call it: names may hold characters that would upset a terminal. */
    String name() {
        return path.getFileName().toString().replaceAll("\\p{Cntrl}", "?");
    }

    /**
     * Its text.
     *
     * @throws InvalidSpecException when it is nothing to be read
     * @throws UnsettledException when it is not what it was
     */
    String text(Path inbox) throws InvalidSpecException, UnsettledException, IOException {
        Path real = stand.link() ? target(inbox) : path;
        if (!stand.regular()) {
            throw refusal("is no regular file, but a pipe, a socket or a device; put a file there");
        }
        if (stand.size() > LARGEST) {
            throw refusal("is larger than 1 MiB; split it into several files");
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(real, LinkOption.NOFOLLOW_LINKS)) {
            bytes = in.readNBytes(LARGEST + 1);
        } catch (NoSuchFileException e) {
            throw new UnsettledException();
        }
        if (!Stand.of(path).equals(Optional.of(stand))) {
            throw new UnsettledException();
        }
        return SpecReader.text(name(), bytes);
    }

    private Path target(Path inbox) throws InvalidSpecException, IOException {
        Path target;
        try {
            target = path.toRealPath();
        } catch (NoSuchFileException | FileSystemLoopException e) {
            throw refusal("is a link that leads nowhere; put the file itself there");
        }
        if (!target.startsWith(inbox.toRealPath())) {
            throw refusal("is a link that leads out of the inbox, to " + target + "; put the file itself there");
        }
        return target;
    }

    private InvalidSpecException refusal(String sentence) {
        return new InvalidSpecException(List.of(new Violation(name(), 0, 0, "", sentence)));
    }
}
