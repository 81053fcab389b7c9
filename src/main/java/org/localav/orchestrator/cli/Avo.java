package org.localav.orchestrator.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code avo}. Without a sub-command it runs the spec that {@code --spec} names. */
@Command(
        name = "avo",
        description = "Turns a YAML file that says what a piece is made of into the finished audio or video.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            RunCommand.class,
            PlanCommand.class,
            ValidateCommand.class,
            ServeCommand.class,
            SubmitCommand.class,
            JobsCommand.class,
            ShowCommand.class,
            WatchCommand.class,
            CancelCommand.class,
            RetryCommand.class,
            PauseCommand.class,
            ResumeCommand.class,
            CacheCommand.class,
            NodesCommand.class,
            PresetsCommand.class,
            SchemaCommand.class,
            DoctorCommand.class,
            CompletionCommand.class,
            CommandLine.HelpCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo run examples/tour/job.yaml          make the film",
            "  avo plan examples/tour/job.yaml         show what would be done, and do nothing",
            "  avo --spec job.yaml --dry-run           the same as 'plan'",
            "  avo validate job.yaml other.yaml        check specs",
            "  avo serve                               take jobs from the inbox and over HTTP",
            "  avo submit --watch job.yaml             let the running service make it",
            "  avo jobs                                what the service does",
            "  avo cache stat                          what is kept of earlier runs",
            "  source <(avo generate-completion)       complete with the tab key in bash and zsh",
            "",
            "Exit codes: 0 ok, 1 job failed, 2 invalid spec or usage, 3 blocked by policy, 130 cancelled."
        })
public final class Avo implements Callable<Integer> {
    @Mixin
    private RunOptions options;

    @CommandLine.Option(names = "--spec", paramLabel = "FILE", description = "The spec to run.")
    private java.nio.file.Path spec;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Override
    public Integer call() throws Exception {
        if (spec == null) {
            command.commandLine().usage(command.commandLine().getErr());
            return ExitCode.INVALID;
        }
        return new Runner(
                        options,
                        command.commandLine().getOut(),
                        command.commandLine().getErr())
                .run(spec);
    }

    /** Runs a command line and gives its exit code. */
    public static int execute(String... arguments) {
        return commandLine().execute(arguments);
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Avo())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .addSubcommand("routes", new RoutesCommand(new RouteBeans()))
                .setExecutionExceptionHandler(new Failures());
        line.setParameterExceptionHandler(new Misreadings(line.getParameterExceptionHandler()));
        return line;
    }
}
