package org.localav.orchestrator.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("tools")
@Timeout(60)
class ProcessesTest {
    private static final Duration LONG = Duration.ofSeconds(50);

    /** A parent and a child that both ignore TERM and never end; the parent says the child's pid. */
    private static final String STUBBORN =
            "trap '' TERM; bash -c \"trap '' TERM; while :; do sleep 0.05; done\" & echo $!; while :; do sleep 0.05; done";

    @TempDir
    Path folder;

    private Processes processes;
    private Path notes;

    @BeforeEach
    void given() {
        notes = folder.resolve("notes");
        processes = new Processes(ProcessLimits.DEFAULT, notes);
    }

    private static Invocation bash(String script) {
        return Invocation.of("bash", List.of("-c", script), LONG);
    }

    private Outcome run(Invocation invocation) throws IOException, InterruptedException {
        return processes.run(invocation, new Cancellation());
    }

    @Test
    void handsBackOutputAndErrors() throws Exception {
        Outcome outcome = run(bash("echo out; echo 'für' ; echo err >&2"));

        assertEquals("out\nfür\n", outcome.output());
        assertEquals(List.of("err"), outcome.errorLines());
        assertEquals(List.of(), notesLeft());
    }

    @Test
    void passesArgumentsThroughAsTheyAre() throws Exception {
        String odd = "a b'\"$(touch PWNED);é\\ \n-x*";

        Outcome outcome = run(Invocation.of("printf", List.of("%s", odd), LONG).in(folder));

        assertEquals(odd, outcome.output());
        assertFalse(Files.exists(folder.resolve("PWNED")));
    }

    private static Invocation piped(String feeder, String reader) {
        return bash(reader).fedBy(Optional.of(List.of("-c", feeder)));
    }

    @Test
    void feedsOneProgramByAnother() throws Exception {
        Outcome outcome = run(piped("echo tuo; echo 'of the feeder' >&2", "rev; echo 'of the reader' >&2"));

        assertEquals("out\n", outcome.output());
        assertEquals(List.of("of the feeder", "of the reader"), outcome.errorLines());
        assertEquals(List.of(), notesLeft());
    }

    @Test
    void failsWithTheFeederThoughWhatReadsItEndsWell() {
        ToolFailedException failure = assertThrows(
                ToolFailedException.class, () -> run(piped("echo half; echo 'sound is corrupt' >&2; exit 3", "cat")));

        assertEquals("bash exited with 3: sound is corrupt", failure.getMessage());
        assertTrue(failure.command().contains(" | bash -c cat"), failure.command());
    }

    @Test
    void failsWithTheReaderWhereTheFeederOnlyLostIt() {
        ToolFailedException failure = assertThrows(
                ToolFailedException.class,
                () -> run(piped(
                        "yes; echo 'write: Broken pipe' >&2; exit 1", "echo 'No space left on device' >&2; exit 4")));

        assertEquals("bash exited with 4: No space left on device", failure.getMessage());
    }

