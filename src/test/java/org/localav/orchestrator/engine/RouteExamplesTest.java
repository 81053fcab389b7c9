package org.localav.orchestrator.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.jcraft.jsch.JSch;
import com.jcraft.jsch.KeyPair;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.door.Doors;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Prepared;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.media.LocalTools;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.route.JobContext;
import org.localav.orchestrator.route.RouteCheck;

/** The route files of {@code examples/routes}, each dropped into the routes of an installation and run as it stands. */
@Tag("tools")
@Timeout(120)
class RouteExamplesTest {
    private static final Path EXAMPLES = Path.of("examples/routes");

    private static final String FILM =
            """
            job: {id: film, force: true, retry: {limit: 2, delay: 10ms}}
            assets: {photo: photo.png, bed: bed.wav}
            audio: {tracks: {bed: [{asset: bed}]}}
            video: {clips: [{asset: photo, length: 1s}], fit: stretch}
            outputs: [{path: out/film.mp4, preset: tiny}, {path: out/film.m4a, preset: podcast}]
            """;

    @TempDir
    static Path media;

    @TempDir
    Path home;

    @BeforeAll
    static void draw() {
        Studio.draw(media);
    }

    private Studio studio(Map<String, String> settings, String... examples) throws Exception {
        Files.createDirectories(home.resolve("routes"));
        for (String name : examples) {
            Files.copy(EXAMPLES.resolve(name), home.resolve("routes").resolve(name));
        }
        Studio studio = new Studio(home, settings, Map.of());
        for (String name : List.of("photo.png", "bed.wav", "one.mp4", "two.mp4")) {
            Files.copy(media.resolve(name), studio.jobs.resolve(name));
        }
        return studio;
    }

    private static void succeeded(Job job) {
        assertEquals(JobStatus.SUCCEEDED, job.status(), () -> job.failure() + " " + job.notes());
    }

    private static List<StepReport> steps(Job job, String stage) {
        return job.steps().stream().filter(step -> step.stage().equals(stage)).toList();
    }

