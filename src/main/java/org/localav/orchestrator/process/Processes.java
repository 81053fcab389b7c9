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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs external programs, the one place that does. Each has a time limit, ends with its whole process tree when cancelled,
 * gets a clean environment and no standard input, and does not outlive this program, even when that is killed.
 */
public final class Processes {
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final List<String> PASSED_ON = List.of("PATH", "HOME", "TMPDIR", "XDG_RUNTIME_DIR");

    private final ProcessLimits limits;
    private final ProcessRecords records;
    private final Optional<Path> setpriv = onPath("setpriv");
    private final Optional<Path> prlimit = onPath("prlimit");

    /** @param records folder where running programs are written down for {@link #sweep} */
    public Processes(ProcessLimits limits, Path records) {
        this.limits = limits;
        this.records = new ProcessRecords(records);
    }

    /**
     * Runs a program to its end on the calling thread: the kernel ends the child when the thread that started it ends.
     *
     * @throws ToolFailedException when its exit code is not 0
     * @throws ToolTimedOutException when it takes too long
     * @throws CancelledException when cancelled
     * @throws IOException when it can't be started, with what to install
     */
    public Outcome run(Invocation call, Cancellation cancellation) throws IOException, InterruptedException {
        cancellation.throwIfCancelled();
        long began = System.nanoTime();
        Process process = start(call);
        AtomicBoolean ended = new AtomicBoolean();
        LineTail output = LineTail.output(process.getInputStream(), call.onOutput());
        LineTail errors = LineTail.errors(process.getErrorStream());
        boolean inTime = false;
        try (ProcessRecords.Record record = records.write(process.toHandle());
                Cancellation.Registration wish = cancellation.onCancel(() -> endLater(process, ended))) {
            inTime = process.waitFor(call.limit().toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            if (!inTime) {
                ProcessTree.end(process.toHandle(), GRACE);
            }
            ended.set(true);
        }
        output.await();
        errors.await();
        cancellation.throwIfCancelled();
        if (!inTime) {
            throw new ToolTimedOutException(call.tool(), call.limit());
        }
        if (process.exitValue() != 0) {
            throw new ToolFailedException(call.tool(), call.arguments(), process.exitValue(), errors.lines());
        }
        return new Outcome(output.text(), errors.lines(), Duration.ofNanos(System.nanoTime() - began));
    }

    /** Whoever cancels must not wait for the grace of each program in turn. */
    private static void endLater(Process process, AtomicBoolean ended) {
        if (!ended.get()) {
            Thread thread = new Thread(() -> ProcessTree.end(process.toHandle(), GRACE), "tool-end");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private Process start(Invocation call) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(commandLine(call))
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        call.folder().ifPresent(folder -> builder.directory(folder.toFile()));
        Map<String, String> environment = builder.environment();
        environment.keySet().retainAll(PASSED_ON);
        environment.put("LANG", "C.UTF-8");
        try {
            return builder.start();
        } catch (IOException e) {
            throw new IOException(call.tool() + " can't be started: " + e.getMessage(), e);
        }
    }

    private List<String> commandLine(Invocation call) throws IOException {
        List<String> line = new ArrayList<>();
        // A wrapper would only say "not found" later and less well.
        if (!call.tool().contains("/") && onPath(call.tool()).isEmpty()) {
            throw new IOException("there is no program '" + call.tool() + "' on the PATH; run script/bootstrap, or "
                    + "install the package that has it (Debian: apt-get install " + packageOf(call.tool()) + ")");
        }
        setpriv.ifPresent(program -> line.addAll(List.of(program.toString(), "--pdeathsig", "KILL", "--")));
        prlimit.ifPresent(program -> {
            line.add(program.toString());
            if (limits.addressSpace() > 0) {
                line.add("--as=" + limits.addressSpace());
            }
            line.addAll(List.of("--nofile=" + limits.files(), "--core=0", "--"));
        });
        line.add(call.tool());
        line.addAll(call.arguments());
        return line;
    }

    private static String packageOf(String tool) {
        return tool.equals("ffprobe") ? "ffmpeg" : tool;
    }

    private static Optional<Path> onPath(String program) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
            Path file = Path.of(folder.isEmpty() ? "." : folder, program);
            if (Files.isExecutable(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    /**
     * Ends programs that killed processes of this user left running, told by their pid and start time in the records.
     *
     * @return how many
     */
    public static int sweep(Path records) throws IOException {
        return new ProcessRecords(records).sweep(GRACE);
    }
}
