package org.localav.orchestrator.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.localav.orchestrator.settings.Settings;
import picocli.CommandLine.Option;

/** Options of every command that works by the settings. */
class SettingOptions {
    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a setting; 'avo doctor' lists them.")
    private Map<String, String> set = new LinkedHashMap<>();

    @Option(names = "--read-only", description = "Refuses all that writes: only checks, plans and queries are done.")
    private boolean readOnly;

    @Option(names = "--allow-overwrite", description = "Lets a spec with 'force: true' replace existing outputs.")
    private boolean allowOverwrite;

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
