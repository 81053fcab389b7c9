package org.localav.orchestrator.job;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.localav.orchestrator.process.Cancellation;

/**
 * Puts a job's finished files in place: all of them or none, each by one rename, never over a file that wasn't to be
 * replaced. A journal in the work folder lets the next start undo what a killed process had begun.
 */
public final class Publication {
    private final Path journal;
    private final String mark;
    private final Roots roots;
    private final List<Move> moves = new ArrayList<>();

    /**
     * One file on its way.
     *
     * @param made the finished file
     * @param part the same beside its target, hidden
     * @param old what stood at the target, kept until all is done
     */
    record Move(Path made, Path part, Path target, Path old) {}

    /**
     * @param work the job's own folder
     * @param mark tells this run's hidden files from others'
     */
    public Publication(Path work, String mark, Roots roots) {
        this.journal = work.resolve("publication.json");
        this.mark = mark;
        this.roots = roots;
    }

    public Publication add(Path made, Path target) {
        Path folder = target.getParent();
        String name = target.getFileName().toString();
        moves.add(new Move(
                made,
                folder.resolve("." + name + "." + mark + ".part"),
                target,
                folder.resolve("." + name + "." + mark + ".old")));
        return this;
    }

    /**
     * Publishes.
     *
     * @param replace whether existing files may be replaced
     * @throws BlockedException when a target exists and may not be replaced, or leads out of the roots
     * @throws IOException when the disk refuses
     *     <p>After any exception the targets are as they were.
     */
    public void publish(boolean replace, Cancellation cancellation) throws IOException, BlockedException {
        Receipts.write(journal, Receipts.JSON.writeValueAsBytes(moves));
        try {
            for (Move move : moves) {
                cancellation.throwIfCancelled();
                bringBeside(move);
            }
            cancellation.throwIfCancelled();
            for (Move move : moves) {
                place(move, replace);
            }
        } catch (IOException | RuntimeException | BlockedException e) {
            undo(moves);
            throw e;
        }
        // From here the job has succeeded: what is left to remove is only our own hidden files.
        Files.deleteIfExists(journal);
        for (Move move : moves) {
            Files.deleteIfExists(move.part());
            Files.deleteIfExists(move.old());
        }
    }

    private void bringBeside(Move move) throws IOException, BlockedException {
        Files.createDirectories(move.target().getParent());
        var refusal = roots.refusal(move.target().getParent());
        if (refusal.isPresent()) {
            throw new BlockedException(List.of(refusal.get()));
        }
        link(move.made(), move.part());
        flush(move.part());
    }

    private static void place(Move move, boolean replace) throws IOException, BlockedException {
        if (replace && Files.exists(move.target(), LinkOption.NOFOLLOW_LINKS)) {
            link(move.target(), move.old());
            Files.move(move.part(), move.target(), StandardCopyOption.ATOMIC_MOVE);
        } else {
            try {
                // A link fails where a rename would replace: nobody's file is lost to a race.
                Files.createLink(move.target(), move.part());
            } catch (FileAlreadyExistsException e) {
                throw new BlockedException(List.of(move.target() + " came into being while the job ran; "
                        + "it was left alone. Move it away, or set force: true and allow overwriting"));
            } catch (UnsupportedOperationException | FileSystemException e) {
                renameWithoutLinks(move);
            }
        }
        flush(move.target().getParent());
    }

    /** For file systems without hard links (FAT, some network ones). */
    private static void renameWithoutLinks(Move move) throws IOException, BlockedException {
        if (Files.exists(move.target(), LinkOption.NOFOLLOW_LINKS)) {
            throw new BlockedException(List.of(move.target() + " exists; it was left alone"));
        }
        Files.move(move.part(), move.target(), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void link(Path file, Path name) throws IOException {
        try {
            Files.createLink(name, file);
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.copy(file, name, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        }
    }

    /** Makes the targets what they were before, as far as any of the moves had come. */
    private static void undo(List<Move> moves) throws IOException {
        for (Move move : moves) {
            if (Files.exists(move.old(), LinkOption.NOFOLLOW_LINKS)) {
                Files.move(
                        move.old(), move.target(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } else if (Files.exists(move.part())
                    && Files.exists(move.target(), LinkOption.NOFOLLOW_LINKS)
                    && Files.isSameFile(move.part(), move.target())) {
                Files.delete(move.target());
            }
            Files.deleteIfExists(move.part());
        }
    }

    /** Undoes what a process that died in the middle had begun; {@code work} is its job's folder. */
    public static void recover(Path work) throws IOException {
        Path journal = work.resolve("publication.json");
        if (Files.isRegularFile(journal)) {
            undo(Receipts.JSON.readValue(Files.readAllBytes(journal), new TypeReference<List<Move>>() {}));
            Files.delete(journal);
        }
    }

    private static void flush(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
