package org.localav.orchestrator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.localav.orchestrator.cache.Eviction;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.MediaWords;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.settings.Settings;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code avo cache prune}: makes the step store smaller. */
@Command(
        name = "prune",
        description = "Removes the least recently used results, and never one that a running job needs. They are made "
                + "again when a job wants them. Without options it goes down to the limit (steps.limit).",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo cache prune --to 5GB",
            "  avo cache prune --older-than 30d --dry-run",
            "  avo cache prune --to 0      empties it"
        })
final class CachePruneCommand implements Callable<Integer> {
    @Mixin
    private SettingOptions options;

    @Option(names = "--to", paramLabel = "SIZE", description = "How much may stay: 500MB, 5GB.")
    private String size;

    @Option(
            names = "--older-than",
            paramLabel = "AGE",
            description = "What was not used for so long goes, whatever the size: 30d, 12h, 45m.")
    private String age;

    @Option(
            names = {"-n", "--dry-run"},
            description = "Says what would go, and removes nothing.")
    private boolean dry;

    @Option(names = "--json", description = "Prints JSON for scripts.")
    private boolean json;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Override
    public Integer call() throws IOException, BlockedException {
        Settings settings = options.settings();
        if (settings.flag("read_only") && !dry) {
            throw new BlockedException(
                    List.of("read-only: pruning removes files; add --dry-run, or leave out --read-only"));
        }
        StepStore store = CacheCommand.store(settings);
        Eviction.Pruned pruned = store.prune(new Eviction.Goal(toStay(settings), unused(), dry));
        PrintWriter out = command.commandLine().getOut();
        if (json) {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("dry_run", dry);
            tree.put("entries", pruned.entries());
            tree.put("bytes", pruned.bytes());
            tree.put("pinned", pruned.pinned());
            tree.put("left", pruned.left());
            out.println(Report.JSON.writeValueAsString(tree));
        } else {
            out.println((dry ? "would remove " : "removed ") + CacheCommand.entries(pruned.entries()) + ", "
                    + MediaWords.size(pruned.bytes()) + "; " + MediaWords.size(pruned.left())
                    + (dry ? " would stay" : " stay")
                    + (pruned.pinned() == 0 ? "" : ", " + pruned.pinned() + " of them needed by running jobs"));
        }
        out.flush();
        return ExitCode.OK;
    }

    private long toStay(Settings settings) {
        if (size == null) {
            return age == null ? settings.bytes("steps.limit") : Long.MAX_VALUE;
        }
        return Settings.asBytes(size).orElseThrow(() -> wrong("--to", size, "a size such as 512MB or 20GB"));
    }

    private Optional<Duration> unused() {
        return Optional.ofNullable(age).map(text -> Age.of(text)
                .orElseThrow(() -> wrong("--older-than", text, "an age such as 30d, 12h or 45m")));
    }

    private CommandLine.ParameterException wrong(String option, String value, String right) {
        return new CommandLine.ParameterException(command.commandLine(), option + ": '" + value + "' is not " + right);
    }
}
