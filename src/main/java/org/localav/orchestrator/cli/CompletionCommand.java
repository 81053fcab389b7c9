package org.localav.orchestrator.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code avo generate-completion}: what a shell needs to complete commands, options and the ids of jobs. */
@Command(
        name = "generate-completion",
        hidden = true,
        description =
                "Prints a script that lets bash and zsh complete commands, options and, while the service runs, ids of "
                        + "jobs.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExample:%n",
        footer = {"  source <(avo generate-completion)"})
final class CompletionCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Override
    public Integer call() throws IOException {
        CommandLine root = command.root().commandLine();
        try (InputStream ids = CompletionCommand.class.getResourceAsStream("complete-jobs.bash")) {
            command.commandLine().getOut().println(AutoComplete.bash(root.getCommandName(), root));
            command.commandLine().getOut().println(new String(ids.readAllBytes(), StandardCharsets.UTF_8));
        }
        return ExitCode.OK;
    }
}
