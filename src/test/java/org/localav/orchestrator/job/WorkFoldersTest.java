package org.localav.orchestrator.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkFoldersTest {
    @TempDir
    Path folder;

    private WorkFolders folders;

    @BeforeEach
    void given() {
        folders = new WorkFolders(folder);
    }

    @Test
    void aFolderThatCouldNotBeMadeCanBeTakenLater() throws Exception {
        Path inTheWay = Files.createFile(folder.resolve("song"));
        assertThrows(IOException.class, () -> folders.take("song"));

        Files.delete(inTheWay);
        try (WorkFolders.Held held = folders.take("song")) {
            assertTrue(Files.isDirectory(held.path()));
        }
    }

    @Test
    void namesTheFileThatAFullDiskHasNoRoomFor() throws Exception {
        Path lock = Files.createSymbolicLink(folder.resolve("song.lock"), Path.of("/dev/full"));

        FileSystemException failure = assertThrows(FileSystemException.class, () -> folders.take("song"));

        assertEquals(lock + ": No space left on device", failure.getMessage());
    }

    @Test
    void sweepsWhatNobodyHoldsAndLeavesTheRest() throws Exception {
        Files.createFile(folder.resolve("broken.lock"));
        Files.createDirectories(folder.resolve("killed/steps"));
        try (WorkFolders.Held held = folders.take("running")) {
            folders.sweep();

            assertTrue(Files.isDirectory(held.path()));
            assertTrue(Files.exists(folder.resolve("running.lock")));
        }
        assertFalse(Files.exists(folder.resolve("broken.lock")));
        assertFalse(Files.exists(folder.resolve("killed")));
    }
}
