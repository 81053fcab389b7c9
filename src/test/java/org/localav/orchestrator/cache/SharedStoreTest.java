package org.localav.orchestrator.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.process.OtherJvm;

/** The step store between processes: several that use one folder, one that is killed, and one whose disk is full. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SharedStoreTest {
    @TempDir
    Path folder;

    @Test
    void staysWholeWhileProcessesPutFindDamageAndEvictTheSame() throws Exception {
        List<Process> hammers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            hammers.add(OtherJvm.start(StoreHammer.class, folder, 4_000));
        }
        Process victim = OtherJvm.start(StoreHammer.class, folder, 60_000);
        awaitLine(victim);
        awaitLine(hammers.get(0));
        victim.destroyForcibly().waitFor();

        for (Process hammer : hammers) {
            assertEquals(0, hammer.waitFor());
        }

        StepStore store = new StepStore(folder, 1 << 20);
        int left = 0;
        for (int i = 0; i < 12; i++) {
            Optional<StepStore.Entry> entry = store.find(StoreHammer.key(i));
            if (entry.isPresent()) {
                left++;
                assertArrayEquals(
                        StoreHammer.content(i), Files.readAllBytes(entry.get().file()));
            }
        }
        assertEquals(left, store.statistics().entries());
        assertTrue(pins() <= 3, "only the killed process has left pins: " + pins());
    }

    private static void awaitLine(Process process) throws Exception {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        assertEquals("hammering", lines.readLine());
    }

    private long pins() throws Exception {
        try (Stream<Path> files = Files.list(folder.resolve("pins"))) {
            return files.filter(f -> f.toString().endsWith(".pin")).count();
        }
    }

    @Test
    void leavesNothingOnAFullDiskAndSaysSo() throws Exception {
        Path mount = Files.createDirectory(folder.resolve("small"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process small = new ProcessBuilder(
                        "unshare",
                        "--user",
                        "--map-root-user",
                        "--mount",
                        "sh",
                        "-c",
                        "mount -t tmpfs -o size=256k none \"$1\" && exec \"$2\" -cp \"$3\" \"$4\" \"$1\"",
                        "sh",
                        mount.toString(),
                        java,
                        System.getProperty("java.class.path"),
                        FullDisk.class.getName())
                .redirectErrorStream(true)
                .start();

        String said = new String(small.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = small.waitFor();

        assumeTrue(said.contains("mounted"), "no small disk can be had here: " + said);
        assertEquals(0, code, said);
        assertTrue(
                said.contains("said: No space left on the disk of the step store " + mount.resolve("steps")
                        + ": make room there, lower steps.limit, or name another state.folder"),
                said);
        assertFalse(said.contains("left: "), said);
    }

    /** Puts into a store on a disk that has room for the result, but not for what is to be said of it. */
    static final class FullDisk {
        private FullDisk() {}

        public static void main(String[] arguments) throws Exception {
            System.out.println("mounted");
            Path disk = Path.of(arguments[0]);
            StepStore store = new StepStore(disk.resolve("steps"), 1 << 20);
            StepStore.Entry first = StepStoreTest.put(store, "first", "fits");
            Path workspace = store.workspace("test");
            Path file = Files.writeString(workspace.resolve("result.txt"), "one more");
            fill(disk.resolve("filling"));
            try {
                StepStoreTest.put(store, "second", file);
                System.out.println("the disk was not full");
                System.exit(1);
            } catch (java.io.IOException e) {
                System.out.println("said: " + e.getMessage());
            }
            if (store.find(first.key()).isEmpty()) {
                System.out.println("what was there can't be read on a full disk");
                System.exit(1);
            }
            Files.delete(workspace);
            for (Path folder : List.of(disk.resolve("steps/incoming"), disk.resolve("steps/damaged"))) {
                if (Files.isDirectory(folder)) {
                    try (Stream<Path> files = Files.list(folder)) {
                        files.forEach(f -> System.out.println("left: " + f));
                    }
                }
            }
        }

        private static void fill(Path filling) throws Exception {
            for (int size : new int[] {4096, 1}) {
                try (var out = Files.newOutputStream(
                        filling, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND)) {
                    while (true) {
                        out.write(new byte[size]);
                    }
                } catch (java.io.IOException e) {
                    // Full, as it was meant to be.
                    continue;
                }
            }
        }
    }
}
