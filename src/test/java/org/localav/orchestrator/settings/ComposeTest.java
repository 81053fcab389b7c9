package org.localav.orchestrator.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.localav.orchestrator.observe.Promtool;
import org.yaml.snakeyaml.Yaml;

/** ops/compose.yaml and what it mounts name each other, files, variables and settings that there are. */
class ComposeTest {
    private static final Path OPS = Path.of("ops");
    private static final Set<String> NODES = Set.of("node-1", "node-2", "node-3");

    private final Map<String, Object> whole = yaml("compose.yaml");
    private final Map<String, Map<String, Object>> services = sub(whole, "services");

    private static Map<String, Object> yaml(String name) {
        return new Yaml().load(text(name));
    }

    private static String text(String name) {
        try {
            return Files.readString(OPS.resolve(name));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> Map<String, T> sub(Map<String, ?> map, String key) {
        return (Map<String, T>) (map.containsKey(key) ? map.get(key) : Map.of());
    }

    @SuppressWarnings("unchecked")
    private static List<String> list(Map<String, ?> map, String key) {
        return (List<String>) (map.containsKey(key) ? map.get(key) : List.of());
    }

    /** The environment of a service, with each secret standing for itself. */
    private Map<String, String> environment(String service) {
        Map<String, String> environment = new TreeMap<>();
        sub(services.get(service), "environment")
                .forEach((name, value) ->
                        environment.put(name, value.toString().replaceAll("\\$\\{(\\w+):\\?}", "the $1")));
        return environment;
    }

    /** What stands where in a service: of each volume or folder its place. */
    private Map<String, String> mounts(String service) {
        return list(services.get(service), "volumes").stream()
                .map(mount -> mount.split(":"))
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
    }

    @Test
    void everyServiceIsOfAKnownBuildAndTellsWhetherItIsWell() {
        assertTrue(services.keySet().containsAll(NODES), services.keySet()::toString);
        services.forEach((name, service) -> {
            if (NODES.contains(name)) {
                Map<String, String> build = sub(service, "build");
                Path context = OPS.resolve(build.get("context"));
                assertTrue(Files.isRegularFile(context.resolve(build.get("dockerfile"))), build::toString);
            } else {
                assertTrue(service.get("image").toString().matches("[a-z/]+:v?\\d+\\.\\d+\\S*"), name);
            }
            assertTrue(sub(service, "healthcheck").containsKey("test"), name);
            assertTrue(services.keySet().containsAll(sub(service, "depends_on").keySet()), name);
        });
    }

    @Test
    void onlyThisMachineReachesIt() {
        List<String> ports = new ArrayList<>();
        services.values().forEach(service -> ports.addAll(list(service, "ports")));

        assertEquals(5, ports.size());
        ports.forEach(port -> assertTrue(port.matches("127\\.0\\.0\\.1:\\d+:\\d+"), port));
    }

    @Test
    void everyVolumeFolderAndVariableIsThere() {
        Set<String> volumes = new TreeSet<>();
        for (String name : services.keySet()) {
            for (String source : mounts(name).keySet()) {
                if (source.startsWith(".")) {
                    assertTrue(Files.isDirectory(OPS.resolve(source)), source);
                } else {
                    volumes.add(source);
                }
            }
            Set<String> secrets = sub(whole, "secrets").keySet();
            assertTrue(secrets.containsAll(list(services.get(name), "secrets")), name);
        }
        assertEquals(sub(whole, "volumes").keySet(), volumes);

        String head = text("compose.yaml").split("\n\n|\nname:")[0];
        Set<String> told = found("(AVO_\\w+)=\\.\\.\\.", head);
        Set<String> used = found("\\$\\{(\\w+):\\?}", text("compose.yaml"));
        Map<String, Map<String, String>> secrets = sub(whole, "secrets");
        secrets.values().forEach(secret -> used.add(secret.get("environment")));
        assertEquals(told, used);
    }

    private static Set<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theNodesShareEverythingButTheirNamesAndReachTheServers() {
        Map<String, String> database = environment("postgres");
        for (String node : NODES) {
            Map<String, String> environment = environment(node);
            Settings settings = Settings.read(environment, Map.of());
            URI store = URI.create(settings.text("store.url").substring("jdbc:".length()));

            assertEquals(node, settings.text("node.name"));
            assertTrue(settings.text("inbox.folder").contains(node));
            assertEquals(NODES, Set.copyOf(settings.words("http.hosts")));
            assertEquals("postgres /" + database.get("POSTGRES_DB"), store.getHost() + " " + store.getPath());
            assertEquals("user=" + database.get("POSTGRES_USER"), store.getQuery());
            assertEquals(database.get("POSTGRES_PASSWORD"), settings.secret("store.password_env", environment));
            assertEquals("redis", URI.create(settings.text("queue.url")).getHost());
            assertEquals(environment("redis").get("REDISCLI_AUTH"), settings.secret("queue.password_env", environment));
            assertTrue(list(services.get(node), "ports").get(0).endsWith(":" + settings.text("http.port")), node);
            assertEquals("/run/secrets/token", settings.text("http.token_file"));
            assertTrue(list(services.get(node), "secrets").contains("token"));
            assertEquals(mounts("node-1"), mounts(node));
            List<Path> places = mounts(node).values().stream().map(Path::of).toList();
            assertTrue(places.containsAll(settings.folders("media.roots")));
            assertTrue(places.containsAll(settings.folders("output.roots")));
            assertTrue(places.containsAll(settings.folders("submit.roots")));
        }
    }

    @Test
    void theImageHasTheFoldersOfTheSharedVolumesForItsUser() throws IOException {
        String dockerfile = Files.readString(Path.of("packaging/Dockerfile"));

        for (String place : mounts("node-1").values()) {
            assertTrue(
                    dockerfile.contains("VOLUME " + place)
                            || dockerfile.matches("(?s).*install -d -o avo -g avo [^\n]*" + place + "\\b.*"),
                    place);
        }
    }

    @Test
    void prometheusAsksTheNodesAndGrafanaAsksPrometheus() {
        Map<String, Object> prometheus = yaml("prometheus/cluster.yml");
        String config = prometheus.toString();
        NODES.forEach(node -> assertTrue(config.contains(node + ":8080"), config));
        assertTrue(config.contains("credentials_file=/run/secrets/token"), config);
        assertTrue(list(services.get("prometheus"), "secrets").contains("token"));
        list(prometheus, "rule_files").forEach(file -> assertTrue(Files.exists(OPS.resolve("prometheus/" + file))));
        String command = list(services.get("prometheus"), "command").toString();
        assertTrue(command.contains(mounts("prometheus").get("./prometheus") + "/cluster.yml"), command);

        String source = text("grafana/provisioning/datasources/prometheus.yaml");
        assertTrue(source.contains("url: http://prometheus:9090"), source);
        String dashboards = text("grafana/provisioning/dashboards/avo.yaml");
        assertTrue(dashboards.contains("path: " + mounts("grafana").get("./grafana") + "\n"), dashboards);
        assertTrue(Files.exists(OPS.resolve("grafana/overview.json")));
    }

    @Test
    @Tag("tools")
    void promtoolAcceptsTheConfiguration() throws Exception {
        Promtool.run("", "check", "config", "--syntax-only", "ops/prometheus/cluster.yml");
    }

    @Test
    @Tag("tools")
    void composeAcceptsIt() throws Exception {
        assumeTrue(compose("version").isEmpty(), "docker compose is not installed");

        assertEquals("", compose("-f", "ops/compose.yaml", "config", "--quiet"));
    }

    /** What it says when it fails. */
    private static String compose(String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of("docker", "compose"));
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        for (String secret : List.of("TOKEN", "DB_PASSWORD", "QUEUE_PASSWORD", "GRAFANA_PASSWORD")) {
            builder.environment().put("AVO_" + secret, "0123456789abcdef");
        }
        try {
            Process process = builder.start();
            String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? "" : words + "failed";
        } catch (IOException e) {
            return e.toString();
        }
    }
}
