package org.localav.orchestrator.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.localav.orchestrator.store.Jobbing.job;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.process.OtherJvm;

@Timeout(90)
class SqliteFileTest {
    private static final JobQuery ALL = new JobQuery(Set.of(), Map.of(), OptionalLong.empty(), 100_000);

    @TempDir
    Path state;

    private Path file;

    @BeforeEach
    void given() {
        file = state.resolve("jobs/jobs.db");
    }

    private void accept(SqlJobStore store, int jobs) {
        IntStream.range(0, jobs).forEach(i -> store.accept(job("j" + i)));
    }

    private String refusal() {
        return assertThrows(StoreException.class, () -> SqlJobStore.open(state)).getMessage();
    }

    private static Integer number(SqliteFile file, String pragma) {
        return file.write(handle ->
                handle.createQuery("PRAGMA " + pragma).mapTo(Integer.class).one());
    }

    @Test
    void waitsForTheDiskAtEveryCommit() {
        try (SqliteFile opened = SqliteFile.open(state)) {
            String journal = opened.write(handle -> handle.createQuery("PRAGMA journal_mode")
                    .mapTo(String.class)
                    .one());

            assertEquals("wal", journal);
            assertEquals(2, number(opened, "synchronous"));
            assertEquals(1, number(opened, "foreign_keys"));
        }
    }

    @Test
    void knowsItsNewestMigration() throws IOException {
        Path migrations = Path.of("src/main/resources/org/localav/orchestrator/store/migrations/sqlite");
        try (Stream<Path> files = Files.list(migrations);
                SqliteFile opened = SqliteFile.open(state)) {
            assertEquals(Database.SCHEMA, files.count());
            assertEquals(Database.SCHEMA, number(opened, "user_version"));
        }
    }

    @Test
    void keepsNothingOfWorkThatThrowsAndAllOfWhatWasWrittenBesideIt() {
        try (SqliteFile opened = SqliteFile.open(state)) {
            List<CompletableFuture<Integer>> writings = IntStream.range(0, 100)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> opened.write(handle -> {
                        int rows = handle.execute("INSERT INTO remembered VALUES (?, 'x')", "n" + i);
                        if (i % 10 == 0) {
                            throw new IllegalStateException("number " + i);
                        }
                        return rows;
                    })))
                    .toList();
            long failed = writings.stream()
                    .filter(writing ->
                            writing.handle((rows, failure) -> failure != null).join())
                    .count();

