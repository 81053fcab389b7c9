package org.localav.orchestrator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.localav.orchestrator.cache.Statistics;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.job.MediaWords;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.settings.Places;
import org.localav.orchestrator.settings.Settings;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code avo cache stat}: what is in the step store. */
@Command(
        name = "stat",
        description = "Shows how many results the step store holds, of which kinds, when they were used, and what "
                + "running jobs need.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  avo cache stat", "  avo cache stat --json | jq .kinds.segment.bytes"})
final class CacheStatCommand implements Callable<Integer> {
    @Mixin
    private SettingOptions options;

    @Option(names = "--json", description = "Prints JSON for scripts.")
    private boolean json;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Override
    public Integer call() throws IOException {
        Settings settings = options.settings();
        StepStore store = CacheCommand.store(settings);
        Statistics found = store.statistics();
        PrintWriter out = command.commandLine().getOut();
        if (json) {
            out.println(Report.JSON.writeValueAsString(found));
        } else {
            print(found, Places.of(settings, System.getenv()).steps().toString(), out);
        }
        out.flush();
        return ExitCode.OK;
    }

    private static void print(Statistics found, String folder, PrintWriter out) {
        Instant now = Instant.now();
        out.println("folder    " + folder);
        out.println("entries   " + found.entries());
        out.println("size      " + MediaWords.size(found.bytes()) + " of " + MediaWords.size(found.limit()));
        found.oldestUse()
                .ifPresent(oldest -> out.println("last use  " + age(oldest, now) + " ago the oldest, "
                        + age(found.newestUse().orElseThrow(), now) + " ago the newest"));
        count("pinned", found.pinned(), "needed by running jobs", out);
        count("damaged", found.damaged(), "set aside", out);
        if (!found.kinds().isEmpty()) {
            out.printf("%n%-10s  %8s  %10s%n", "KIND", "ENTRIES", "SIZE");
            found.kinds()
                    .forEach((kind, count) ->
                            out.printf("%-10s  %8d  %10s%n", kind, count.entries(), MediaWords.size(count.bytes())));
        }
    }

    private static void count(String name, Statistics.Count count, String what, PrintWriter out) {
        if (count.entries() > 0) {
            out.printf(
                    "%-8s  %s, %s: %s%n",
                    name, CacheCommand.entries(count.entries()), MediaWords.size(count.bytes()), what);
        }
    }

    private static String age(Instant then, Instant now) {
        return JobView.brief(Duration.between(then, now));
    }
}
