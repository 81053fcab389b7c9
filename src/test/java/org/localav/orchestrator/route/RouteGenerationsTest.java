package org.localav.orchestrator.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.route.Routes.route;
import static org.localav.orchestrator.route.Routes.says;
import static org.localav.orchestrator.route.Routes.write;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.service.ServiceSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.route.ReloadReport.Loaded;
import org.localav.orchestrator.route.ReloadReport.Rejected;
import org.localav.orchestrator.spec.InvalidSpecException;

@Timeout(60)
class RouteGenerationsTest {
    @TempDir
    Path folder;

    private final BlockingQueue<ReloadReport> reports = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> closed = new LinkedBlockingQueue<>();
    private final Gate gate = new Gate();
    private final ExecutorService jobs = Executors.newCachedThreadPool();
    private RouteGenerations routes;

    /** A bean that holds a job inside a route until the test lets it go on. */
    public static final class Gate {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch open = new CountDownLatch(1);

        public void pass() throws InterruptedException {
            entered.countDown();
            open.await();
        }
    }

    @BeforeEach
    void onASmallFolder() {
        write(folder, "job.camel.yaml", route("job", "- to: {uri: \"direct:mux\"}"));
        write(folder, "stage-mux.camel.yaml", says("mux", "first"));
        routes = new RouteGenerations(folder, this::prepare, reports::add);
    }

    @AfterEach
    void close() {
        routes.close();
        gate.open.countDown();
        jobs.shutdownNow();
    }

    private void prepare(CamelContext context) {
        context.getRegistry().bind("gate", gate);
        Properties settings = new Properties();
        settings.setProperty("greeting", "from the settings");
        context.getPropertiesComponent().setInitialProperties(settings);
        context.addLifecycleStrategy(new LifecycleStrategySupport() {
            @Override
            public void onContextStopped(CamelContext stopped) {
                closed.add(stopped.getName());
            }
        });
    }

    private String runJob() {
        try (Lease lease = routes.lease()) {
            return lease.template().requestBody("direct:job", "", String.class);
        }
    }

    @Test
    void runsTheJobThroughTheRoutesOfTheFolder() throws Exception {
        routes.start();

        assertEquals("first", runJob());
    }

    @Test
    void givesTheNextJobAnEditedRoute() throws Exception {
        routes.start();
        write(folder, "stage-mux.camel.yaml", says("mux", "second"));

        Optional<ReloadReport> report = routes.reloadNow();

        assertEquals(Optional.of(new Loaded(2, List.of("stage-mux.camel.yaml"))), report);
        assertEquals("second", runJob());
    }

    @Test
    void addsARouteInANewSubFolder() throws Exception {
        routes.start();
        write(folder, "ours/deep/extra.camel.yaml", says("extra", "from below"));

        Optional<ReloadReport> report = routes.reloadNow();

        assertEquals(Optional.of(new Loaded(2, List.of("ours/deep/extra.camel.yaml"))), report);
        try (Lease lease = routes.lease()) {
            assertEquals("from below", lease.template().requestBody("direct:extra", "", String.class));
        }
    }

    @Test
    void forgetsTheRouteOfADeletedFile() throws Exception {
        write(folder, "extra.camel.yaml", says("extra", "here"));
        routes.start();
        Files.delete(folder.resolve("extra.camel.yaml"));

        Optional<ReloadReport> report = routes.reloadNow();

        assertEquals(Optional.of(new Loaded(2, List.of("extra.camel.yaml"))), report);
        try (Lease lease = routes.lease()) {
            assertEquals(Set.of("job", "mux"), ids(lease.context()));
        }
    }

    @Test
    void followsARenamedFile() throws Exception {
        routes.start();
        Files.move(folder.resolve("stage-mux.camel.yaml"), folder.resolve("mux.camel.yaml"));

        Optional<ReloadReport> report = routes.reloadNow();

        assertEquals(Optional.of(new Loaded(2, List.of("mux.camel.yaml", "stage-mux.camel.yaml"))), report);
        assertEquals("first", runJob());
    }

