package org.localav.orchestrator.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.localav.orchestrator.engine.Replay;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.JobListener;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.settings.Settings;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code avo replay}: makes an archived run's outputs again, to the byte. */
@Command(
        name = "replay",
        description = "Makes the outputs of an archived run again by its lock and compares them to the byte, or says "
                + "exactly why that can't be done. Touches nothing but the folder of the outputs.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo replay ~/.local/state/avo/archive/tour-001/20261126-073000-1a2b3c",
            "  avo replay --fresh --to /tmp/again RUN  encodes everything anew, even what the step store has"
        })
final class ReplayCommand implements Callable<Integer> {
    @Mixin
    private SettingOptions options;

    @Option(names = "--to", paramLabel = "DIR", description = "Folder of the outputs; ./replay when missing.")
    private Path to = Path.of("replay");

    @Option(names = "--fresh", description = "Makes everything again but speech, even what the step store has.")
    private boolean fresh;

    @Option(names = "--json", description = "Prints JSON for scripts.")
    private boolean json;

    @Parameters(paramLabel = "RUN", description = "Folder of the run in the archive; 'avo run' prints it.")
    private Path run;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();
        Settings settings = options.settings();
        if (settings.flag("read_only")) {
            throw new BlockedException(List.of("read-only: a replay writes files; leave out --read-only"));
        }
        Workshop workshop = new Workshop(settings, System.getenv());
        Cancellation cancellation = new Cancellation();
        Thread hook = new Thread(() -> cancellation.cancel("the program was asked to end"), "ctrl-c");
        Runtime.getRuntime().addShutdownHook(hook);
        Replay.Outcome outcome = new Replay(run, workshop, Version.text())
                .make(to.toAbsolutePath().normalize(), fresh, cancellation, JobListener.NONE);
        if (json) {
            out.println(Report.JSON.writeValueAsString(document(outcome)));
        } else {
            show(outcome, out, err);
        }
        if (outcome.job().status() == JobStatus.CANCELLED) {
            return ExitCode.CANCELLED;
        }
        return outcome.identical() ? ExitCode.OK : ExitCode.FAILED;
    }

    private static void show(Replay.Outcome outcome, PrintWriter out, PrintWriter err) {
        for (Replay.File file : outcome.files()) {
            String path = ProgressDisplay.shortened(file.path());
            out.println(
                    file.identical()
                            ? path + ": identical (sha256 " + file.sha256() + ")"
                            : path + ": differs (sha256 " + file.sha256() + ", it was " + file.expected() + ")");
        }
        outcome.why().forEach(why -> out.println("  " + why));
        if (outcome.job().status() != JobStatus.SUCCEEDED) {
            Failures.report(outcome.job().failure().orElseThrow(), err);
        }
    }

    private static Map<String, Object> document(Replay.Outcome outcome) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("status", outcome.job().status().id());
        document.put("identical", outcome.identical());
        document.put("files", outcome.files());
        document.put("why", outcome.why());
        return document;
    }
}
