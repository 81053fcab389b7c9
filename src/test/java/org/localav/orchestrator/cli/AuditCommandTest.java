package org.localav.orchestrator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.audit.AuditLog;
import org.localav.orchestrator.trace.Caller;

/** {@code avo audit} on a log of three lines. */
class AuditCommandTest {
    @TempDir
    Path state;

    private Path folder;
    private String out;
    private String err;

    @BeforeEach
    void write() {
        folder = state.resolve("audit");
        AuditLog log = new AuditLog(folder, 1 << 20, Duration.ZERO);
        try (Caller.Scope scope = Caller.of("cli:anna").enter()) {
            log.wrote("accepted", "tour", Map.of("origin", "inbox"));
            log.wrote("accepted", "slides", Map.of("origin", "inbox"));
            log.wrote("cancelled", "tour", Map.of());
        }
    }

    private int avo(String... arguments) {
        StringWriter said = new StringWriter();
        StringWriter wrong = new StringWriter();
        int code = Avo.commandLine()
                .setOut(new PrintWriter(said, true))
                .setErr(new PrintWriter(wrong, true))
                .execute(Stream.concat(Stream.of(arguments), Stream.of("--set", "state.folder=" + state))
                        .toArray(String[]::new));
        out = said.toString();
        err = wrong.toString();
        return code;
    }

    private Path file() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jsonl"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void verifyFindsWhatWasChangedAndShowStillPrintsIt() throws Exception {
        int whole = avo("audit", "verify");
        String told = out;
        Files.writeString(file(), Files.readString(file()).replace("slides", "sliced"));
        int broken = avo("audit", "verify");

        assertEquals(0, whole);
        assertTrue(told.startsWith("3 lines in 1 files, all as they were written; the last has the hash "), told);
        assertEquals(1, broken);
        assertEquals(file().getFileName() + ":2: the line was changed\n", err);
        assertEquals("", out);
        assertEquals(1, avo("audit", "show"));
        assertTrue(out.contains("sliced"), out);
        assertEquals(
                "lines of the audit log were changed or can't be read: " + file().getFileName()
                        + ":2; run 'avo audit verify'\n",
                err);
    }

    @Test
    void showSaysThatChangedLinesMayBeMissingFromAJob() throws Exception {
        Files.writeString(file(), Files.readString(file()).replace("cancelled", "cancel"));

        assertEquals(1, avo("audit", "show", "tour"));
        assertEquals(1, out.lines().count(), out);
        assertEquals(
                "lines of the audit log were changed or can't be read: " + file().getFileName()
                        + ":3, and not shown, as it is unknown whose they are; run 'avo audit verify'\n",
                err);
        assertEquals(1, avo("audit", "show", "slides"));
    }

    @Test
    void showPrintsWhatItHasOfAJob() {
        assertEquals(0, avo("audit", "show", "tour"));
        assertEquals(2, out.lines().count(), out);
        assertTrue(
                out.lines().findFirst().orElseThrow().matches("\\S+Z +cli:anna +accepted +tour .*origin=inbox.*"), out);
        assertEquals(0, avo("audit", "show", "--json"));
        assertEquals(3, out.lines().count(), out);
    }
}
