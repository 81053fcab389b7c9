package org.localav.orchestrator.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.process.OtherJvm;

@Timeout(60)
class FolderLockTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void given() {
        file = folder.resolve("job.lock");
    }

    /** Another process that takes the lock, says whether it has it, and keeps it until its input ends. */
    public static final class Other {
        public static void main(String[] arguments) throws IOException {
            Optional<FolderLock> lock = FolderLock.of(Path.of(arguments[0]));
            System.out.println(lock.isPresent());
            System.in.transferTo(System.out);
        }
    }

    private Process other() throws IOException {
        return OtherJvm.start(Other.class, file);
    }

    private static boolean holds(Process other) throws IOException {
        BufferedReader said = other.inputReader();
        return Boolean.parseBoolean(said.readLine());
    }

    @Test
    void keepsOtherProcessesOutEvenAfterASecondTryInThisOne() throws Exception {
        try (FolderLock lock = FolderLock.of(file).orElseThrow()) {
            assertEquals(file, lock.file());
            assertTrue(FolderLock.of(file).isEmpty());

            Process other = other();
            boolean got = holds(other);
            other.destroyForcibly().waitFor();

            assertFalse(got);
        }
        assertFalse(Files.exists(file));
    }

    @Test
    void isFreeOnceTheProcessThatHeldItIsKilled() throws Exception {
        Process other = other();
        assertTrue(holds(other));
        assertTrue(FolderLock.of(file).isEmpty());

        other.destroyForcibly().waitFor();

        try (FolderLock lock = FolderLock.of(file).orElseThrow()) {
            assertTrue(lock.lock().isValid());
        }
    }

    @Test
    void isNotHeldByATryThatAFullDiskBroke() throws Exception {
        Files.createSymbolicLink(file, Path.of("/dev/full"));

        for (int i = 0; i < 2; i++) {
            IOException failure = assertThrows(IOException.class, () -> FolderLock.of(file));

            assertEquals("No space left on device", failure.getMessage());
        }
    }
}