    @Test
    void keepsTheLastGoodRoutesWhenAnEditIsNoYaml() throws Exception {
        routes.start();
        write(
                folder,
                "stage-mux.camel.yaml",
                "- route:\n    id: mux\n    from: {uri: \"direct:mux\"\n      steps: []\n");

        Optional<ReloadReport> report = routes.reloadNow();

        String sentence = onlySentence(report);
        assertTrue(sentence.startsWith(folder.resolve("stage-mux.camel.yaml") + ":4:7: is no YAML: "), sentence);
        assertEquals("first", runJob());
        assertEquals(
                new RouteGenerations.Status(1, List.of("job.camel.yaml", "stage-mux.camel.yaml"), 1, List.of(sentence)),
                routes.status());
    }

    @Test
    void keepsTheLastGoodRoutesWhenAnEditNamesAnUnknownComponent() throws Exception {
        routes.start();
        write(folder, "stage-mux.camel.yaml", route("mux", "- to: {uri: \"exek:ffmpeg\"}"));

        Optional<ReloadReport> report = routes.reloadNow();

        assertEquals(
                folder.resolve("stage-mux.camel.yaml")
                        + ":7:21: route 'mux': no component 'exek'; did you mean 'exec'?",
                onlySentence(report));
        assertEquals("first", runJob());
    }

    @Test
    void takesTheMendedFileAfterABrokenOne() throws Exception {
        routes.start();
        write(folder, "stage-mux.camel.yaml", "mux");
        routes.reloadNow();
        write(folder, "stage-mux.camel.yaml", says("mux", "mended"));

        Optional<ReloadReport> report = routes.reloadNow();

        assertEquals(Optional.of(new Loaded(2, List.of("stage-mux.camel.yaml"))), report);
        assertEquals("mended", runJob());
        assertEquals(List.of(), routes.status().rejected());
    }

    @Test
    void callsAnEditTakenBackNoChange() throws Exception {
        routes.start();
        String good = Files.readString(folder.resolve("stage-mux.camel.yaml"));
        write(folder, "stage-mux.camel.yaml", "mux");
        routes.reloadNow();
        write(folder, "stage-mux.camel.yaml", good);

        Optional<ReloadReport> report = routes.reloadNow();

        assertEquals(Optional.empty(), report);
        assertEquals(List.of(), routes.status().rejected());
    }

    @Test
    void refusesAnEmptiedFolder() throws Exception {
        routes.start();
        Files.delete(folder.resolve("job.camel.yaml"));
        Files.delete(folder.resolve("stage-mux.camel.yaml"));

        Optional<ReloadReport> report = routes.reloadNow();

        assertEquals(folder + ": holds no routes of a job; they are files named *.camel.yaml", onlySentence(report));
        assertEquals("first", runJob());
    }

    @Test
    void refusesAFolderThatIsGone() throws Exception {
        routes.start();
        Files.delete(folder.resolve("job.camel.yaml"));
        Files.delete(folder.resolve("stage-mux.camel.yaml"));
        Files.delete(folder);

        Optional<ReloadReport> report = routes.reloadNow();

        assertEquals(folder + ": there is no such folder of routes", onlySentence(report));
        assertEquals("first", runJob());
    }

    @Test
    void leavesDoorsAlone() throws Exception {
        routes.start();
        write(folder, "intake-inbox.camel.yaml", route("inbox", "- to: {uri: \"nosuch:x\"}"));
        write(folder, "speech-server.camel.yaml", "no list");

        Optional<ReloadReport> report = routes.reloadNow();

        assertEquals(Optional.empty(), report);
    }

    @Test
    void failsToStartOnBrokenRoutesWithTheirPlaces() {
        write(folder, "stage-mux.camel.yaml", route("mux", "- to: {uri: \"direct:mox\"}"));
        write(folder, "mix.camel.yaml", says("mix", "x"));

        InvalidSpecException refused = assertThrows(InvalidSpecException.class, routes::start);

        assertEquals(
                folder.resolve("stage-mux.camel.yaml")
                        + ":7:21: no route begins with 'direct:mox'; did you mean 'mix'?",
                refused.getMessage());
        assertThrows(IllegalStateException.class, routes::lease);
    }

