package org.localav.orchestrator.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * The one place that starts programs: with an almost empty environment, limits, no input, and a sure end of the whole
 * process tree on time-out, on cancelling and when this program dies.
 */
public final class Processes {
    private static final Duration GRACE = Duration.ofSeconds(2);

    /** ffmpeg reads and decodes each input in threads of their own, whose stacks count though next to nothing is used. */
    private static final long THREADS_OF_AN_INPUT = 16L << 20;

    /** 128 + SIGPIPE. */
    private static final int ENDED_BY_PIPE = 141;

    /**
     * Runs what follows with the lowest claim to the processor. Each program here leads a session of its own, and where the
     * kernel shares out time by sessions first (sched(7), "The autogroup feature"), a nice value counts only within one.
     */
    private static final String YIELDING = "{ echo 10 >/proc/self/autogroup; } 2>/dev/null; exec nice -n 10 \"$@\"";

    private final ProcessLimits limits;
    private final Path pidFolder;
    private final Optional<Path> setpriv = Tool.find("setpriv");
    private final Optional<Path> setsid = Tool.find("setsid");
    private final Optional<Path> prlimit = Tool.find("prlimit");
    private final Optional<Path> shell =
            Tool.find("sh").filter(sh -> Tool.find("nice").isPresent());
    private final Suspension suspension = new Suspension();
    private final Set<Process> running = ConcurrentHashMap.newKeySet();

    /** @param pidFolder where running programs are noted; made when missing */
    public Processes(ProcessLimits limits, Path pidFolder) {
        this.limits = limits;
        this.pidFolder = pidFolder;
    }

    /** Why a program can't be run; empty: it is there. */
    public Optional<String> missing(String program) {
        return Tool.find(program).isPresent() ? Optional.empty() : Optional.of(Tool.missing(program));
    }

    /** A sentence for each safeguard this machine lacks; empty on any Debian. */
    public List<String> missingGuards() {
        List<String> missing = new ArrayList<>();
        if (setpriv.isEmpty()) {
            missing.add(Tool.missing("setpriv")
                    + "; without it programs outlive a killed orchestrator until its next start");
        }
        if (setsid.isEmpty()) {
            missing.add(Tool.missing("setsid") + "; without it Ctrl-C reaches the programs before the orchestrator");
        }
        if (prlimit.isEmpty()) {
            missing.add(Tool.missing("prlimit") + "; without it programs may take any amount of memory");
        }
        return missing;
    }

    /** Makes every program stand still that runs now, and lets none start, until {@link #resume}. */
    public void suspend() {
        suspension.set(true);
        running.forEach(process -> ProcessTree.signal(process.toHandle(), "STOP"));
    }

    /** Lets programs go on. */
    public void resume() {
        suspension.set(false);
        running.forEach(process -> ProcessTree.signal(process.toHandle(), "CONT"));
    }

    /** How long programs have stood still so far; such time counts towards no limit. */
    public Duration suspended() {
        return suspension.total();
    }

    /**
     * Runs a program, with what feeds it, to its end in the calling thread, which must live as long: the system kills the
     * program when the thread that started it ends.
     *
     * @throws ToolFailedException when it is missing or ends with an exit code other than 0
     * @throws ToolTimedOutException when it ran longer than it may
     * @throws CancelledException when the cancellation came first
     * @throws InterruptedException when the calling thread was interrupted; the program is ended then, too
     */
    public Outcome run(Invocation call, Cancellation cancellation) throws IOException, InterruptedException {
        cancellation.throwIfCancelled();
        suspension.await(cancellation);
        String mark = UUID.randomUUID().toString();
        long began = System.nanoTime();
        List<Process> line = start(call, mark);
        Process last = line.get(line.size() - 1);
        LineTail output = LineTail.output(last.getInputStream(), call.onOutput());
        List<LineTail> errors =
                line.stream().map(p -> LineTail.errors(p.getErrorStream())).toList();
        Optional<Path> note = Optional.empty();
        boolean ended = false;
        try {
            running.addAll(line);
            if (suspension.on()) {
                line.forEach(p -> ProcessTree.signal(p.toHandle(), "STOP"));
            }
            note = note(last, mark);
            ended = await(line, call.limit(), cancellation);
        } finally {
            line.forEach(running::remove);
            if (!ended) {
                if (suspension.on()) {
                    // What stands still would not hear that it is to end.
                    line.forEach(p -> ProcessTree.signal(p.toHandle(), "CONT"));
                }
                line.forEach(p -> ProcessTree.end(p.toHandle(), mark, GRACE));
            }
            if (note.isPresent()) {
                Files.deleteIfExists(note.get());
            }
        }
        for (LineTail pipe : Stream.concat(Stream.of(output), errors.stream()).toList()) {
            if (!pipe.await()) {
                // Something it started and left behind holds the pipe open.
                ProcessTree.end(last.toHandle(), mark, GRACE);
                pipe.await();
            }
        }
        List<String> said =
                errors.stream().flatMap(tail -> tail.lines().stream()).toList();
        cancellation.throwIfCancelled();
        if (!ended) {
            throw new ToolTimedOutException(call);
        }
        throwFailure(call, line, errors, output.text());
        output.throwListenersFailure();
        return new Outcome(output.text(), said, Duration.ofNanos(System.nanoTime() - began));
    }

