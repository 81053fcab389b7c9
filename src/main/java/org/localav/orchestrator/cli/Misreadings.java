package org.localav.orchestrator.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;

/** Answers a command line that can't be read; says so when the reason is a file whose name looks like an option. */
final class Misreadings implements CommandLine.IParameterExceptionHandler {
    private final CommandLine.IParameterExceptionHandler others;

    Misreadings(CommandLine.IParameterExceptionHandler others) {
        this.others = others;
    }

    @Override
    public int handleParseException(CommandLine.ParameterException failure, String[] arguments) throws Exception {
        Optional<String> file = List.of(arguments).stream()
                .filter(argument -> argument.startsWith("-") && isFile(argument))
                .findFirst();
        if (file.isEmpty()) {
            return others.handleParseException(failure, arguments);
        }
        failure.getCommandLine()
                .getErr()
                .println("avo: '" + file.get()
                        + "' was read as an option, since it begins with '-'; for the file write ./" + file.get());
        return ExitCode.INVALID;
    }

    private static boolean isFile(String argument) {
        try {
            return Files.isRegularFile(Path.of(argument));
        } catch (java.nio.file.InvalidPathException e) {
            return false;
        }
    }
}
