package org.localav.orchestrator.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.process.OtherJvm;
import org.localav.orchestrator.trace.Caller;

/** The audit log, and what its check finds after each kind of tampering. */
class AuditLogTest {
    private static final long SMALL = 1000;

    @TempDir
    Path home;

    private Path folder;
    private AuditLog log;

    @BeforeEach
    void open() {
        folder = home.resolve("audit");
        log = new AuditLog(folder, SMALL, Duration.ZERO);
    }

    private void write(int from, int to) {
        IntStream.rangeClosed(from, to).forEach(i -> log.wrote("accepted", "job-" + i, Map.of("origin", "http")));
    }

    private List<Path> files() throws Exception {
        return new AuditFolder(folder).files();
    }

    private List<String> lines(Path file) throws Exception {
        return new ArrayList<>(Files.readAllLines(file));
    }

    private List<String> problems() throws Exception {
        return AuditCheck.of(folder).problems();
    }

    @Test
    void tellsWhoDidWhatInAChainOverSeveralFiles() throws Exception {
        try (Caller.Scope scope = new Caller("http:token", "req-7", Optional.empty()).enter()) {
            log.wrote("cancelled", "tour", Map.of());
        }
        write(1, 20);

        AuditCheck.Verdict verdict = AuditCheck.of(folder);
        List<String> tour = new ArrayList<>();
        AuditCheck.read(folder, Optional.of("tour"), tour::add);

        assertEquals(List.of(), verdict.problems());
        assertEquals(21, verdict.lines());
        assertTrue(verdict.files() > 3, () -> verdict.files() + " files");
        assertEquals(1, tour.size());
        assertTrue(
                tour.get(0)
                        .matches(
                                "\\{\"number\":1,\"at\":\"[^\"]+\",\"who\":\"http:token\",\"what\":\"cancelled\","
                                        + "\"job_id\":\"tour\",\"request_id\":\"req-7\",\"previous\":\"0{64}\",\"hash\":\"\\w{64}\"}"),
                tour.get(0));
    }

    @Test
    void findsAChangedLine() throws Exception {
        write(1, 8);
        Path file = files().get(0);
        Files.writeString(file, Files.readString(file).replace("job-2", "job-X"));

        assertEquals(List.of(file.getFileName() + ":2: the line was changed"), problems());
    }

    @Test
    void findsAMissingLineMovedLinesAndAForgedOne() throws Exception {
        write(1, 8);
        Path file = files().get(0);
        List<String> whole = lines(file);

        List<String> without = new ArrayList<>(whole);
        without.remove(1);
        Files.write(file, without);
        assertTrue(
                problems().get(0).contains(":2: line 3 does not follow line 1"),
                problems().toString());

        List<String> moved = new ArrayList<>(whole);
        moved.add(0, moved.remove(1));
        Files.write(file, moved);
        assertTrue(
                problems().get(0).contains(":1: line 2 does not follow line 0"),
                problems().toString());

        // Sealed as it should be, but the line after it knows another one.
        List<String> forged = new ArrayList<>(whole);
        Chain first = Chain.read(whole.get(0)).orElseThrow().chain();
        forged.set(1, first.seal(Map.of("what", "nothing")).line());
        Files.write(file, forged);
        assertTrue(
                problems().get(0).contains(":3: line 3 does not follow line 2"),
                problems().toString());

        Files.write(file, whole);
        assertEquals(List.of(), problems());
    }

    @Test
    void findsACutEndAndAReplacedOne() throws Exception {
        write(1, 8);
        Path last = files().get(files().size() - 1);
        List<String> whole = lines(last);

        Files.write(last, whole.subList(0, whole.size() - 1));
        assertEquals(List.of("the log ends with line 7, but line 8 was written: the end was cut off"), problems());

        List<String> replaced = new ArrayList<>(whole.subList(0, whole.size() - 1));
        Chain before = whole.size() > 1
                ? Chain.read(whole.get(whole.size() - 2)).orElseThrow().chain()
                : new Chain(7, Chain.read(whole.get(0)).orElseThrow().previous());
        replaced.add(before.seal(Map.of("what", "nothing")).line());
        Files.write(last, replaced);
        assertEquals(List.of("line 8 is not the one that was written last: the end was replaced"), problems());
    }

