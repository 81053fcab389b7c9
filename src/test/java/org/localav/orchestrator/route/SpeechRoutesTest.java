package org.localav.orchestrator.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.process.ProcessLimits;
import org.localav.orchestrator.process.Processes;
import org.localav.orchestrator.speech.Requests;
import org.localav.orchestrator.speech.Secrets;
import org.localav.orchestrator.speech.SpeechException;
import org.localav.orchestrator.speech.TemplateProvider;

/** The shipped routes of speech and what docs/providers.md says of them. */
class SpeechRoutesTest {
    @TempDir
    Path folder;

    private void prepare(CamelContext context) {
        context.disableJMX();
        new SpeechProviders(Map.of(), Map.of(), () -> "http://127.0.0.1:1/v1")
                .beans()
                .forEach((name, bean) -> context.getRegistry().bind(name, bean));
        SpeechServer.beans(
                        new Processes(ProcessLimits.DEFAULT, folder.resolve("pids")),
                        new SpeechServer.Settings(0, 2, "espeak-ng"),
                        new Cancellation())
                .forEach((name, bean) -> context.getRegistry().bind(name, bean));
        Properties properties = new Properties();
        properties.setProperty("speech.program", "espeak-ng");
        context.getPropertiesComponent().setInitialProperties(properties);
    }

    @Test
    void passTheCheckOfRouteFolders() throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
            for (Path file : shipped.toList()) {
                String name = file.getFileName().toString();
                if (name.startsWith("tts-") || name.startsWith("speech-server")) {
                    Files.copy(file, routes.resolve(name));
                }
            }
        }

        RouteCheck.Findings findings = RouteCheck.check(routes, this::prepare);

        assertEquals(List.of(), findings.faults());
        assertEquals(List.of(), findings.warnings());
        assertEquals(4, findings.routes());
    }

    @Test
    void takeTheTemplatesOfTheirGuide() throws Exception {
        String guide = Files.readString(Path.of("docs/providers.md"));
        Matcher blocks =
                Pattern.compile("```properties\n(.*?)```", Pattern.DOTALL).matcher(guide);
        List<String> urls = new ArrayList<>();
        while (blocks.find()) {
            Properties properties = new Properties();
            properties.load(new StringReader(blocks.group(1)));
            urls.add(asked(properties));
        }

        assertEquals(2, urls.size());
        assertTrue(urls.get(0).startsWith("https://api.elevenlabs.io/"), urls::toString);
        assertTrue(urls.get(1).startsWith("https://texttospeech.googleapis.com/"), urls::toString);
    }

    /** The address that a template's request goes to, when it can be made. */
    private String asked(Properties properties) throws SpeechException {
        var settings = new TemplateProvider.Settings(
                "http",
                "POST",
                properties.getProperty("tts.http.url"),
                properties.getProperty("tts.http.headers"),
                properties.getProperty("tts.http.body"),
                Optional.empty(),
                Optional.ofNullable(properties.getProperty("tts.http.sound")));
        Secrets secrets = new Secrets(Map.of("ELEVENLABS_KEY", "k1", "GOOGLE_TTS_KEY", "k2"));
        return new TemplateProvider(settings, secrets)
                .call(Requests.of("Hello", "guide", folder))
                .url();
    }
}
