package org.localav.orchestrator.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.localav.orchestrator.settings.Settings;
import picocli.CommandLine.Option;

/** Options of every command that reads the settings. */
final class RunOptions {
    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a setting; 'avo doctor' lists them.")
    private Map<String, String> set = new LinkedHashMap<>();

    @Option(
            names = {"-n", "--dry-run"},
            description = "Shows the plan and does nothing, like 'avo plan'.")
    boolean dryRun;

    @Option(names = "--read-only", description = "Refuses all that writes: only checks and plans are done.")
    boolean readOnly;

    @Option(names = "--allow-overwrite", description = "Lets a spec with 'force: true' replace existing outputs.")
    boolean allowOverwrite;

    @Option(names = "--json", description = "Prints JSON for scripts.")
    boolean json;

    Settings settings() {
        Map<String, String> overrides = new LinkedHashMap<>(set);
        if (readOnly) {
            overrides.put("read_only", "true");
        }
        if (allowOverwrite) {
            overrides.put("output.overwrite", "true");
        }
        return Settings.read(System.getenv(), overrides);
    }
}
