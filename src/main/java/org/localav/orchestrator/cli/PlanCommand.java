package org.localav.orchestrator.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code avo plan}: shows what a run would do. */
@Command(
        name = "plan",
        description =
                "Shows what 'run' would do: every step, whether it is run or reused and why, every command, and how "
                        + "much speech is asked for. Changes nothing.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo plan job.yaml",
            "  avo plan --commands job.yaml            with each command, to be pasted into a shell",
            "  avo plan --json job.yaml | jq '.steps[] | select(.run)'"
        })
final class PlanCommand implements Callable<Integer> {
    @Mixin
    private RunOptions options;

    @CommandLine.Option(
            names = {"-c", "--commands"},
            description = "Shows every ffmpeg command and speech request.")
    private boolean commands;

    @Parameters(paramLabel = "SPEC", arity = "1..*", description = "Specs, YAML or JSON.")
    private List<Path> specs;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Override
    public Integer call() throws Exception {
        return new PlanPrinter(
                        command.commandLine().getOut(), command.commandLine().getErr(), options.json, commands)
                .plan(options.settings(), specs);
    }
}