    @Test
    void readsSettingsInPlaceholders() throws Exception {
        write(folder, "stage-mux.camel.yaml", says("mux", "{{greeting}}"));
        routes.start();

        assertEquals("from the settings", runJob());
    }

    @Test
    void endsARunningJobOnTheRoutesItBeganWith() throws Exception {
        write(
                folder,
                "job.camel.yaml",
                route("job", "- bean: {ref: gate, method: pass}", "- to: {uri: \"direct:mux\"}"));
        routes.start();
        Future<String> running = jobs.submit(this::runJob);
        gate.entered.await();
        write(folder, "job.camel.yaml", route("job", "- to: {uri: \"direct:mux\"}"));
        write(folder, "stage-mux.camel.yaml", says("mux", "second"));

        routes.reloadNow();

        assertEquals("second", runJob());
        assertFalse(running.isDone());
        assertEquals(2, routes.status().open());
        assertEquals(List.of(), List.copyOf(closed));
        gate.open.countDown();
        assertEquals("first", running.get());
        assertEquals("jobs-1", closed.take());
    }

    @Test
    void closesTheOldRoutesOnlyWithTheLastOfTheirJobs() throws Exception {
        routes.start();
        Lease one = routes.lease();
        Lease two = routes.lease();
        write(folder, "stage-mux.camel.yaml", says("mux", "second"));
        routes.reloadNow();

        one.close();
        one.close();

        assertEquals("first", two.template().requestBody("direct:job", "", String.class));
        two.close();
        assertEquals("jobs-1", closed.take());
        assertEquals("second", runJob());
    }

    @Test
    void closesAtOnceWhenNoJobHoldsTheRoutes() throws Exception {
        routes.start();

        routes.close();

        assertEquals("jobs-1", closed.poll());
        assertThrows(IllegalStateException.class, routes::lease);
    }

    @Test
    void letsTheLastJobEndWhenTheProgramCloses() throws Exception {
        routes.start();
        Lease lease = routes.lease();

        routes.close();

        assertEquals("first", lease.template().requestBody("direct:job", "", String.class));
        lease.close();
        assertEquals("jobs-1", closed.take());
    }

    @Test
    void takesAFileSavedBesideAndRenamedOver() throws Exception {
        routes.start();
        routes.watch(Duration.ofMillis(10));
        Path swap = write(folder, ".stage-mux.camel.yaml.swp", "half");
        write(folder, "stage-mux.camel.yaml~", says("mux", "backup"));
        write(folder, ".#stage-mux.camel.yaml", says("mux", "lock"));
        Path beside = write(folder, "4913", says("mux", "second"));

        Files.move(beside, folder.resolve("stage-mux.camel.yaml"), StandardCopyOption.ATOMIC_MOVE);
        Files.delete(swap);

        assertEquals(new Loaded(2, List.of("stage-mux.camel.yaml")), reports.take());
        assertEquals("second", runJob());
    }

    @Test
    void reportsABrokenFileOnceWhileItStaysBroken() throws Exception {
        routes.start();
        write(folder, "stage-mux.camel.yaml", "mux");

        for (int looks = 0; looks < 5; looks++) {
            routes.look();
        }

        assertEquals(1, reports.size());
        assertInstanceOf(Rejected.class, reports.take());
    }

    @Test
    void reportsTheSameMistakeAgainWhenItIsMadeAgain() throws Exception {
        routes.start();
        String good = Files.readString(folder.resolve("stage-mux.camel.yaml"));

        for (String text : List.of("mux", good, "mux")) {
            write(folder, "stage-mux.camel.yaml", text);
            routes.look();
            routes.look();
        }

        assertEquals(2, reports.size());
    }

    @Test
    void waitsForAFileThatIsStillBeingWritten() throws Exception {
        routes.start();
        String whole = says("mux", "second") + says("more", "x");

        for (String sofar : List.of("", whole.substring(0, whole.length() / 2), whole)) {
            write(folder, "stage-mux.camel.yaml", sofar);
            routes.look();
        }
        assertEquals(0, reports.size());
        routes.look();

        assertEquals(new Loaded(2, List.of("stage-mux.camel.yaml")), reports.poll());
    }

