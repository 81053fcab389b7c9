package org.localav.orchestrator.door;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Puts files of the inbox away into {@code .done} and {@code .failed}, under the sub-folder they lay in, each with a note
 * beside it. Nothing that lies there is ever written over: a second {@code job.yaml} becomes {@code job-2.yaml}.
 */
final class Filing {
    static final String DONE = ".done";
    static final String FAILED = ".failed";

    /** Longest file name in bytes that every usual file system takes. */
    private static final int LONGEST_NAME = 255;

    private final Path inbox;

    Filing(Path inbox) {
        this.inbox = inbox;
    }

    /**
     * Moves a file.
     *
     * @param ending of the note that is to lie beside it
     * @return where it lies now; empty when it is another file by now, which was left where it was
     */
    Optional<Path> move(SpecFile file, String drawer, String ending) throws IOException {
        Path target = free(folder(file, drawer), file.path().getFileName(), ending);
        Files.move(file.path(), target);
        if (Stand.of(target).filter(now -> now.sameContent(file.stand())).isPresent()) {
            return Optional.of(target);
        }
        Path back = Files.exists(file.path(), LinkOption.NOFOLLOW_LINKS)
                ? free(file.path().getParent(), file.path().getFileName(), "")
                : file.path();
        Files.move(target, back);
        return Optional.empty();
    }

    /** Writes a note beside a file that was moved. */
    void note(Path moved, String ending, String text) throws IOException {
        write(note(moved, ending), text);
    }

    /** Writes a note on a file that stays where it is, unless there is one. */
    void noteOf(SpecFile file, String drawer, String ending, String text) throws IOException {
        try {
            write(note(folder(file, drawer).resolve(file.path().getFileName()), ending), text);
        } catch (FileAlreadyExistsException e) {
            // It was said before this service was started.
            return;
        }
    }

    private static void write(Path note, String text) throws IOException {
        Files.createFile(note);
        try {
            Files.writeString(note, text, StandardOpenOption.WRITE);
        } catch (IOException e) {
            // On a full disk there is room for a name and for nothing in it.
            Files.deleteIfExists(note);
            throw e;
        }
    }

    private Path folder(SpecFile file, String drawer) throws IOException {
        Path within = inbox.relativize(file.path());
        Path folder = inbox.resolve(drawer);
        if (within.getParent() != null) {
            folder = folder.resolve(within.getParent());
        }
        Files.createDirectories(folder);
        if (!folder.toRealPath().startsWith(inbox.toRealPath())) {
            throw new FileSystemException(folder.toString(), null, "leads out of the inbox");
        }
        return folder;
    }

    private static Path free(Path folder, Path name, String ending) {
        Path target = folder.resolve(name);
        for (int number = 2; taken(target) || !ending.isEmpty() && taken(note(target, ending)); number++) {
            target = folder.resolve(numbered(name.toString(), "-" + number));
        }
        return target;
    }

    private static boolean taken(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static String numbered(String name, String number) {
        int dot = name.lastIndexOf('.');
        String end = number + name.substring(dot);
        return shortened(name.substring(0, dot), end) + end;
    }

    private static Path note(Path file, String ending) {
        return file.resolveSibling(shortened(file.getFileName().toString(), ending) + ending);
    }

    /** As much of the name as leaves room for what follows it. */
    private static String shortened(String name, String ending) {
        int room = LONGEST_NAME - ending.getBytes(StandardCharsets.UTF_8).length;
        String kept = name;
        while (kept.getBytes(StandardCharsets.UTF_8).length > room) {
            kept = kept.substring(0, kept.offsetByCodePoints(kept.length(), -1));
        }
        return kept;
    }
}
