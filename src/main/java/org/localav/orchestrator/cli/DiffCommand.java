package org.localav.orchestrator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.Explanation;
import org.localav.orchestrator.job.Lock;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.job.SpecChange;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.plan.Basis;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.spec.Violation;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code avo diff}: what changed between two specs, or since a spec's last run, and which steps that re-runs. */
@Command(
        name = "diff",
        description = "Shows what changed between two specs, or between a spec and its last run, in the spec's own "
                + "words, and which steps that runs again. Changes nothing.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo diff job.yaml                       since its last run",
            "  avo diff english.yaml german.yaml",
            "  avo diff --json job.yaml | jq -r '.steps[].step'"
        })
final class DiffCommand implements Callable<Integer> {
    @Mixin
    private SettingOptions options;

    @Option(names = "--json", description = "Prints JSON for scripts.")
    private boolean json;

    @Parameters(paramLabel = "SPEC", arity = "1..2", description = "A spec, or the earlier and the later one.")
    private List<Path> specs;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    /**
     * What is shown.
     *
     * @param against the earlier spec, or the folder of the last run
     * @param sameMeaning whether the changes are only of spelling
     * @param steps of the later one that the earlier one did not have
     * @param of how many steps the later one has
     */
    record Shown(String against, List<SpecChange> changes, boolean sameMeaning, List<ToRun> steps, int of) {}

    /** A step that runs again; {@code held}: its result is there already, of another job or an earlier time. */
    record ToRun(String step, String reason, boolean held) {}

    /** One side: the spec, and what its plan's keys are made of. */
    private record Side(String name, Parsed parsed, Basis basis) {}

    @Override
    public Integer call() throws Exception {
        Workshop workshop = new Workshop(options.settings(), System.getenv());
        workshop.places().makeState();
        Path later = specs.get(specs.size() - 1);
        Side after = planned(later, workshop);
        Side before = specs.size() == 2 ? planned(specs.get(0), workshop) : lastRun(later, after.parsed(), workshop);
        show(shown(before, after, workshop));
        return ExitCode.OK;
    }

    private static Side planned(Path spec, Workshop workshop)
            throws InvalidSpecException, BlockedException, IOException, InterruptedException {
        Parsed parsed = SpecReader.read(spec);
        return new Side(spec.toString(), parsed, workshop.basis(parsed, spec, new Cancellation()));
    }

    private static Side lastRun(Path spec, Parsed parsed, Workshop workshop) throws InvalidSpecException, IOException {
        Optional<Path> folder = workshop.runs().folder(parsed.spec(), spec);
        if (folder.isEmpty()) {
            throw new InvalidSpecException(List.of(new Violation(
                    spec.toString(), 0, 0, "", "has no run in the archive to be held against; name two specs")));
        }
        Path yaml = folder.get().resolve("spec.yaml");
        Path archived = Files.exists(yaml) ? yaml : folder.get().resolve("spec.json");
        return new Side(
                folder.get().toString(),
                SpecReader.read(archived),
                Lock.read(folder.get()).basis());
    }

    private static Shown shown(Side before, Side after, Workshop workshop) throws InvalidSpecException {
        List<ToRun> steps = Explanation.of(Optional.of(before.basis()), after.basis()).steps().stream()
                .filter(step -> !step.same())
                .map(step -> new ToRun(
                        step.step(),
                        step.reason().orElseThrow(),
                        workshop.store().holds(step.key())))
                .toList();
        List<SpecChange> changes = SpecChange.between(before.parsed(), after.parsed());
        return new Shown(
                before.name(),
                changes,
                before.parsed().spec().equals(after.parsed().spec()),
                steps,
                after.basis().steps().size());
    }

    private void show(Shown shown) throws IOException {
        PrintWriter out = command.commandLine().getOut();
        if (json) {
            out.println(Report.JSON.writeValueAsString(shown));
            return;
        }
        out.println("against " + shown.against());
        if (shown.changes().isEmpty()) {
            out.println("the specs say the same");
        } else if (shown.sameMeaning()) {
            out.println("the specs mean the same in other words");
        }
        shown.changes().forEach(change -> out.println("  " + change));
        out.println("runs " + shown.steps().size() + " of " + shown.of() + " steps again");
        shown.steps()
                .forEach(step -> out.println("  " + step.step() + ": " + step.reason()
                        + (step.held() ? " (in the step store already)" : "")));
    }
}
