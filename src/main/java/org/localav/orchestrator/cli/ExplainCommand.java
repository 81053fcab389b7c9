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
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.plan.Basis;
import org.localav.orchestrator.plan.ChangeWords;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.spec.Suggestion;
import org.localav.orchestrator.spec.Violation;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code avo explain}: what made each step's key, field by field, against the run before. */
@Command(
        name = "explain",
        description = "Shows what made the keys of a job's steps, against the run before: of a spec, what a run would "
                + "do now against its last run; of a job's id, its last run against the one before that.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo explain job.yaml                    every step in a line",
            "  avo explain job.yaml tts/narration-3    one step, field by field",
            "  avo explain tour-001 mux/tour.mp4       the same of an archived job"
        })
final class ExplainCommand implements Callable<Integer> {
    @Mixin
    private SettingOptions options;

    @Option(names = "--json", description = "Prints JSON for scripts: all fields of every step, or of the one.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "JOB", description = "A spec, or the id of a job in the archive.")
    private String job;

    @Parameters(index = "1", arity = "0..1", paramLabel = "STEP", description = "The name of one step.")
    private String step;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    /** Two plans; {@code against} is empty when there is no earlier one. */
    private record Sides(String name, Basis now, Optional<String> against, Optional<Basis> before) {}

    /** What is shown. */
    record Shown(String job, Optional<String> against, Explanation explanation) {}

    @Override
    public Integer call() throws Exception {
        Workshop workshop = new Workshop(options.settings(), System.getenv());
        Path file = Path.of(job);
        Sides sides = Files.isRegularFile(file) ? ofSpec(file, workshop) : ofArchive(workshop);
        Explanation all = Explanation.of(sides.before(), sides.now());
        Explanation shown = step == null ? all : new Explanation(List.of(one(all)), List.of());
        PrintWriter out = command.commandLine().getOut();
        if (json) {
            out.println(Report.JSON.writeValueAsString(new Shown(sides.name(), sides.against(), shown)));
            return ExitCode.OK;
        }
        out.println(sides.name()
                + sides.against().map(a -> ", against " + a).orElse(", which has no run before it to be held against"));
        if (step == null) {
            shown.steps().forEach(s -> out.println(line(s)));
            shown.gone().forEach(name -> out.println("gone     " + name));
        } else {
            fields(shown.steps().get(0), out);
        }
        return ExitCode.OK;
    }

    private static Sides ofSpec(Path file, Workshop workshop)
            throws InvalidSpecException, BlockedException, IOException, InterruptedException {
        workshop.places().makeState();
        Parsed parsed = SpecReader.read(file);
        Basis now = workshop.basis(parsed, file, new Cancellation());
        Optional<Path> last = workshop.runs().folder(parsed.spec(), file);
        Optional<Basis> before =
                last.isPresent() ? Optional.of(Lock.read(last.get()).basis()) : Optional.empty();
        return new Sides(file.toString(), now, last.map(Path::toString), before);
    }

    private Sides ofArchive(Workshop workshop) throws IOException, InvalidSpecException {
        List<Path> runs = workshop.runs().runs(job);
        if (runs.isEmpty()) {
            throw new InvalidSpecException(List.of(new Violation(
                    job,
                    0,
                    0,
                    "",
                    "is neither a spec nor a job with a run in "
                            + workshop.places().archive())));
        }
        Optional<Path> last = runs.stream().skip(1).findFirst();
        Optional<Basis> before =
                last.isPresent() ? Optional.of(Lock.read(last.get()).basis()) : Optional.empty();
        return new Sides(runs.get(0).toString(), Lock.read(runs.get(0)).basis(), last.map(Path::toString), before);
    }

    private Explanation.Step one(Explanation all) throws InvalidSpecException {
        List<String> names = all.steps().stream().map(Explanation.Step::step).toList();
        return all.steps().stream()
                .filter(s -> s.step().equals(step))
                .findFirst()
                .orElseThrow(() -> new InvalidSpecException(List.of(new Violation(
                        job, 0, 0, "", "has no step " + Suggestion.quote(step) + Suggestion.of(step, names)))));
    }

    private static String line(Explanation.Step step) {
        String what = step.same() ? "same" : step.was().isPresent() ? "changed" : "new";
        return String.format("%-8s %s %s", what, step.key().substring(0, 8), step.step())
                + step.reason().filter(r -> !r.equals("new")).map(r -> ": " + r).orElse("");
    }

    private static void fields(Explanation.Step step, PrintWriter out) {
        out.println(line(step));
        out.println("  key   " + step.key());
        step.was().filter(was -> !was.equals(step.key())).ifPresent(was -> out.println("  was   " + was));
        out.println("  kind  " + step.kind());
        out.println((step.toolBefore().isPresent() ? "* tool  " : "  tool  ")
                + step.toolBefore().map(tool -> tool + " -> ").orElse("")
                + step.tool());
        for (Explanation.Field field : step.fields()) {
            String name = field.path().substring(field.path().lastIndexOf('.') + 1);
            String now =
                    field.value().map(value -> ChangeWords.shown(name, value)).orElse("removed");
            out.println((field.before().isPresent() ? "* " : "  ") + field.path() + ": "
                    + field.before()
                            .map(value -> ChangeWords.shown(name, value) + " -> ")
                            .orElse("") + now);
        }
    }
}