            int kept = opened.read(handle -> handle.createQuery("SELECT count(*) FROM remembered")
                    .mapTo(Integer.class)
                    .one());
            assertEquals(10, failed);
            assertEquals(90, kept);
        }
    }

    @Test
    void unpacksItsLibraryWhereNobodyElseLooksAndSweepsWhatWasLeftThere() throws IOException {
        Path left = state.resolve("jobs/tmp/sqlite-left-by-a-killed-process.so");
        Files.createDirectories(left.getParent());
        Files.createFile(left);

        SqlJobStore.open(state).close();

        assertFalse(Files.exists(left));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(left.getParent())));
        assertEquals(left.getParent().toString(), System.getProperty("org.sqlite.tmpdir"));
    }

    @Test
    void belongsToOneServiceAtATime() {
        try (SqlJobStore first = SqlJobStore.open(state)) {
            String refusal = refusal();

            assertTrue(refusal.contains("is in use by another service"), refusal);
            assertEquals(file.toString(), first.place());
        }
        SqlJobStore.open(state).close();
    }

    @Test
    void refusesAFileOfANewerVersion() {
        try (SqliteFile opened = SqliteFile.open(file.getParent())) {
            opened.write(handle -> handle.execute("PRAGMA user_version = 99"));
        }

        String refusal = refusal();

        assertTrue(refusal.contains(file + " was written by a newer version of this program"), refusal);
    }

    @Test
    void refusesAFileThatIsNoStore() throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "version: 1\njob: {title: not a database}\n".repeat(200));

        String refusal = refusal();

        assertTrue(refusal.contains(file + " could not be read: the file is damaged or is no job store"), refusal);
    }

    @Test
    void refusesAFileThatIsCutShort() throws IOException {
        try (SqlJobStore store = SqlJobStore.open(state)) {
            accept(store, 50);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }

        String refusal = refusal();

        assertTrue(refusal.contains("the file is damaged"), refusal);
    }

    @Test
    void saysSoWhenItComesUponADamagedPage() throws IOException {
        try (SqlJobStore store = SqlJobStore.open(state)) {
            accept(store, 50);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate((int) channel.size() - 8192), 4096);
        }

        String said = assertThrows(StoreException.class, () -> {
                    try (SqlJobStore store = SqlJobStore.open(state)) {
                        store.list(ALL);
                    }
                })
                .getMessage();

        assertTrue(said.contains("the file is damaged"), said);
    }

    @Test
    void refusesAFolderThatIsNone() throws IOException {
        Files.createFile(file.getParent());

        String refusal = refusal();

        assertTrue(refusal.contains("make it a folder that this user may write"), refusal);
    }

    @Test
    void goesOnByItselfAfterTheDiskWasFull() throws Exception {
        assumeTrue(mounted(), "needs the right to mount a small disk that can be filled");
        try {
            List<String> acknowledged = new ArrayList<>();
            Path ballast = state.resolve("ballast");
            StoreException full;
            try (SqlJobStore store = SqlJobStore.open(state)) {
                Files.write(ballast, new byte[1 << 20]);
                full = assertThrows(StoreException.class, () -> {
                    for (int i = 0; i < 10_000; i++) {
                        acknowledged.add(store.accept(job("j" + i)).job().id());
                    }
                });
                assertEquals(
                        acknowledged.size(), store.list(ALL).size(), "what was acknowledged can be read all the time");

                Files.delete(ballast);
                acknowledged.add(store.accept(job("after")).job().id());
            }
            assertTrue(full.getMessage().contains("is full"), full.getMessage());
            try (SqlJobStore store = SqlJobStore.open(state)) {
                assertEquals(
                        Set.copyOf(acknowledged),
                        Set.copyOf(store.list(ALL).stream().map(JobRow::id).toList()));
            }
        } finally {
            run("umount", state.toString());
        }
    }

    private boolean mounted() throws Exception {
        return run("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", state.toString());
    }

    private static boolean run(String... command) throws Exception {
        return new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    /** Accepts jobs until it is killed, from four threads, and names each once it is acknowledged. */
    public static final class Acceptor {
        public static void main(String[] arguments) {
            SqlJobStore store = SqlJobStore.open(Path.of(arguments[0]));
            for (int thread = 0; thread < 4; thread++) {
                String name = arguments[1] + "-" + thread + "-";
                new Thread(() -> {
                            for (int i = 0; true; i++) {
                                store.accept(job(name + i));
                                System.out.println(name + i);
                            }
                        })
                        .start();
            }
        }
    }

    @Test
    void losesNoAcknowledgedJobWhenItsProcessIsKilled() throws Exception {
        List<String> acknowledged = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            int atLeast = acknowledged.size() + 100 + 150 * round;
            Process acceptor = OtherJvm.start(Acceptor.class, state, "r" + round);
            try (BufferedReader said = acceptor.inputReader()) {
                for (String id = said.readLine(); id != null; id = said.readLine()) {
                    acknowledged.add(id);
                    if (acknowledged.size() == atLeast) {
                        acceptor.toHandle().destroyForcibly();
                    }
                }
            }
            acceptor.waitFor();

            try (SqlJobStore store = SqlJobStore.open(state)) {
                Set<String> kept =
                        Set.copyOf(store.list(ALL).stream().map(JobRow::id).toList());
                assertEquals(
                        List.of(),
                        acknowledged.stream().filter(id -> !kept.contains(id)).toList());
                assertTrue(acknowledged.size() >= atLeast);
                assertEquals(
                        kept.size(), store.events(Optional.empty(), 0, 100_000).size());
            }
        }
    }
}
