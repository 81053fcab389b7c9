package org.localav.orchestrator.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.engine.Studio;

/** {@code avo serve} as the program it is, with signals. */
@Tag("tools")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ServeTest {
    @TempDir
    Path home;

    private ServedAvo service;

    @AfterEach
    void kill() throws Exception {
        service.kill();
    }

    @Test
    void endsWellWhenAskedToAndGoesOnWithWhatRan() throws Exception {
        service = new ServedAvo(launcher(), home, "shutdown.grace=100ms");
        Studio.draw(service.jobs);
        service.start();
        service.submit(
                "key",
                """
                version: 1
                job: {id: long}
                assets: {photo: photo.png}
                video: {clips: [{asset: photo, length: 20h}], fit: contain}
                outputs: [{path: out/long.mp4, preset: web-720p}]
                """);
        awaitEncoder();

        assertEquals(0, service.end());

        assertEquals(0, Ordeal.programs(home));
        service.start();
        awaitEncoder();
        assertEquals(202, service.post("/api/jobs/long/cancel", "").statusCode());
        while (!ServedAvo.ended(service.job("long"))) {
            assertTrue(service.alive());
        }
        assertEquals("cancelled", service.job("long").path("status").asText());
        assertEquals(0, Ordeal.programs(home));
    }

    @Test
    void saysWhatIsWrongWithAnEditOfTheRoutesWhileItIsUp() throws Exception {
        Path routes = home.resolve("routes");
        Studio.copy(Path.of("routes"), routes);
        service = new ServedAvo(launcher(), home, "routes.folder=" + routes, "routes.watch=20ms");
        service.start();

        Files.writeString(routes.resolve("stage-mux.camel.yaml"), "- route: {nonsense: true}\n");

        while (!Files.readString(service.log()).contains("the edited routes are not used: ")) {
            assertTrue(service.alive());
        }
        String log = Files.readString(service.log());
        assertTrue(log.contains(routes + "/stage-mux.camel.yaml:1:11"), log);
    }

    private void awaitEncoder() throws Exception {
        while (Ordeal.programs(home) == 0) {
            assertTrue(service.alive());
        }
    }

    /** This very program, without what the installed one has around it. */
    private Path launcher() throws Exception {
        String java = ProcessHandle.current().info().command().orElse("java");
        Path file = Files.writeString(
                home.resolve("avo"),
                "#!/bin/sh\nexec '" + java + "' -XX:+UseSerialGC -Davo.home='"
                        + Path.of("").toAbsolutePath() + "' -cp '" + System.getProperty("java.class.path")
                        + "' org.localav.orchestrator.Main \"$@\"\n");
        assertTrue(file.toFile().setExecutable(true));
        return file;
    }
}
