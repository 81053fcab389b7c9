package org.localav.orchestrator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.localav.orchestrator.engine.Engine;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.stage.FailureReason;
import org.localav.orchestrator.trace.Caller;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs specs in this process, shows how they go, and ends them decently when the user presses Ctrl-C. */
final class Runner {
    /** Longer than a process tree is given to end. */
    private static final long GRACE_SECONDS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(Runner.class);

    private final RunOptions options;
    private final PrintWriter out;
    private final PrintWriter err;
    private final Cancellation cancellation = new Cancellation();

    Runner(RunOptions options, PrintWriter out, PrintWriter err) {
        this.options = options;
        this.out = out;
        this.err = err;
    }

    /**
     * Runs the specs one after the other; the exit code is that of the first one that failed.
     *
     * @param named settings that options of the command itself stand for
     */
    int run(List<Path> specs, Map<String, String> named) throws Exception {
        Settings settings = options.settings(named);
        if (options.dryRun) {
            return new PlanPrinter(out, err, options.json, true).plan(settings, specs);
        }
        if (settings.flag("read_only")) {
            throw new BlockedException(
                    List.of("read-only: a run writes files; use 'avo plan', or leave out --read-only"));
        }
        CountDownLatch ended = new CountDownLatch(1);
        Thread hook = new Thread(() -> interrupt(ended), "ctrl-c");
        Runtime.getRuntime().addShutdownHook(hook);
        try (Caller.Scope caller =
                Caller.of("cli:" + System.getProperty("user.name")).enter()) {
            return runAll(settings, specs);
        } finally {
            ended.countDown();
            if (!cancellation.cancelled()) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
    }

    private void interrupt(CountDownLatch ended) {
        cancellation.cancel("the program was asked to end");
        try {
            ended.await(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int runAll(Settings settings, List<Path> specs) throws Exception {
        // Read first: a spec with a mistake should say so before Camel has started.
        int exit = ExitCode.OK;
        Workshop workshop = new Workshop(settings, System.getenv());
        workshop.places().makeState();
        Map<Path, Parsed> parsed = new LinkedHashMap<>();
        for (Path spec : specs) {
            try {
                parsed.put(spec, SpecReader.read(spec));
            } catch (InvalidSpecException e) {
                exit = first(exit, fail(e));
            }
        }
        if (parsed.isEmpty()) {
            return exit;
        }
        try (Engine engine = new Engine(workshop, System.getenv(), Version.text())) {
            askFfmpeg(workshop);
            engine.start();
            if (parsed.size() > 1) {
                engine.watch();
            }
            for (var one : parsed.entrySet()) {
                if (cancellation.cancelled()) {
                    return ExitCode.CANCELLED;
                }
                exit = first(exit, runOne(engine, one.getKey(), one.getValue()));
            }
        }
        return exit;
    }

    /** Beside the start of the routes: the first step would wait for the answer. */
    private static void askFfmpeg(Workshop workshop) {
        Thread thread = new Thread(
                () -> {
                    try {
                        workshop.ffmpeg();
                    } catch (IOException | InterruptedException | RuntimeException e) {
                        LOG.debug("ffmpeg did not say what it is; the job will ask again", e);
                    }
                },
                "ffmpeg-version");
        thread.setDaemon(true);
        thread.start();
    }

    private static int first(int before, int next) {
        return before == ExitCode.OK ? next : before;
    }

    private int runOne(Engine engine, Path file, Parsed parsed) throws IOException {
        try (ProgressDisplay display = ProgressDisplay.on(out, err, options.json)) {
            parsed.warnings().forEach(w -> display.warn(w.toString()));
            Job job = engine.run(parsed, file, cancellation, display);
            display.ended(job, engine.archive(job));
            return exitCode(job);
        } catch (BlockedException e) {
            return fail(e);
        }
    }

    private int fail(Throwable failure) {
        int code = Failures.report(failure, err);
        err.flush();
        return code;
    }

    private int exitCode(Job job) {
        if (job.status() == JobStatus.SUCCEEDED) {
            return ExitCode.OK;
        }
        if (job.status() == JobStatus.CANCELLED) {
            return ExitCode.CANCELLED;
        }
        Throwable why = job.failure().map(FailureReason::cause).orElse(null);
        if (why instanceof InvalidSpecException) {
            return ExitCode.INVALID;
        }
        return why instanceof BlockedException ? ExitCode.BLOCKED : ExitCode.FAILED;
    }
}
