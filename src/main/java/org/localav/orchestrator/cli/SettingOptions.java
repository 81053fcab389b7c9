package org.localav.orchestrator.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.localav.orchestrator.log.Logs;
import org.localav.orchestrator.settings.NodeName;
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
        return settings(Map.of());
    }

    /** @param named what options of the command itself say */
    Settings settings(Map<String, String> named) {
        Map<String, String> overrides = new LinkedHashMap<>(set);
        overrides.putAll(named);
        if (readOnly) {
            overrides.put("read_only", "true");
        }
        if (allowOverwrite) {
            overrides.put("output.overwrite", "true");
        }
        Settings settings = Settings.read(System.getenv(), overrides);
        String format = settings.text("log.format");
        if (!format.equals("auto") || !settings.text("log.level").isEmpty()) {
            openLogs(settings, format.equals("auto") ? "text" : format, "warn");
        }
        return settings;
    }

    static void openLogs(Settings settings, String format, String usualLevel) {
        String level = settings.text("log.level");
        Logs.open(format, level.isEmpty() ? usualLevel : level, NodeName.of(settings));
    }
}