    /** By the schema that Kaoto draws by, by the program's rules, and by building every route. */
    @Test
    void allPassTheCheckOfARoutesFolder() throws Exception {
        String[] names;
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            names = files.map(file -> file.getFileName().toString()).toArray(String[]::new);
        }
        try (Studio studio = studio(Map.of(), names)) {
            JobContext context =
                    new JobContext(studio.workshop, Map.of(), "test", new SimpleMeterRegistry(), Job::leave);
            RouteCheck.Findings findings =
                    RouteCheck.check(home.resolve("routes"), routes -> bind(routes, context, studio));

            assertTrue(names.length >= 5, () -> List.of(names).toString());
            assertEquals(List.of(), findings.faults());
            assertEquals(List.of(), findings.warnings());
        }
    }

    private static void bind(CamelContext routes, JobContext context, Studio studio) {
        context.prepare(routes);
        Doors.beans(null, studio.workshop).forEach(routes.getRegistry()::bind);
    }

    @Test
    void aStageThatIsChangedEncodesOneClipAfterTheOther() throws Exception {
        String shipped = Files.readString(Path.of("routes/stage-video_concat.camel.yaml"));
        String changed = Files.readString(EXAMPLES.resolve("stage-video_concat.camel.yaml"));
        String beside = "            parallelProcessing: true\n            aggregationStrategy: \"#siblings\"\n"
                + "            executorService: \"#threads\"\n";
        assertEquals(
                afterSteps(shipped.replaceFirst(beside, "            aggregationStrategy: \"#siblings\"\n")),
                afterSteps(changed));
        try (Studio studio = studio(Map.of("encoders", "4"), "stage-video_concat.camel.yaml")) {
            Job job = studio.run(
                    """
                    assets: {one: one.mp4, two: two.mp4}
                    video: {clips: [{asset: one, audio: mute}, {asset: two, audio: mute}], size: 80x46, fps: 25, fit: stretch}
                    outputs: [{path: out/film.mp4, preset: tiny}]
                    """);

            succeeded(job);
            List<StepReport> clips = steps(job, "video_concat").stream()
                    .filter(step -> !step.commands().toString().contains("-f concat"))
                    .toList();
            assertEquals(2, clips.size(), clips::toString);
            Instant firstEnded =
                    clips.get(0).startedAt().orElseThrow().plus(clips.get(0).took());
            assertFalse(clips.get(1).startedAt().orElseThrow().isBefore(firstEnded));
        }
    }

    private static String afterSteps(String route) {
        return route.substring(route.indexOf("      steps:"));
    }

    @Test
    void aWatermarkIsPutIntoFilmsAndCountsTowardsWhatTheyAre() throws Exception {
        try (Studio studio = studio(
                Map.of("output.overwrite", "true"), "after-mux-watermark.camel.yaml", "after-mux-watermark.png")) {
            Job first = studio.run(FILM);
            Job again = studio.run(FILM);
            int marked = blue(studio.output("out/film.mp4"), "120:12");
            int beside = blue(studio.output("out/film.mp4"), "20:60");
            Path logo = home.resolve("routes/after-mux-watermark.png");
            LocalTools.make(logo, "-f lavfi -i color=red:s=72x28 -frames:v 1");
            List<String> planned = reasons(studio.workshop.plan(first.parsed(), first.specFile(), new Cancellation()));
            Job changed = studio.run(FILM);

            succeeded(first);
            assertEquals("succeeded", first.record("watermark").status());
            StepReport step = steps(first, "watermark").get(0);
            assertEquals(1, steps(first, "watermark").size(), "the file without pictures is left alone");
            assertEquals("watermark/film.mp4", step.step());
            assertTrue(step.commands().get(0).contains("overlay=W-w-W/40:H/40"), step.commands()::toString);
            assertTrue(marked > 165, () -> "the logo is not there: " + marked);
            assertTrue(beside < 145, () -> "it is everywhere: " + beside);
            succeeded(again);
            assertTrue(again.published().stream().allMatch(made -> made.already()));
            assertEquals(List.of(), steps(again, "watermark"), "an output that stands is not marked twice");
            succeeded(changed);
            assertEquals(List.of("stage changed: after-mux-watermark.png"), planned);
            assertEquals(planned, reasons(changed.prepared().orElseThrow()));
            assertTrue(steps(changed, "video_concat").stream().allMatch(StepReport::reused));
            int red = blue(studio.output("out/film.mp4"), "120:12");
            assertTrue(red < 60, () -> "the new logo is not there: " + red);
        }
    }

    /** Why steps run. */
    private static List<String> reasons(Prepared prepared) {
        return prepared.toRun().stream()
                .map(step -> prepared.decisions().get(step.key()).reason())
                .distinct()
                .toList();
    }

    @Test
    void aStageThatBreaksWhatWasPlannedPublishesNothing() throws Exception {
        try (Studio studio = studio(Map.of(), "after-mux-watermark.camel.yaml", "after-mux-watermark.png")) {
            Path route = home.resolve("routes/after-mux-watermark.camel.yaml");
            Files.writeString(
                    route,
                    Files.readString(route)
                            .replace(
                                    "              -crf\n",
                                    "              -t\n              0.4\n              -crf\n"));
            studio.engine.routes().reloadNow();

            Job job = studio.run(FILM);

            assertEquals(JobStatus.FAILED, job.status());
            String said = job.failure().orElseThrow().toString();
            assertTrue(
                    said.contains("watermark: ffmpeg ended well, but of film.mp4 it has 10 pictures instead of 25"),
                    said);
            assertEquals(
                    List.of(),
                    studio.leftovers().stream()
                            .filter(file -> file.contains("/out/"))
                            .toList());
        }
    }

    /** How blue a place of a film is, 0 to 255. */
    private static int blue(Path film, String place) throws IOException {
        Path pixel = Files.createTempFile(media, "pixel", ".rgb");
        LocalTools.ffmpeg(List.of(
                "-i",
                film.toString(),
                "-vf",
                "crop=4:4:" + place + ",scale=1:1",
                "-frames:v",
                "1",
                "-pix_fmt",
                "rgb24",
                "-f",
                "rawvideo",
                pixel.toString()));
        return Files.readAllBytes(pixel)[2] & 0xff;
    }

    @Test
    void aProviderOfOnesOwnIsAFileAndASetting() throws Exception {
        Set<String> asked = ConcurrentHashMap.newKeySet();
        byte[] voice = Files.readAllBytes(media.resolve("voice.wav"));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI() + " "
                    + new String(exchange.getRequestBody().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
            exchange.getResponseHeaders().set("Content-Type", "audio/wav");
            exchange.sendResponseHeaders(200, voice.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(voice);
            }
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
        try (Studio studio = studio(Map.of("tts.studio.base_url", url), "tts-studio.camel.yaml")) {
            Job job = studio.run(
                    """
                    audio: {tracks: {voice: [{tts: {text: "Hello.", voice: anna, provider: studio}}]}}
                    outputs: [{path: out/voice.m4a, preset: podcast}]
                    """);

            succeeded(job);
            assertEquals(1, asked.size());
            assertTrue(
                    asked.toString().contains("/v1/audio/speech")
                            && asked.toString().contains("anna"),
                    asked::toString);
        } finally {
            server.stop(0);
        }
    }

    /** An SFTP server that lets nobody in at first. */
    private SshServer server(Path folder, int refusals) throws Exception {
        JSch keys = new JSch();
        KeyPair key = KeyPair.genKeyPair(keys, KeyPair.ECDSA, 256);
        key.writePrivateKey(home.resolve("key").toString());
        List<Object> refused = new ArrayList<>();
        SshServer server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        var host = new SimpleGeneratorHostKeyProvider(home.resolve("host"));
        host.setAlgorithm("EC");
        host.setKeySize(256);
        server.setKeyPairProvider(host);
        byte[] known = key.getPublicKeyBlob();
        server.setPublickeyAuthenticator((user, shown, session) -> {
            boolean ours = user.equals("films")
                    && java.util.Arrays.equals(
                            known,
                            java.util.Base64.getDecoder()
                                    .decode(PublicKeyEntry.toString(shown).split(" ")[1]));
            return ours && (refused.size() >= refusals || !refused.add(user));
        });
        server.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
        server.setFileSystemFactory(new VirtualFileSystemFactory(Files.createDirectories(folder)));
        server.start();
        String line =
                PublicKeyEntry.toString(host.loadKeys(null).iterator().next().getPublic());
        Files.writeString(home.resolve("known"), "[127.0.0.1]:" + server.getPort() + " " + line + "\n");
        return server;
    }

    private Map<String, String> upload(SshServer server) {
        return Map.of(
                "my.upload.host", "127.0.0.1",
                "my.upload.port", String.valueOf(server.getPort()),
                "my.upload.key", home.resolve("key").toString(),
                "my.upload.known_hosts", home.resolve("known").toString());
    }

    @Test
    void anUploadIsTriedAgainAndArrivesWhole() throws Exception {
        Path remote = home.resolve("remote");
        try (SshServer server = server(remote, 1);
                Studio studio = studio(upload(server), "after-mux-upload.camel.yaml")) {
            Job job = studio.run(FILM);

            succeeded(job);
            assertEquals(2, job.record("upload").attempts());
            assertEquals(2, steps(job, "upload").size());
            for (String name : List.of("film.mp4", "film.m4a")) {
                assertArrayEquals(
                        Files.readAllBytes(studio.output("out/" + name)),
                        Files.readAllBytes(remote.resolve("films/film/" + name)));
            }
        }
    }

    @Test
    void anUploadThatFailsFailsTheJobAndPublishesNothing() throws Exception {
        try (SshServer server = server(home.resolve("remote"), Integer.MAX_VALUE);
                Studio studio = studio(upload(server), "after-mux-upload.camel.yaml")) {
            Job job = studio.run(FILM);

            assertEquals(JobStatus.FAILED, job.status());
            String said = job.failure().orElseThrow().getMessage();
            assertTrue(said.contains("film.mp4 was not sent by the stage upload: "), said);
            // Each of the two files is tried twice more.
            assertEquals(5, job.record("upload").attempts());
            assertFalse(Files.exists(studio.output("out/film.mp4")));
        }
    }

    @Test
    void anUploadMayBeLeftOutWithANote() throws Exception {
        try (SshServer server = server(home.resolve("remote"), Integer.MAX_VALUE);
                Studio studio = studio(upload(server), "after-mux-upload.camel.yaml")) {
            Path route = home.resolve("routes/after-mux-upload.camel.yaml");
            String text = Files.readString(route);
            String sent = text.substring(text.lastIndexOf("        - bean:"));
            Files.writeString(
                    route,
                    text.replace(sent, "")
                            .replace("method: notSent", "method: leftOut")
                            .replace("            doCatch:\n", sent.indent(6) + "            doCatch:\n"));
            assertTrue(
                    studio.engine.routes().reloadNow().orElseThrow().toString().contains("Loaded"));

            Job job = studio.run(FILM);

            succeeded(job);
            assertTrue(
                    job.notes().toString().contains("film.m4a was not sent by the stage upload: "),
                    job.notes()::toString);
            assertEquals(List.of(), steps(job, "upload"));
        }
    }
}