    /** The first that failed, but not for want of a reader: then it is the reader that failed. */
    private static void throwFailure(Invocation call, List<Process> line, List<LineTail> errors, String output)
            throws ToolFailedException {
        for (int i = 0; i < line.size(); i++) {
            int exit = line.get(i).exitValue();
            List<String> said = errors.get(i).lines();
            boolean unread = i + 1 < line.size()
                    && line.get(i + 1).exitValue() != 0
                    && (exit == ENDED_BY_PIPE || said.stream().anyMatch(text -> text.contains("Broken pipe")));
            if (exit != 0 && !unread) {
                throw ToolFailedException.exited(call, exit, said, output);
            }
        }
    }

    private Optional<Path> note(Process process, String mark) throws IOException {
        Optional<PidFile> file = PidFile.of(process.pid(), mark);
        return file.isEmpty() ? Optional.empty() : Optional.of(file.get().write(pidFolder));
    }

    /** What feeds the program, if anything does, and the program. */
    private List<Process> start(Invocation call, String mark) throws ToolFailedException {
        Path program = Tool.find(call.tool())
                .orElseThrow(() -> ToolFailedException.notStarted(call, Tool.missing(call.tool())));
        List<ProcessBuilder> line = Stream.concat(call.feeder().stream(), Stream.of(call.arguments()))
                .map(arguments -> builder(program, arguments, call, mark))
                .toList();
        line.get(0).redirectInput(new File("/dev/null"));
        try {
            return ProcessBuilder.startPipeline(line);
        } catch (IOException e) {
            throw ToolFailedException.notStarted(call, Tool.name(call.tool()) + " can't be started: " + e.getMessage());
        }
    }

    private ProcessBuilder builder(Path program, List<String> arguments, Invocation call, String mark) {
        List<String> line = guards(arguments);
        if (call.yielding()) {
            shell.ifPresent(sh -> line.addAll(List.of(sh.toString(), "-c", YIELDING, "sh")));
        }
        line.add(program.toString());
        line.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(line);
        call.folder().ifPresent(folder -> builder.directory(folder.toFile()));
        Map<String, String> environment = builder.environment();
        // All but these: FFREPORT alone makes ffmpeg write files wherever it likes.
        environment.keySet().retainAll(List.of("HOME", "TMPDIR", "XDG_RUNTIME_DIR"));
        environment.putAll(Map.of("PATH", Tool.path(), "LANG", "C.UTF-8", ProcFile.MARK, mark));
        return builder;
    }

    private List<String> guards(List<String> arguments) {
        List<String> line = new ArrayList<>();
        setpriv.ifPresent(tool -> line.addAll(List.of(tool.toString(), "--pdeathsig", "KILL")));
        // A session of its own: Ctrl-C on the terminal would otherwise end ffmpeg before we know that we are cancelled.
        setsid.ifPresent(tool -> line.add(tool.toString()));
        prlimit.ifPresent(tool -> {
            line.addAll(List.of(tool.toString(), "--core=0", "--nofile=" + limits.files()));
            if (limits.addressSpace() > 0) {
                long inputs = arguments.stream().filter("-i"::equals).count();
                line.add("--as=" + (limits.addressSpace() + inputs * THREADS_OF_AN_INPUT));
            }
        });
        return line;
    }

    /** Whether they ended by themselves; otherwise their time is over or they were cancelled. */
    private boolean await(List<Process> line, Duration timeout, Cancellation cancellation) throws InterruptedException {
        CompletableFuture<Object> over = new CompletableFuture<>();
        CompletableFuture.allOf(line.stream().map(Process::onExit).toArray(CompletableFuture[]::new))
                .thenRun(() -> over.complete(true));
        try (Cancellation.Registration registration = cancellation.onCancel(() -> over.complete(false))) {
            long began = System.nanoTime();
            Duration stoodStill = suspension.total();
            while (true) {
                Duration limit = timeout.plus(suspension.total().minus(stoodStill));
                long left = limit.toNanos() - (System.nanoTime() - began);
                try {
                    return (Boolean) over.get(Math.max(left, 0), TimeUnit.NANOSECONDS);
                } catch (TimeoutException e) {
                    if (left <= 0) {
                        return false;
                    }
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Ends programs that a killed orchestrator left behind, as noted in the folder: only processes whose pid, start time
     * and mark agree with the note, and what carries the same random mark because they started it.
     *
     * @return how many were ended
     */
    public static int sweep(Path pidFolder) throws IOException {
        int ended = 0;
        for (Path file : PidFile.all(pidFolder)) {
            Optional<PidFile> note = PidFile.read(file);
            if (note.isPresent() && note.get().ownerLives()) {
                continue;
            }
            if (note.isPresent() && note.get().programLives()) {
                ProcessHandle left = ProcessHandle.of(note.get().pid()).orElse(null);
                if (left != null) {
                    ProcessTree.end(left, note.get().mark(), GRACE);
                    ended++;
                }
            }
            Files.deleteIfExists(file);
        }
        return ended;
    }
}
