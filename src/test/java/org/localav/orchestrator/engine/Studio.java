package org.localav.orchestrator.engine;

import static org.localav.orchestrator.media.LocalTools.make;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.stream.Stream;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobListener;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.observe.Meters;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.route.ReloadReport;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.webhook.Carrier;
import org.localav.orchestrator.webhook.Direct;

/** An installation in a folder of its own: the project's routes and presets, an empty state, and an engine. */
public final class Studio implements AutoCloseable {
    public final Path home;
    public final Path jobs;
    public final Engine engine;
    final BlockingQueue<ReloadReport> reloads = new LinkedBlockingQueue<>();
    public final Workshop workshop;

    /** @param more settings that differ from those of a fresh installation */
    public Studio(Path home, Map<String, String> more, Map<String, String> environment) throws Exception {
        this(
                home,
                more,
                environment,
                new SimpleMeterRegistry(),
                workshop -> new Direct(workshop.hosts(), environment, workshop.audit()));
    }

    public Studio(
            Path home,
            Map<String, String> more,
            Map<String, String> environment,
            MeterRegistry meters,
            Function<Workshop, Carrier> carrier)
            throws Exception {
        this.home = home;
        this.jobs = Files.createDirectories(home.resolve("jobs"));
        copy(Path.of("routes"), home.resolve("routes"));
        copy(Path.of("presets"), home.resolve("presets"));
        Files.writeString(home.resolve("presets/tiny.yaml"), TINY);
        Map<String, String> overrides = new LinkedHashMap<>(Map.of(
                "state.folder", home.resolve("state").toString(),
                "routes.folder", home.resolve("routes").toString(),
                "presets.folder", home.resolve("presets").toString(),
                "inbox.folder", home.resolve("inbox").toString(),
                "routes.watch", "0ms"));
        overrides.putAll(more);
        workshop = new Workshop(Settings.read(Map.of(), overrides), environment);
        engine = new Engine(workshop, environment, "test", meters, reloads::add, carrier.apply(workshop));
        if (meters instanceof Meters) {
            engine.manage();
        }
        engine.start();
        engine.watch();
    }

    private static final String TINY =
            """
            description: as small as a film can be, for tests
            format: mp4
            extensions: [mp4]
            video:
              size: 160x90
              fps: 25
              c:v: libx264
              preset: ultrafast
              pix_fmt: yuv420p
            audio:
              c:a: aac
              b:a: 96k
              ar: 48000
              ac: 2
            """;

    /** Copies the files of a folder that are not there yet; makes the folder. */
    public static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(file.getFileName().toString());
                if (!Files.exists(target)) {
                    Files.copy(file, target);
                }
            }
        }
    }

    /** Draws media of about a second: clips {@code one} and {@code two} alike, {@code odd} unlike them. */
    public static void draw(Path folder) {
        make(folder.resolve("one.mp4"), "-f lavfi -i testsrc2=s=160x90:r=25:d=1 " + CLIP + LOCATION);
        make(folder.resolve("two.mp4"), "-f lavfi -i testsrc=s=160x90:r=25:d=1 " + CLIP);
        make(folder.resolve("odd.mp4"), "-f lavfi -i testsrc=s=96x96:r=15:d=1 " + CLIP);
        make(folder.resolve("photo.png"), "-f lavfi -i color=teal:s=120x90 -frames:v 1");
        make(folder.resolve("bed.wav"), "-f lavfi -i sine=330:r=48000:d=0.8 -ac 2");
        make(folder.resolve("voice.wav"), "-f lavfi -i sine=220:r=24000:d=0.6");
    }

    private static final String CLIP = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -bf 0";
    private static final String LOCATION = " -metadata location=+52.5+013.4/ -metadata artist=somebody";

    /** Writes a spec into the folder of the jobs. */
    Path spec(String name, String text) throws IOException {
        return Files.writeString(jobs.resolve(name), "version: 1\n" + text);
    }

    Job run(String text) throws Exception {
        return run(text, new Cancellation(), JobListener.NONE);
    }

    Job run(String text, Cancellation cancellation, JobListener listener) throws Exception {
        Path spec = spec("job.yaml", text);
        return engine.run(SpecReader.read(spec), spec, cancellation, listener);
    }

    public Path output(String name) {
        return jobs.resolve(name);
    }

    /** Every file under the jobs' outputs and the work folders, hidden ones too: what a failed job must not leave. */
    public List<String> leftovers() throws IOException {
        List<Path> folders = Stream.of(jobs.resolve("out"), home.resolve("state/work"))
                .filter(Files::isDirectory)
                .toList();
        List<String> found = new java.util.ArrayList<>();
        for (Path folder : folders) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(f -> !f.equals(folder)).map(Path::toString).forEach(found::add);
            }
        }
        return found;
    }

    @Override
    public void close() {
        engine.close();
    }
}
