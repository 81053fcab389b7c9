package org.localav.orchestrator.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code avo run}: makes the outputs of one or more specs, one after the other. */
@Command(
        name = "run",
        description = "Makes what a spec describes. Finished steps are kept: a second run does only what changed.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo run job.yaml                        with a progress bar a stage on a terminal",
            "  avo run --json job.yaml | jq .status    one JSON event a line, the report last",
            "  avo run --allow-overwrite job.yaml      may replace outputs where the spec says 'force: true'",
            "  avo run chapter-*.yaml                  one after the other; goes on when one fails"
        })
final class RunCommand implements Callable<Integer> {
    @Mixin
    private RunOptions options;

    @Option(
            names = "--report",
            description =
                    "Draws contact sheet, waveform and loudness curve into report.html, as 'avo report' does later.")
    private boolean report;

    @Parameters(paramLabel = "SPEC", arity = "1..*", description = "Specs, YAML or JSON.")
    private List<Path> specs;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Override
    public Integer call() throws Exception {
        return new Runner(
                        options,
                        command.commandLine().getOut(),
                        command.commandLine().getErr())
                .run(specs, report ? Map.of("report.pictures", "end") : Map.of());
    }
}
