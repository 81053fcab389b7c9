package org.localav.orchestrator.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.engine.Studio;

/** Routes that are edited again and again while jobs come in and run. */
@Tag("tools")
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class RouteEditsTest {
    private static final int EDITS = 50;

    @TempDir
    static Path media;

    @TempDir
    Path home;

    @BeforeAll
    static void draw() {
        Studio.draw(media);
    }

    private static String song(String id) {
        return "job: {id: " + id + "}\nassets: {voice: \"" + media.resolve("voice.wav") + "\"}\n"
                + "audio: {tracks: {a: [{asset: voice}]}}\noutputs: [{path: out/" + id + ".wav, preset: wav-master}]\n";
    }

    private static long files() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }

    private static int beans() {
        return ManagementFactory.getPlatformMBeanServer().getMBeanCount();
    }

    @Test
    void fiftyEditsUnderLoadLoseNoJobAndLeakNothing() throws Exception {
        try (Hall hall = new Hall(home, Map.of("media.roots", media.toString()))) {
            hall.service.start();
            Path file = home.resolve("routes/stage-mux.camel.yaml");
            String text = Files.readString(file);
            // One edit before counting: what the first one loads stays for good.
            edit(hall, file, text, "first");
            hall.accept(song("warm"));
            hall.awaitStatus("warm", "succeeded");
            long files = files();
            int threads = Thread.activeCount();
            int beans = beans();

            List<String> jobs = new ArrayList<>();
            for (int i = 0; i < EDITS; i++) {
                String id = "song-" + i;
                hall.accept(song(id));
                jobs.add(id);
                edit(hall, file, text, "edit " + i);
            }
            for (String id : jobs) {
                hall.awaitStatus(id, "succeeded");
            }
            hall.await(
                    "only the newest routes are open",
                    () -> hall.studio.engine.routes().status().open() == 1);

            assertEquals(EDITS + 2, hall.studio.engine.routes().status().generation());
            assertTrue(files() <= files + 5, () -> "open files: " + files + " before, " + files() + " after");
            assertTrue(
                    Thread.activeCount() <= threads + 10,
                    () -> "threads: " + threads + " before, " + Thread.activeCount() + " after");
            assertEquals(beans, beans());
        }
    }

    private static void edit(Hall hall, Path file, String text, String mark) throws Exception {
        Files.writeString(file, text.replace("description: Puts", "description: " + mark + "; puts"));
        hall.studio.engine.routes().reloadNow();
    }
}