    @Test
    void endsAFeederThatNobodyReads() throws Exception {
        Cancellation cancellation = new Cancellation();
        Invocation call = piped("echo $$; " + STUBBORN, "while :; do sleep 0.05; done");
        CompletableFuture<Void> done = CompletableFuture.runAsync(() -> {
            try {
                processes.run(call, cancellation);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        while (notesLeft().isEmpty()) {
            Thread.onSpinWait();
        }
        String mark = notesLeft().get(0).getFileName().toString().replaceFirst("[.].*", "");
        cancellation.cancel("enough");

        assertThrows(Exception.class, () -> done.get(20, TimeUnit.SECONDS));
        assertEquals(List.of(), ProcFile.marked(mark));
    }

    @Test
    void clearsTheEnvironmentAndTheInput() throws Exception {
        String names = run(bash("env | cut -d= -f1 | sort | tr '\\n' ' '; cat; ulimit -c; ulimit -n; ulimit -v"))
                .output();

        assertTrue(
                names.matches("(?s)(?:(?:_|AVO_PROCESS_MARK|HOME|LANG|OLDPWD|PATH|PWD|SHLVL|TMPDIR|XDG_RUNTIME_DIR) )+"
                        + "0\n4096\n" + (6L << 20) + "\n"),
                names);
    }

    @Test
    void saysThatADiskIsFullWhateverElseWasSaidOfIt() {
        var failure = assertThrows(
                ToolFailedException.class,
                () -> run(bash("echo 'out.mp4: No space left on device' >&2; echo Error in stream 0:0 >&2; exit 1")));

        assertEquals("bash exited with 1: out.mp4: No space left on device", failure.getMessage());
    }

    @Test
    void saysExitCodeCommandAndLastLines() {
        var failure = assertThrows(
                ToolFailedException.class,
                () -> run(bash("echo one >&2; echo '{\"error\": 1}'; echo \"it's wrong\" >&2; exit 3")));

        assertEquals("bash exited with 3: it's wrong", failure.getMessage());
        assertEquals(3, failure.exitCode());
        assertEquals(List.of("one", "it's wrong"), failure.lastLines());
        assertEquals("{\"error\": 1}\n", failure.output());
        assertTrue(failure.details().startsWith("bash -c 'echo one >&2; echo '\\''{"), failure.details());
    }

    @Test
    void namesThePackageOfAMissingProgram() {
        var unknown =
                assertThrows(ToolFailedException.class, () -> run(Invocation.of("no-such-tool", List.of(), LONG)));
        var path =
                assertThrows(ToolFailedException.class, () -> run(Invocation.of("/nowhere/ffmpeg", List.of(), LONG)));

        assertTrue(
                unknown.getMessage().startsWith("no-such-tool is not installed or not on the PATH"),
                unknown.getMessage());
        assertEquals("/nowhere/ffmpeg is not a program that can be run", path.getMessage());
        assertEquals("ffprobe is not installed; on Debian or Ubuntu: sudo apt install ffmpeg", Tool.missing("ffprobe"));
        assertEquals(127, unknown.exitCode());
    }

    @Test
    void keepsTheHeadAndTailOfManyErrorLines() throws Exception {
        List<String> lines =
                run(bash("for i in $(seq 1 5000); do echo $i; done >&2")).errorLines();

        assertEquals(221, lines.size());
        assertEquals("20", lines.get(19));
        assertEquals("[4780 lines left out]", lines.get(20));
        assertEquals("5000", lines.get(220));
    }

    @Test
    void cutsALineThatNeverEnds() throws Exception {
        List<String> heard = Collections.synchronizedList(new ArrayList<>());

        Outcome outcome = run(bash("head -c 10000000 /dev/zero | tr '\\0' x | tee /dev/stderr")
                .listening(heard::add));

        assertEquals(
                List.of(2000), outcome.errorLines().stream().map(String::length).toList());
        assertEquals(List.of(2000), heard.stream().map(String::length).toList());
    }

    @Test
    void letsTheProgramEndWhenAListenerFails() {
        var failure = assertThrows(
                IllegalStateException.class,
                () -> run(bash("seq 1 100000").listening(line -> {
                    throw new IllegalStateException("at " + line);
                })));

        assertEquals("at 1", failure.getMessage());
    }

    @Test
    void endsAStubbornTreeOnTimeout() throws Exception {
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        Invocation stubborn = Invocation.of("bash", List.of("-c", STUBBORN), Duration.ofSeconds(1))
                .listening(heard::add);

        var failure = assertThrows(ToolTimedOutException.class, () -> run(stubborn));

        assertEquals("bash was ended: it took longer than its limit of 1.0 s", failure.getMessage());
        assertFalse(alive(Long.parseLong(heard.get(0))));
        assertEquals(List.of(), notesLeft());
    }

    @Test
    void endsAStubbornTreeWhenCancelled() throws Exception {
        Cancellation cancellation = new Cancellation();
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        Invocation stubborn = bash(STUBBORN).listening(line -> {
            heard.add(line);
            cancellation.cancel("the user pressed Ctrl-C");
        });

        var failure = assertThrows(CancelledException.class, () -> processes.run(stubborn, cancellation));

        assertEquals("the user pressed Ctrl-C", failure.getMessage());
        assertFalse(alive(Long.parseLong(heard.get(0))));
    }

    @Test
    void endsAStoppedProgram() {
        Cancellation cancellation = new Cancellation();
        Invocation stopped = bash("echo $$; kill -STOP $$").listening(line -> cancellation.cancel("no longer wanted"));

        assertThrows(CancelledException.class, () -> processes.run(stopped, cancellation));
    }

    @Test
    void letsAYieldingProgramTakeWhatIsLeftOfTheProcessorOnly() throws Exception {
        String own = session();
        int nice = Integer.parseInt(run(bash("nice")).output().strip());

        assertEquals(
                Math.min(nice + 10, 19),
                Integer.parseInt(run(bash("nice").yielding(true)).output().strip()));
        if (!own.isEmpty()) {
            // Whoever is not root may set it ten times a second in the whole system.
            assertTrue(
                    Stream.generate(() -> yieldingSession()).limit(500).anyMatch(said -> said.endsWith("nice 10")),
                    "time is shared out by sessions here, and a yielding program's is like any other");
            assertEquals(own, session(), "this program's own session");
            assertTrue(run(bash("cat /proc/self/autogroup")).output().strip().endsWith("nice 0"));
        }
    }

    private String yieldingSession() {
        try {
            return run(bash("cat /proc/self/autogroup").yielding(true)).output().strip();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the kernel shares time out by beside nice values; empty where it doesn't, or lets nobody change it. */
    private static String session() throws IOException {
        Path file = Path.of("/proc/self/autogroup");
        return Files.isWritable(file) ? Files.readString(file).strip() : "";
    }

    @Test
    void endsAnOrphanThatHoldsTheOutputOpen() throws Exception {
        Outcome outcome = run(bash("setsid sleep 1000 & echo $!"));

        assertFalse(alive(Long.parseLong(outcome.output().strip())));
    }

    @Test
    void endsTheProgramWhenTheCallerIsInterrupted() throws Exception {
        CompletableFuture<Long> pid = new CompletableFuture<>();
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                run(bash("echo $$; exec sleep 1000").listening(line -> pid.complete(Long.parseLong(line))));
            } catch (IOException | InterruptedException e) {
                end.complete(e);
            }
        });
        caller.start();
        long running = pid.get(20, TimeUnit.SECONDS);

        caller.interrupt();

        assertEquals(InterruptedException.class, end.get(20, TimeUnit.SECONDS).getClass());
        assertFalse(alive(running));
    }

    @Test
    void startsNothingWhenCancelledBefore() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel("too late");

        assertThrows(
                CancelledException.class, () -> processes.run(bash("touch " + folder.resolve("ran")), cancellation));
        assertFalse(Files.exists(folder.resolve("ran")));
    }

    /** Started in a JVM of its own by the tests of its sudden death. */
    public static final class Victim {
        public static void main(String[] arguments) throws Exception {
            Invocation sleeper = Invocation.of("bash", List.of("-c", arguments[1]), Duration.ofHours(1))
                    .listening(System.out::println);
            new Processes(ProcessLimits.DEFAULT, Path.of(arguments[0])).run(sleeper, new Cancellation());
        }
    }

    /** Starts a JVM that runs a program, kills it with -9 once the program runs, and returns the program's pid. */
    private long killAnOwner(String how) throws Exception {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        notes.toString(),
                        how)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long pid = Long.parseLong(java.inputReader().readLine());
        // The note is written beside the start: wait for the very thing that the sweep needs.
        while (PidFile.all(notes).isEmpty() && java.isAlive()) {
            Thread.onSpinWait();
        }
        java.destroyForcibly().waitFor();
        return pid;
    }