    @Test
    void refusesABeanThatAGenerationWouldStop() {
        class Stoppable extends ServiceSupport {}
        Stoppable shared = new Stoppable();
        RouteGenerations bad =
                new RouteGenerations(folder, context -> context.getRegistry().bind("player", shared), reports::add);

        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, bad::start);

        assertTrue(refused.getMessage().startsWith("bean 'player' ("), refused.getMessage());
    }

    /** Stands for every bean that has an end of its own. */
    public static final class Closable implements AutoCloseable {
        final AtomicBoolean closed = new AtomicBoolean();

        public void work() {}

        @Override
        public void close() {
            closed.set(true);
        }
    }

    @Test
    void leavesSharedBeansRunningWhenAGenerationCloses() throws Exception {
        Closable shared = new Closable();
        ExecutorService pool = Executors.newSingleThreadExecutor();
        write(
                folder,
                "stage-mux.camel.yaml",
                route(
                        "mux",
                        "- bean: {ref: shared, method: work}",
                        "- to: {uri: \"bean:shared\", parameters: {method: work}}",
                        "- multicast: {parallelProcessing: true, executorService: \"#pool\", steps: [{log: {message: x}}]}"));
        try (RouteGenerations sharing = new RouteGenerations(
                folder,
                context -> {
                    prepare(context);
                    context.getRegistry().bind("shared", shared);
                    context.getRegistry().bind("pool", pool);
                },
                reports::add)) {
            sharing.start();
            try (Lease lease = sharing.lease()) {
                lease.template().requestBody("direct:job", "");
            }
            write(folder, "job.camel.yaml", route("job", "- to: {uri: \"direct:mux\"}", "- log: {message: again}"));

            sharing.reloadNow();

            assertEquals("jobs-1", closed.take());
            assertFalse(shared.closed.get());
            assertFalse(pool.isShutdown());
            try (Lease lease = sharing.lease()) {
                lease.template().requestBody("direct:job", "");
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void losesNoJobAndLeaksNothingInFiftyEditsUnderLoad() throws Exception {
        routes.start();
        runJob();
        AtomicBoolean more = new AtomicBoolean(true);
        AtomicInteger done = new AtomicInteger();
        Future<?> load = jobs.submit(() -> {
            while (more.get()) {
                String said = runJob();
                assertTrue(said.startsWith("edit ") || said.equals("first"), said);
                done.incrementAndGet();
            }
        });
        edit(1);
        Set<String> threads = threads();
        long files = openFiles();

        for (int n = 2; n <= 51; n++) {
            edit(n);
        }

        more.set(false);
        load.get();
        assertEquals("edit 51", runJob());
        assertTrue(done.get() > 50, "only " + done + " jobs ran");
        assertEquals(1, routes.status().open());
        assertEquals(threads, threads());
        assertTrue(openFiles() <= files + 2, files + " files open before, " + openFiles() + " after");
    }

    private void edit(int n) throws InterruptedException {
        write(folder, "stage-mux.camel.yaml", says("mux", "edit " + n));
        assertEquals(Optional.of(new Loaded(n + 1, List.of("stage-mux.camel.yaml"))), routes.reloadNow());
        assertEquals("jobs-" + n, closed.poll(20, TimeUnit.SECONDS));
    }

    /** Ours and Camel's; those that are about to end with an old generation get the time to. */
    private static Set<String> threads() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("avo-routes-closing")
                    || thread.getName().endsWith("ShutdownTask")) {
                thread.join(10_000);
            }
        }
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread ->
                        thread.getName().startsWith("avo-") || thread.getName().contains("Camel"))
                .map(Thread::getName)
                .collect(Collectors.toSet());
    }

    private static long openFiles() throws Exception {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private static Set<String> ids(CamelContext context) {
        return context.getRoutes().stream().map(r -> r.getId()).collect(Collectors.toSet());
    }

    private static String onlySentence(Optional<ReloadReport> report) {
        List<String> sentences =
                assertInstanceOf(Rejected.class, report.orElseThrow()).sentences();
        assertEquals(1, sentences.size(), sentences::toString);
        return sentences.get(0);
    }
}
