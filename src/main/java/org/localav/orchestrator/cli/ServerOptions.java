package org.localav.orchestrator.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.settings.Settings;
import picocli.CommandLine.Option;

/** Options of every command that asks the running service. */
final class ServerOptions {
    @Option(
            names = "--server",
            paramLabel = "URL",
            description =
                    "Where the service is. Default: AVO_SERVER, or else the settings http.host and http.port. A service"
                            + " elsewhere wants its token in AVO_TOKEN.")
    private String server;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a setting; 'avo doctor' lists them.")
    private Map<String, String> set = new LinkedHashMap<>();

    Server server() {
        Map<String, String> environment = System.getenv();
        Settings settings = Settings.read(environment, set);
        return Server.of(Optional.ofNullable(server), settings, environment);
    }
}
