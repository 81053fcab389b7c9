package org.localav.orchestrator.job;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.localav.orchestrator.cache.Disk;
import org.localav.orchestrator.process.Cancellation;

/**
 * Puts a job's finished files in place: all of them or none, each by one rename, never over a file that wasn't to be
 * replaced. A journal in the work folder lets the next start undo what a killed process had begun.
 *
 * <p>Nothing is put in place but from its hidden name beside the target. All of these exist before the run's
 * {@link Tenure} is confirmed for the last time; whoever takes the job over takes them away first. So a process that
 * stood still in between finds nothing that it could still put in place.
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
    public void publish(boolean replace, Cancellation cancellation, Tenure tenure)
            throws IOException, BlockedException, InterruptedException {
        byte[] intent = Receipts.JSON.writeValueAsBytes(moves);
        tenure.announce(new String(intent, StandardCharsets.UTF_8));
        Receipts.write(journal, intent);
        Set<Move> renamed = new HashSet<>();
        try {
            for (Move move : moves) {
                cancellation.throwIfCancelled();
                bringBeside(move);
            }
            cancellation.throwIfCancelled();
            tenure.confirm();
            for (Move move : moves) {
                place(move, replace, renamed);
            }
        } catch (IOException | RuntimeException | BlockedException | InterruptedException e) {
            for (Move move : moves) {
                undo(move, renamed.contains(move));
            }
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
        Disk.flush(move.part());
    }

    private static void place(Move move, boolean replace, Set<Move> renamed) throws IOException, BlockedException {
        if (replace && Files.exists(move.target(), LinkOption.NOFOLLOW_LINKS)) {
            link(move.target(), move.old());
            Files.move(move.part(), move.target(), StandardCopyOption.ATOMIC_MOVE);
            renamed.add(move);
        } else {
            try {
                // A link fails where a rename would replace: nobody's file is lost to a race.
                Files.createLink(move.target(), move.part());
            } catch (FileAlreadyExistsException e) {
                leaveAlone(move);
            } catch (NoSuchFileException e) {
                throw e;
            } catch (UnsupportedOperationException | FileSystemException e) {
                renameWithoutLinks(move);
            }
        }
        Disk.flush(move.target().getParent());
    }

    /** What came into being meanwhile may be just what was to be put there, such as by a run of this job elsewhere. */
    private static void leaveAlone(Move move) throws IOException, BlockedException {
        if (!Files.isRegularFile(move.target()) || Files.mismatch(move.target(), move.part()) >= 0) {
            throw new BlockedException(List.of(move.target() + " came into being while the job ran; "
                    + "it was left alone. Move it away, or set force: true and allow overwriting"));
        }
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

    /**
     * Makes a target what it was before.
     *
     * @param renamed whether the file may have replaced what stood there
     */
    private static void undo(Move move, boolean renamed) throws IOException {
        Path taken = move.part().resolveSibling(move.part().getFileName() + ".undone");
        if (Files.exists(taken) || take(move.part(), taken)) {
            if (Files.exists(move.target(), LinkOption.NOFOLLOW_LINKS) && Files.isSameFile(taken, move.target())) {
                Files.delete(move.target());
            }
        } else if (renamed && Files.exists(move.old(), LinkOption.NOFOLLOW_LINKS)) {
            Files.move(move.old(), move.target(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.deleteIfExists(move.old());
        Files.deleteIfExists(taken);
    }

    /** By a rename, and before anything is looked at: from here nobody else can put the file in place. */
    private static boolean take(Path part, Path taken) throws IOException {
        try {
            Files.move(part, taken, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Undoes what a process that died in the middle had begun; {@code work} is its job's folder. */
    public static void recover(Path work) throws IOException {
        Path journal = work.resolve("publication.json");
        if (Files.isRegularFile(journal)) {
            undo(Files.readString(journal));
            Files.delete(journal);
        }
    }

    /** Undoes what a run has {@linkplain Tenure#announce announced}, as far as it came, and keeps it from going on. */
    public static void undo(String announced) throws IOException {
        for (Move move : Receipts.JSON.readValue(announced, new TypeReference<List<Move>>() {})) {
            undo(move, true);
        }
    }
}
