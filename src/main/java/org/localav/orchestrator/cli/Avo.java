package org.localav.orchestrator.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code avo}. Without a sub-command it runs the spec that {@code --spec} names. */
@Command(
        name = "avo",
        description = "Turns a YAML file that says what a piece is made of into the finished audio or video.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo run examples/tour/job.yaml          make the film",
            "  avo plan examples/tour/job.yaml         show what would be done, and do nothing",
            "  avo --spec job.yaml --dry-run           the same as 'plan'",
            "  avo diff job.yaml                       show what changed since its last run",
            "  avo validate job.yaml other.yaml        check specs",
            "  avo serve                               take jobs from the inbox and over HTTP",
            "  avo submit --watch job.yaml             let the running service make it",
            "  avo jobs                                what the service does",
            "  avo cache stat                          what is kept of earlier runs",
            "  source <(avo generate-completion)       complete with the tab key in bash and zsh",
            "",
            "Exit codes: 0 ok, 1 job failed, 2 invalid spec or usage, 3 blocked by policy, 130 cancelled."
        })
public class Avo implements Callable<Integer> {
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
                .run(List.of(spec), Map.of());
    }

    /** Runs a command line and gives its exit code. */
    public static int execute(String... arguments) {
        return commandLine(arguments).execute(arguments);
    }

    /** With all its sub-commands. */
    @Command(
            subcommands = {
                RunCommand.class,
                PlanCommand.class,
                DiffCommand.class,
                ExplainCommand.class,
                ReplayCommand.class,
                ReportCommand.class,
                ValidateCommand.class,
                ServeCommand.class,
                SubmitCommand.class,
                JobsCommand.class,
                ShowCommand.class,
                WatchCommand.class,
                CancelCommand.class,
                RetryCommand.class,
                PriorityCommand.class,
                PauseCommand.class,
                ResumeCommand.class,
                CacheCommand.class,
                NodesCommand.class,
                DashboardCommand.class,
                PresetsCommand.class,
                SchemaCommand.class,
                DoctorCommand.class,
                AuditCommand.class,
                CompletionCommand.class,
                CommandLine.HelpCommand.class
            })
    private static final class Whole extends Avo {}

    /** The command with all its sub-commands. */
    static CommandLine commandLine() {
        return ready(new CommandLine(new Whole()).addSubcommand("routes", new RoutesCommand(new RouteBeans())));
    }

    /** What understands a command line: with one sub-command where it begins with its name, as making all takes time. */
    private static CommandLine commandLine(String... arguments) {
        return Stream.of(Whole.class.getAnnotation(Command.class).subcommands())
                .filter(sub ->
                        arguments.length > 0 && standsAlone(sub) && name(sub).equals(arguments[0]))
                .findFirst()
                .map(sub -> ready(new CommandLine(new Avo()).addSubcommand(sub)))
                .orElseGet(Avo::commandLine);
    }

    /** These two tell of all the others. */
    private static boolean standsAlone(Class<?> sub) {
        return sub != CompletionCommand.class && sub != CommandLine.HelpCommand.class;
    }

    private static String name(Class<?> sub) {
        return sub.getAnnotation(Command.class).name();
    }

    private static CommandLine ready(CommandLine line) {
        line.setCaseInsensitiveEnumValuesAllowed(true).setExecutionExceptionHandler(new Failures());
        line.setParameterExceptionHandler(new Misreadings(line.getParameterExceptionHandler()));
        return line;
    }
}
