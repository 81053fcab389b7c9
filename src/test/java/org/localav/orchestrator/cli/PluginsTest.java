package org.localav.orchestrator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.media.LocalTools.make;

import java.io.File;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.ProcessorEndpoint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.Main;
import org.localav.orchestrator.engine.Studio;

/** The launcher's {@code plugins} folder: what lies in it can be used by routes. */
@Tag("tools")
class PluginsTest {
    private static final Path HOME = Path.of("").toAbsolutePath();

    @TempDir
    Path folder;

    /** Writes what {@link Mark} has left into the file that an endpoint names; the program knows both by their jar alone. */
    public static final class Stamp extends DefaultComponent {
        @Override
        protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
            return new ProcessorEndpoint(
                    uri,
                    this,
                    exchange -> Files.writeString(Path.of(remaining), exchange.getProperty("mark", String.class)));
        }
    }

    /** A bean. */
    public static final class Mark {
        public void leave(Exchange exchange) {
            exchange.setProperty("mark", "seen");
        }
    }

    @BeforeEach
    void writeProgram() throws Exception {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Main.class.getName());
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                                .filter(entry -> !Path.of(entry).endsWith("test-classes"))
                                .map(entry -> Path.of(entry).toUri().toString())
                                .collect(Collectors.joining(" ")));
        try (OutputStream file = Files.newOutputStream(folder.resolve("avo.jar"))) {
            new JarOutputStream(file, manifest).close();
        }
    }

    private void writePlugin() throws Exception {
        Files.createDirectories(folder.resolve("plugins"));
        try (JarOutputStream jar =
                new JarOutputStream(Files.newOutputStream(folder.resolve("plugins/camel-stamp.jar")))) {
            for (Class<?> type : List.of(Stamp.class, Mark.class)) {
                String code = type.getName().replace('.', '/') + ".class";
                jar.putNextEntry(new ZipEntry(code));
                try (InputStream compiled = type.getResourceAsStream("/" + code)) {
                    compiled.transferTo(jar);
                }
            }
            jar.putNextEntry(new ZipEntry("META-INF/services/org/apache/camel/component/stamp"));
            jar.write(("class=" + Stamp.class.getName() + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    /** What the program says, started as a checkout's and a package's launchers do. */
    private String avo(int code, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-euc",
                "java=$1 home=$2 jar=$3/avo.jar archive=$3/avo.jsa plugins=$3/plugins; shift 3; . \"$home/script/launch\"",
                "launch",
                ProcessHandle.current().info().command().orElse("java"),
                HOME.toString(),
                folder.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(code, process.waitFor(), said);
        return said;
    }

    @Test
    void aRouteUsesAComponentAndABeanOfAJarInIt() throws Exception {
        Path routes = folder.resolve("routes");
        Studio.copy(HOME.resolve("routes"), routes);
        Path stamped = folder.resolve("stamped");
        Files.writeString(
                routes.resolve("after-mux-stamp.camel.yaml"),
                """
                - beans: [{name: mark, type: %s}]
                - route:
                    id: stamp
                    group: stage
                    description: Says that it was here.
                    from:
                      uri: direct:after-mux-stamp
                      steps:
                        - bean: {ref: mark, method: leave}
                        - to:
                            uri: stamp:%s
                """
                        .formatted(Mark.class.getName(), stamped));
        make(folder.resolve("bed.wav"), "-f lavfi -i sine=330:r=48000:d=1");
        Files.writeString(
                folder.resolve("job.yaml"),
                "version: 1\nassets: {bed: bed.wav}\naudio: {tracks: {bed: [{asset: bed}]}}\n"
                        + "outputs: [{path: out/bed.wav, preset: wav-master}]\n");

        String without = avo(2, "routes", "validate", routes.toString());
        writePlugin();
        String run = avo(
                0,
                "run",
                "--set",
                "state.folder=" + folder.resolve("state"),
                "--set",
                "routes.folder=" + routes,
                "job.yaml");

        assertTrue(without.contains("there is no class '" + Mark.class.getName() + "'"), without);
        assertTrue(run.contains("stamp succeeded"), run);
        assertEquals("seen", Files.readString(stamped));
    }
}
