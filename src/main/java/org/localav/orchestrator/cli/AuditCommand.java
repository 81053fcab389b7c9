package org.localav.orchestrator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.localav.orchestrator.audit.AuditCheck;
import org.localav.orchestrator.settings.Places;
import org.localav.orchestrator.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code avo audit}: reads the audit log of the state folder, whether a service runs or not. */
@Command(
        name = "audit",
        description = "Checks or prints the audit log: who did what.",
        mixinStandardHelpOptions = true,
        subcommands = {AuditCommand.Verify.class, AuditCommand.Show.class})
final class AuditCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        command.commandLine().usage(command.commandLine().getErr());
        return ExitCode.INVALID;
    }

    private static Path folder(Settings settings) {
        return Places.of(settings, System.getenv()).audit();
    }

    /** {@code avo audit verify}. */
    @Command(
            name = "verify",
            description =
                    "Finds lines of the audit log that were changed, taken out, moved or cut off. Exit code 1 then.",
            mixinStandardHelpOptions = true)
    static final class Verify implements Callable<Integer> {
        @Mixin
        private SettingOptions options;

        @Spec
        private CommandSpec command;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = command.commandLine().getOut();
            AuditCheck.Verdict verdict = AuditCheck.of(folder(options.settings()));
            verdict.problems().forEach(command.commandLine().getErr()::println);
            command.commandLine().getErr().flush();
            if (!verdict.whole()) {
                return ExitCode.FAILED;
            }
            out.println(verdict.lines() + " lines in " + verdict.files() + " files, all as they were written"
                    + verdict.last()
                            .map(hash -> "; the last has the hash " + hash)
                            .orElse(""));
            out.flush();
            return ExitCode.OK;
        }
    }

    /** {@code avo audit show}. */
    @Command(
            name = "show",
            description =
                    "Prints the audit log, or what it has of a job, oldest first. Exit code 1 when lines were changed.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExample:%n",
            footer = {"  avo audit show --json | jq -r 'select(.what == \"speech_bought\") | .characters'"})
    static final class Show implements Callable<Integer> {
        private static final int MOST_NAMED = 5;
        private static final Set<String> IN_FRONT = Set.of("number", "at", "who", "what", "job_id", "previous", "hash");

        @Mixin
        private SettingOptions options;

        @Parameters(paramLabel = "JOB", arity = "0..1", description = "Id of a job.")
        private String job;

        @Option(names = "--json", description = "Prints the lines as they are.")
        private boolean json;

        @Spec
        private CommandSpec command;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = command.commandLine().getOut();
            List<String> changed = AuditCheck.read(
                    folder(options.settings()),
                    Optional.ofNullable(job),
                    line -> out.println(json ? line : shown(line)));
            out.flush();
            if (changed.isEmpty()) {
                return ExitCode.OK;
            }
            command.commandLine()
                    .getErr()
                    .println(sentence(changed) + (job == null ? "" : ", and not shown, as it is unknown whose they are")
                            + "; run 'avo audit verify'");
            command.commandLine().getErr().flush();
            return ExitCode.FAILED;
        }

        private static String sentence(List<String> changed) {
            String places = String.join(", ", changed.subList(0, Math.min(MOST_NAMED, changed.size())));
            return "lines of the audit log were changed or can't be read: " + places
                    + (changed.size() > MOST_NAMED ? " and " + (changed.size() - MOST_NAMED) + " more" : "");
        }

        private static String shown(String line) {
            JsonNode entry;
            try {
                entry = Server.JSON.readTree(line);
            } catch (IOException e) {
                return "? " + line;
            }
            StringBuilder shown = new StringBuilder(String.format(
                    "%s %-12s %-17s %s",
                    entry.path("at").asText(),
                    entry.path("who").asText(),
                    entry.path("what").asText(),
                    entry.path("job_id").asText()));
            entry.properties().forEach(field -> {
                if (!IN_FRONT.contains(field.getKey())) {
                    String value = field.getValue().isTextual()
                            ? field.getValue().asText()
                            : field.getValue().toString();
                    shown.append(' ').append(field.getKey()).append('=').append(value);
                }
            });
            return shown.toString();
        }
    }
}
