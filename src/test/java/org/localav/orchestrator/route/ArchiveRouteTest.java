package org.localav.orchestrator.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.test.main.junit5.CamelMainTestSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped route that files a run's documents, by itself. */
class ArchiveRouteTest extends CamelMainTestSupport {
    @TempDir
    static Path folder;

    /** Stands where {@link Archive} does: two documents of a run. */
    public static final class TwoDocuments {
        public List<String> documents() {
            return List.of("spec.yaml", "report.json");
        }

        public void address(Exchange exchange) {
            String name = exchange.getMessage().getBody(String.class);
            exchange.getMessage().setHeader(Exchange.FILE_NAME, "job/run/" + name);
            exchange.getMessage().setBody(("the " + name).getBytes(StandardCharsets.UTF_8));
        }
    }

    @Override
    protected void configure(MainConfigurationProperties configuration) {
        configuration.setRoutesIncludePattern("file:routes/finish-archive.camel.yaml");
    }

    @Override
    protected Properties useOverridePropertiesWithPropertiesComponent() {
        Properties properties = new Properties();
        properties.setProperty("archive.folder", folder.toString());
        return properties;
    }

    @Override
    protected void bindToRegistry(org.apache.camel.spi.Registry registry) {
        registry.bind("archive", new TwoDocuments());
    }

    @Test
    void writesEachDocumentUnderItsNameAndLeavesNothingElse() throws Exception {
        template.sendBody("direct:finish-archive", "a run");

        assertEquals("the report.json", Files.readString(folder.resolve("job/run/report.json")));
        try (Stream<Path> files = Files.list(folder.resolve("job/run"))) {
            assertEquals(
                    List.of("report.json", "spec.yaml"),
                    files.map(f -> f.getFileName().toString()).sorted().toList());
        }
    }
}
