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

/**
 * The one place that starts programs: with an almost empty environment, limits, no input, and a sure end of the whole
 * process tree on time-out, on cancelling and when this program dies.
 */
public final class Processes {
    private static final Duration GRACE = Duration.ofSeconds(2);

    /** ffmpeg reads and decodes each input in threads of their own, whose stacks count though next to nothing is used. */
    private static final long THREADS_OF_AN_INPUT = 16L << 20;

    private final ProcessLimits limits;
    private final Path pidFolder;
    private final Optional<Path> setpriv = Tool.find("setpriv");
    private final Optional<Path> setsid = Tool.find("setsid");
    private final Optional<Path> prlimit = Tool.find("prlimit");
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
     * Runs a program to its end in the calling thread, which must live as long: the system kills the program when the
     * thread that started it ends.
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
        Process process = start(call, mark);
        LineTail output = LineTail.output(process.getInputStream(), call.onOutput());
        LineTail errors = LineTail.errors(process.getErrorStream());
        Optional<Path> note = Optional.empty();
        boolean ended = false;
        try {
            running.add(process);
            if (suspension.on()) {
                ProcessTree.signal(process.toHandle(), "STOP");
            }
            note = note(process, mark);
            ended = await(process, call.limit(), cancellation);
        } finally {
            running.remove(process);
            if (!ended) {
                if (suspension.on()) {
                    // What stands still would not hear that it is to end.
                    ProcessTree.signal(process.toHandle(), "CONT");
                }
                ProcessTree.end(process.toHandle(), mark, GRACE);
            }
            if (note.isPresent()) {
                Files.deleteIfExists(note.get());
            }
        }
        for (LineTail pipe : List.of(output, errors)) {
            if (!pipe.await()) {
                // Something it started and left behind holds the pipe open.
                ProcessTree.end(process.toHandle(), mark, GRACE);
                pipe.await();
            }
        }
        cancellation.throwIfCancelled();
        if (!ended) {
            throw new ToolTimedOutException(call);
        }
        if (process.exitValue() != 0) {
            throw ToolFailedException.exited(call, process.exitValue(), errors.lines(), output.text());
        }
        output.throwListenersFailure();
        return new Outcome(output.text(), errors.lines(), Duration.ofNanos(System.nanoTime() - began));
    }

    private Optional<Path> note(Process process, String mark) throws IOException {
        Optional<PidFile> file = PidFile.of(process.pid(), mark);
        return file.isEmpty() ? Optional.empty() : Optional.of(file.get().write(pidFolder));
    }

    private Process start(Invocation call, String mark) throws ToolFailedException {
        Path program = Tool.find(call.tool())
                .orElseThrow(() -> ToolFailedException.notStarted(call, Tool.missing(call.tool())));
        List<String> line = guards(call);
        line.add(program.toString());
        line.addAll(call.arguments());
        ProcessBuilder builder = new ProcessBuilder(line).redirectInput(new File("/dev/null"));
        call.folder().ifPresent(folder -> builder.directory(folder.toFile()));
        Map<String, String> environment = builder.environment();
        // All but these: FFREPORT alone makes ffmpeg write files wherever it likes.
        environment.keySet().retainAll(List.of("HOME", "TMPDIR", "XDG_RUNTIME_DIR"));
        environment.putAll(Map.of("PATH", Tool.path(), "LANG", "C.UTF-8", ProcFile.MARK, mark));
        try {
            return builder.start();
        } catch (IOException e) {
            throw ToolFailedException.notStarted(call, Tool.name(call.tool()) + " can't be started: " + e.getMessage());
        }
    }

    private List<String> guards(Invocation call) {
        List<String> line = new ArrayList<>();
        setpriv.ifPresent(tool -> line.addAll(List.of(tool.toString(), "--pdeathsig", "KILL")));
        // A session of its own: Ctrl-C on the terminal would otherwise end ffmpeg before we know that we are cancelled.
        setsid.ifPresent(tool -> line.add(tool.toString()));
        prlimit.ifPresent(tool -> {
            line.addAll(List.of(tool.toString(), "--core=0", "--nofile=" + limits.files()));
            if (limits.addressSpace() > 0) {
                long inputs = call.arguments().stream().filter("-i"::equals).count();
                line.add("--as=" + (limits.addressSpace() + inputs * THREADS_OF_AN_INPUT));
            }
        });
        return line;
    }

    /** Whether it ended by itself; otherwise its time is over or it was cancelled. */
    private boolean await(Process process, Duration timeout, Cancellation cancellation) throws InterruptedException {
        CompletableFuture<Object> over = new CompletableFuture<>();
        process.onExit().thenRun(() -> over.complete(true));
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