    @Test
    void leavesNoProgramBehindWhenThisOneIsKilled() throws Exception {
        long pid = killAnOwner("echo $$; exec sleep 1000");

        ProcessHandle.of(pid)
                .ifPresent(p -> p.onExit().orTimeout(20, TimeUnit.SECONDS).join());
        assertFalse(alive(pid));
    }

    @Test
    void sweepsWhatAKilledOneLeft() throws Exception {
        // setpriv in the script takes the death signal off again, as a machine without setpriv would never have set it;
        // only then may it say its pid, for that is when its owner is killed.
        long pid = killAnOwner("exec setpriv --pdeathsig clear bash -c 'echo $$; exec sleep 1000'");
        assertTrue(alive(pid));

        int ended = Processes.sweep(notes);

        assertEquals(1, ended);
        assertFalse(alive(pid));
        assertEquals(List.of(), notesLeft());
    }

    @Test
    void sweepsNoInnocentProcess() throws Exception {
        long self = ProcessHandle.current().pid();
        long start = ProcFile.startTicks(self).orElseThrow();
        new PidFile(ProcFile.bootId(), 1, 0, self, start, "somebody-elses-mark").write(notes);
        new PidFile("another-boot", self, start, self, start, "other-boot-mark").write(notes);
        Files.writeString(notes.resolve("torn.process"), "boot=x\nown");

        assertEquals(0, Processes.sweep(notes));
        assertEquals(List.of(), notesLeft());
    }

    @Test
    void leavesRunningOwnersAlone() throws Exception {
        Path note = PidFile.of(ProcessHandle.current().pid(), "living")
                .orElseThrow()
                .write(notes);

        assertEquals(0, Processes.sweep(notes));
        assertTrue(Files.exists(note));
    }

    @Test
    void isGuardedOnThisMachine() {
        assertEquals(List.of(), processes.missingGuards());
    }

    private List<Path> notesLeft() throws IOException {
        if (!Files.isDirectory(notes)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(notes)) {
            return files.toList();
        }
    }

    private static boolean alive(long pid) throws IOException {
        Path stat = Path.of("/proc/" + pid + "/stat");
        // A zombie has ended; in a container nobody may collect it.
        return Files.exists(stat)
                && !Arrays.asList(Files.readString(stat).split(" ")).get(2).equals("Z");
    }
}
