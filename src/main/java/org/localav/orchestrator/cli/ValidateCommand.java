package org.localav.orchestrator.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.spec.Violation;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code avo validate}: checks specs without looking at their media. */
@Command(
        name = "validate",
        description = "Checks specs and says everything that is wrong, with line and column. Looks at no media: "
                + "'avo plan' does that too.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  avo validate job.yaml", "  avo validate --json specs/*.yaml"})
final class ValidateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SPEC", arity = "1..*", description = "Specs, YAML or JSON.")
    private List<Path> specs;

    @Option(names = "--json", description = "Prints the violations as a JSON list.")
    private boolean json;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = command.commandLine().getOut();
        List<Violation> violations = new ArrayList<>();
        List<Violation> warnings = new ArrayList<>();
        for (Path spec : specs) {
            try {
                Parsed parsed = SpecReader.read(spec);
                warnings.addAll(parsed.warnings());
                if (!json) {
                    out.println(spec + ": ok");
                }
            } catch (InvalidSpecException e) {
                violations.addAll(e.violations());
            }
        }
        if (json) {
            out.println(Report.JSON.writeValueAsString(Map.of("violations", violations, "warnings", warnings)));
        } else {
            warnings.forEach(w -> command.commandLine().getErr().println("warning: " + w));
            violations.forEach(command.commandLine().getErr()::println);
        }
        return violations.isEmpty() ? ExitCode.OK : ExitCode.INVALID;
    }
}