    @Test
    void findsAMissingFileAtEitherEndAndInTheMiddle() throws Exception {
        write(1, 20);
        List<Path> files = files();
        for (int i : List.of(0, 1, files.size() - 1)) {
            byte[] kept = Files.readAllBytes(files.get(i));
            Files.delete(files.get(i));
            assertFalse(problems().isEmpty(), "file " + i);
            Files.write(files.get(i), kept);
        }
        assertEquals(List.of(), problems());
    }

    @Test
    void goesOnAfterAWriteThatACrashCutOff() throws Exception {
        write(1, 2);
        Files.writeString(files().get(0), "{\"number\":3,\"at\":\"20", StandardOpenOption.APPEND);

        new AuditLog(folder, SMALL, Duration.ZERO).wrote("retried", "job-1", Map.of());

        assertEquals(List.of(), problems());
        assertEquals(3, AuditCheck.of(folder).lines());
    }

    @Test
    void writersInSeveralPlacesMakeOneChain() throws Exception {
        AuditLog other = new AuditLog(folder, SMALL, Duration.ZERO);
        List<Thread> threads = IntStream.range(0, 8)
                .mapToObj(t -> new Thread(() -> IntStream.range(0, 25)
                        .forEach(i -> (t % 2 == 0 ? log : other).wrote("accepted", t + "-" + i, Map.of()))))
                .toList();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }

        AuditCheck.Verdict verdict = AuditCheck.of(folder);
        assertEquals(List.of(), verdict.problems());
        assertEquals(200, verdict.lines());
    }

    @Test
    void writersInTwoProcessesMakeOneChain() throws Exception {
        Process other = OtherJvm.start(AuditLogTest.class, folder);
        assertEquals('!', other.getInputStream().read(), "it says when it begins, so that both write at the same time");
        IntStream.range(0, 100).forEach(i -> log.wrote("accepted", "here-" + i, Map.of()));

        assertEquals(0, other.waitFor());
        AuditCheck.Verdict verdict = AuditCheck.of(folder);
        assertEquals(List.of(), verdict.problems());
        assertEquals(200, verdict.lines());
    }

    /** Writes a hundred lines into the folder that the first argument names. */
    public static void main(String[] arguments) throws IOException {
        AuditLog log = new AuditLog(Path.of(arguments[0]), SMALL, Duration.ZERO);
        System.out.print("!");
        System.out.flush();
        IntStream.range(0, 100).forEach(i -> log.wrote("accepted", "there-" + i, Map.of()));
    }

    @Test
    void forgetsOldFilesAndSaysSo() throws Exception {
        write(1, 12);
        Path old = files().get(0);
        long through = AuditFolder.first(files().get(1)) - 1;
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(40))));

        log = new AuditLog(folder, SMALL, Duration.ofDays(30));
        write(13, 20);

        assertFalse(Files.exists(old));
        assertEquals(List.of(), problems());
        List<String> all = new ArrayList<>();
        AuditCheck.read(folder, Optional.empty(), all::add);
        assertTrue(all.stream().anyMatch(line -> line.contains("\"what\":\"forgotten\",\"through\":" + through)));
    }

    @Test
    void beginsAFileEachDay() throws Exception {
        write(1, 1);
        Files.setLastModifiedTime(files().get(0), FileTime.from(Instant.now().minus(Duration.ofDays(1))));
        write(2, 2);

        assertEquals(2, files().size());
        assertEquals(List.of(), problems());
    }

    @Test
    void keepsWhatCouldNotBeWrittenUntilItCan() throws Exception {
        Files.writeString(folder, "in the way");
        write(1, 2);
        Files.delete(folder);
        write(3, 3);

        assertEquals(List.of(), problems());
        assertEquals(3, AuditCheck.of(folder).lines());
    }

    @Test
    void cutsWhatSignsAnAddress() throws Exception {
        log.wrote(
                "webhook_delivered",
                "job",
                Map.of(
                        "url",
                        "https://u:word@host/x?sig=s3cret",
                        "more",
                        List.of(Map.of("at", "http://h/y?k=s3cret"))));

        String text = Files.readString(files().get(0));
        assertFalse(text.matches("(?s).*(s3cret|word).*"), text);
        assertTrue(text.contains("\"url\":\"https://host/x\""), text);
    }
}
