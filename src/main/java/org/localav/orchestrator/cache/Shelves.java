package org.localav.orchestrator.cache;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;

/** Goes along all entries, holding one at a time, while others come and go. */
final class Shelves {
    private final Path folder;

    Shelves(Path folder) {
        this.folder = folder;
    }

    /** An entry as it lies there; {@code bytes} of all its files. */
    record Item(EntryFolder folder, Instant used, long bytes) {
        String key() {
            return folder.path().getFileName().toString();
        }

        static Item of(Path path) throws IOException {
            Instant used = Files.getLastModifiedTime(path).toInstant();
            EntryFolder folder = new EntryFolder(path);
            return new Item(folder, used, folder.bytes());
        }
    }

    /** What is done with each. */
    interface Visitor {
        void visit(Item item) throws IOException;
    }

    void entries(Visitor visitor) throws IOException {
        each(folder, "??", shelf -> each(shelf, "?".repeat(64), path -> visit(path, visitor)));
    }

    void damaged(Visitor visitor) throws IOException {
        each(folder.resolve("damaged"), "*", path -> visit(path, visitor));
    }

    /** What is on its way in or out, or was left there by a killed process. */
    void incoming(Visitor visitor) throws IOException {
        each(folder.resolve("incoming"), "*", path -> visit(path, visitor));
    }

    private static void visit(Path path, Visitor visitor) throws IOException {
        Item item;
        try {
            item = Item.of(path);
        } catch (NoSuchFileException | NotDirectoryException e) {
            // Gone meanwhile, or none of ours.
            return;
        }
        visitor.visit(item);
    }

    private interface Step {
        void at(Path path) throws IOException;
    }

    private static void each(Path folder, String pattern, Step step) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder, pattern)) {
            for (Path path : paths) {
                step.at(path);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
