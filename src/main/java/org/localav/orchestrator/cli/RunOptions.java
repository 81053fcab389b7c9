package org.localav.orchestrator.cli;

import picocli.CommandLine.Option;

/** Options of the commands that run or plan specs. */
final class RunOptions extends SettingOptions {
    @Option(
            names = {"-n", "--dry-run"},
            description = "Shows the plan and does nothing, like 'avo plan'.")
    boolean dryRun;

    @Option(names = "--json", description = "Prints JSON for scripts.")
    boolean json;
}
