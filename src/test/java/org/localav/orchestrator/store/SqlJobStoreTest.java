package org.localav.orchestrator.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.store.Jobbing.ANY;
import static org.localav.orchestrator.store.Jobbing.NOW;
import static org.localav.orchestrator.store.Jobbing.ending;
import static org.localav.orchestrator.store.Jobbing.job;
import static org.localav.orchestrator.store.Jobbing.keyed;
import static org.localav.orchestrator.store.Jobbing.message;
import static org.localav.orchestrator.store.Jobbing.stage;
import static org.localav.orchestrator.store.Jobbing.tagged;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.job.JobStatus;

@Timeout(60)
class SqlJobStoreTest {
    private static final Duration LEASE = Duration.ofMinutes(1);

    @TempDir
    Path state;

    private SqlJobStore store;

    @BeforeEach
    void given() throws Exception {
        store = open();
    }

    SqlJobStore open() throws Exception {
        return SqlJobStore.open(state);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void accept(NewJob... jobs) {
        for (NewJob job : jobs) {
            assertInstanceOf(Acceptance.Accepted.class, store.accept(job));
        }
    }

    private Claim claim() {
        return store.claim("node-1", "run-1", ANY).orElseThrow();
    }

    private NodeStore.Node node(String name) {
        return new NodeStore.Node(name, "first of " + name, 1, "{}");
    }

    private Joining join(String name, Duration lease) {
        return store.nodes().join(node(name), lease, Farewell.SILENT);
    }

    private Claim running(String id) {
        accept(job(id));
        return claim();
    }

    private void end(String id, JobStatus status, OutboxMessage... messages) {
        Claim claim = running(id);
        assertEquals(id, claim.job().id());
        assertTrue(store.end(id, claim.token(), ending(status, messages)));
    }

    private JobRow row(String id) {
        return store.find(id).orElseThrow();
    }

    private List<String> ids(JobQuery query) {
        return store.list(query).stream().map(JobRow::id).toList();
    }

    private List<String> happened(String id) {
        return store.events(Optional.of(id), 0, 100).stream().map(Event::type).toList();
    }

    private void reopen() throws Exception {
        store.close();
        store = open();
    }

    private static <T> List<T> atOnce(int threads, Callable<T> task) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CyclicBarrier start = new CyclicBarrier(threads);
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                futures.add(pool.submit(() -> {
                    start.await();
                    return task.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }

    @Nested
    class Accepting {
        @Test
        void keepsAllOfAJobOverARestart() throws Exception {
            NewJob given = tagged("tour", Map.of("owner", "docs"));
            JobRow accepted = store.accept(given).job();

            reopen();

            assertEquals(Optional.of(accepted), store.find("tour"));
            assertEquals(Optional.of(given.spec()), store.spec("tour"));
            assertEquals("tour", accepted.id());
            assertEquals(1, accepted.number());
            assertEquals(JobStatus.QUEUED, accepted.status());
            assertEquals(5, accepted.priority());
            assertEquals(Map.of("owner", "docs"), accepted.tags());
            assertEquals(Optional.of("Title of tour"), accepted.title());
            assertEquals("inbox", accepted.origin());
            assertEquals("job.yaml", accepted.specName());
            assertEquals(Path.of("/media/tour"), accepted.folder());
            assertTrue(accepted.overwrite());
            assertEquals(NOW, accepted.createdAt());
            assertEquals(List.of("accepted"), happened("tour"));
        }

        @Test
        void refusesAnIdThatIsTaken() {
            accept(job("tour"));

            Acceptance again = store.accept(job("tour"));

            assertEquals(new Acceptance.IdTaken(row("tour")), again);
            assertEquals(1, store.counts().get(JobStatus.QUEUED));
        }

        @Test
        void givesTheJobOfThenWhenAKeyIsRepeated() {
            accept(keyed("a", "http:1", "f"));

            Acceptance again = store.accept(keyed("b", "http:1", "f"));

            assertEquals(new Acceptance.Repeated(row("a")), again);
            assertEquals(Optional.empty(), store.find("b"));
        }

        @Test
        void refusesAKeyThatWasUsedForSomethingElse() {
            accept(keyed("a", "http:1", "f"));

            Acceptance other = store.accept(keyed("b", "http:1", "g"));

            assertEquals(new Acceptance.KeyReused(row("a")), other);
            assertEquals(Optional.empty(), store.find("b"));
        }

        @Test
        void forgetsAKeyAfterSevenDays() {
            accept(keyed("a", "http:1", "f"));
            Instant late = NOW.plus(JobStore.KEYS_KEPT).plusMillis(1);

            accept(keyed("b", "http:1", "g", late));

            assertEquals(new Acceptance.Repeated(row("b")), store.accept(keyed("c", "http:1", "g", late)));
        }

        @Test
        void tellsExactlyOneOfManyAtOnceThatItsJobIsNew() throws Exception {
            List<Acceptance> answers = atOnce(16, () -> store.accept(keyed("a", "http:1", "f")));

            assertEquals(
                    1,
                    answers.stream()
                            .filter(Acceptance.Accepted.class::isInstance)
                            .count());
            assertEquals(
                    15,
                    answers.stream()
                            .filter(Acceptance.Repeated.class::isInstance)
                            .count());
            assertEquals(List.of("accepted"), happened("a"));
        }

        @Test
        void tellsExactlyOneOfManyAtOnceThatItsIdIsFree() throws Exception {
            List<Acceptance> answers = atOnce(16, () -> store.accept(job("a")));

            assertEquals(
                    1,
                    answers.stream()
                            .filter(Acceptance.Accepted.class::isInstance)
                            .count());
            assertEquals(1, store.counts().get(JobStatus.QUEUED));
        }
    }

    @Nested
    class Claiming {
        @Test
        void takesTheHighestPriorityFirstThenTheOldest() {
            accept(job("a", 5), job("b", 9, "gpu"), job("c", 5, "gpu"), job("d", 9), job("e", 0));

            List<String> order =
                    IntStream.range(0, 5).mapToObj(i -> claim().job().id()).toList();

            assertEquals(List.of("b", "d", "a", "c", "e"), order);
            assertEquals(Optional.empty(), store.claim("node-1", "run-1", ANY));
        }

        @Test
        void makesTheJobRunning() {
            accept(job("a"));

            Claim claim = store.claim("node-1", "run-7", ANY).orElseThrow();

            assertEquals(row("a"), claim.job());
            assertEquals("version: 1\n# a", claim.spec());
            assertEquals(JobStatus.RUNNING, claim.job().status());
            assertEquals(Optional.of("node-1"), claim.job().owner());
            assertEquals(Optional.of("run-7"), claim.job().run());
            assertEquals(1, claim.job().runs());
            assertTrue(claim.job().startedAt().isPresent());
            assertEquals(List.of("accepted", "started"), happened("a"));
        }

        @Test
        void skipsJobsWhoseLabelsDoNotFitAndKeepsWhy() {
            accept(job("a", 9, "gpu"), job("b", 9, "gpu", "cuda"), job("c", 1, "cpu"));
            Function<List<String>, Optional<String>> cpu =
                    labels -> labels.equals(List.of("cpu")) ? Optional.empty() : Optional.of("waits for " + labels);

            Claim claim = store.claim("node-1", "run-1", cpu).orElseThrow();
            Optional<Claim> next = store.claim("node-1", "run-2", cpu);

            assertEquals("c", claim.job().id());
            assertEquals(Optional.empty(), next);
            assertEquals(Optional.of("waits for [gpu]"), row("a").waiting());
            assertEquals(Optional.of("waits for [cuda, gpu]"), row("b").waiting());
            assertEquals(List.of("accepted", "waiting"), happened("a"));
        }

        @Test
        void tellsAgainWhyAJobWaitsOnlyWhenThatChanges() {
            accept(job("a", 5, "gpu"));
            store.claim("node-1", "run-1", labels -> Optional.of("no gpu"));
            long version = row("a").version();

            store.claim("node-1", "run-2", labels -> Optional.of("no gpu"));
            assertEquals(version, row("a").version());
            store.claim("node-1", "run-3", labels -> Optional.of("a gpu, but no driver"));

            assertEquals(Optional.of("a gpu, but no driver"), row("a").waiting());
            assertEquals(List.of("accepted", "waiting", "waiting"), happened("a"));
        }

        @Test
        void takesBackWhyAJobWaitsOnceItFits() {
            accept(job("a", 5, "gpu"), job("b", 5, "gpu"));
            store.claim("node-1", "run-1", labels -> Optional.of("no gpu"));

            claim();

            assertEquals(Optional.empty(), row("a").waiting());
            assertEquals(Optional.empty(), row("b").waiting());
            assertEquals(JobStatus.QUEUED, row("b").status());
        }

        @Test
        void tellsEveryOneOfManyWhyItWaits() {
            int jobs = Queue.TOLD_AT_ONCE * 2 + 1;
            IntStream.range(0, jobs).forEach(i -> accept(job("j" + i, 5, "gpu")));

            store.claim("node-1", "run-1", labels -> Optional.of("no gpu"));

            assertEquals(
                    jobs,
                    store.list(new JobQuery(Set.of(), Map.of(), OptionalLong.empty(), jobs)).stream()
                            .filter(job -> job.waiting().isPresent())
                            .count());
        }

        @Test
        void givesNoJobToTwoOfEightClaimers() throws Exception {
            IntStream.range(0, 400).forEach(i -> accept(job("j" + i, i % 10, i % 3 == 0 ? "cpu" : "any")));

            List<String> taken = Collections.synchronizedList(new ArrayList<>());
            atOnce(8, () -> {
                Optional<Claim> claim = store.claim(Thread.currentThread().getName(), "run", ANY);
                while (claim.isPresent()) {
                    taken.add(claim.get().job().id());
                    claim = store.claim(Thread.currentThread().getName(), "run", ANY);
                }
                return null;
            });

            assertEquals(400, taken.size());
            assertEquals(400, Set.copyOf(taken).size());
        }
    }

    @Nested
    class Running {
        @Test
        void keepsStagesInTheOrderOfThePath() {
            Claim claim = running("a");

            store.stage("a", claim.token(), stage(claim, "my_own", "running", 1, null));
            store.stage("a", claim.token(), stage(claim, "video_concat", "running", 1, null));
            store.stage("a", claim.token(), stage(claim, "tts", "running", 1, null));
            store.stage("a", claim.token(), stage(claim, "tts", "succeeded", 1, null));

            assertEquals(
                    List.of(
                            stage(claim, "tts", "succeeded", 1, null),
                            stage(claim, "video_concat", "running", 1, null),
                            stage(claim, "my_own", "running", 1, null)),
                    store.stages("a"));
            assertEquals(List.of("accepted", "started", "stage", "stage", "stage", "stage"), happened("a"));
        }

        @Test
        void keepsEachFailedAttemptWithItsError() {
            Claim claim = running("a");

            store.stage("a", claim.token(), stage(claim, "tts", "running", 1, null));
            store.stage("a", claim.token(), stage(claim, "tts", "retrying", 2, "refused"));
            store.stage("a", claim.token(), stage(claim, "tts", "running", 2, "refused"));
            store.stage("a", claim.token(), stage(claim, "tts", "retrying", 3, "cut off"));
            store.stage("a", claim.token(), stage(claim, "tts", "succeeded", 3, null));

            List<String> attempts = store.attempts("a").stream()
                    .map(a -> a.run() + " " + a.stage() + " " + a.attempt() + " " + a.status() + " "
                            + a.error().orElse("-"))
                    .toList();
            assertEquals(
                    List.of("run-1 tts 1 failed refused", "run-1 tts 2 failed cut off", "run-1 tts 3 succeeded -"),
                    attempts);
        }

        @Test
        void showsTheStagesOfTheLatestRunAndTheAttemptsOfAll() {
            Claim first = running("a");
            store.stage("a", first.token(), stage(first, "prepare", "failed", 1, "no such file"));
            store.end("a", first.token(), ending(JobStatus.FAILED));
            store.retry("a");
            assertEquals(List.of(stage(first, "prepare", "failed", 1, "no such file")), store.stages("a"));

            Claim second = store.claim("node-1", "run-2", ANY).orElseThrow();
            store.stage("a", second.token(), stage(second, "prepare", "running", 1, null));

            assertEquals(List.of(stage(second, "prepare", "running", 1, null)), store.stages("a"));
            assertEquals(
                    List.of("run-1", "run-2"),
                    store.attempts("a").stream().map(Attempt::run).toList());
        }

        @Test
        void endsWithReportErrorAndMessages() {
            OutboxMessage message = message("msg_1", "a", "https://ci.example/hook");

            end("a", JobStatus.FAILED, message);

            JobRow ended = row("a");
            assertEquals(JobStatus.FAILED, ended.status());
            assertEquals(Optional.of("ffmpeg ended with 1"), ended.error());
            assertEquals(Optional.of("error"), ended.reason());
            assertEquals(Optional.empty(), ended.owner());
            assertTrue(ended.endedAt().isPresent());
            assertEquals(Optional.of("{\"status\":\"failed\"}"), store.report("a"));
            assertEquals(List.of(message), store.messages("a"));
            assertEquals(List.of("accepted", "started", "failed"), happened("a"));
        }

        @Test
        void changesNothingForAStaleToken() {
            Claim stale = running("a");
            store.release("a", stale.token(), Farewell.SILENT);
            Claim current = claim();
            JobRow before = row("a");
            List<String> events = happened("a");

            assertFalse(store.stage("a", stale.token(), stage(stale, "tts", "running", 1, null)));
            assertFalse(store.end("a", stale.token(), ending(JobStatus.SUCCEEDED)));
            assertFalse(store.announce("a", stale.token(), "moves"));
            assertFalse(store.holds("a", stale.token()));
            assertFalse(store.release("a", stale.token(), Farewell.SILENT));

            assertEquals(before, row("a"));
            assertEquals(events, happened("a"));
            assertEquals(List.of(), store.stages("a"));
            assertTrue(store.end("a", current.token(), ending(JobStatus.SUCCEEDED)));
            assertFalse(store.end("a", current.token(), ending(JobStatus.FAILED)));
        }

        @Test
        void growsTheVersionWithEveryChange() {
            Claim claim = running("a");
            long started = row("a").version();
            store.stage("a", claim.token(), stage(claim, "tts", "running", 1, null));
            long staged = row("a").version();
            store.cancel("a", Farewell.SILENT);
            long cancelling = row("a").version();
            store.end("a", claim.token(), ending(JobStatus.CANCELLED));

            assertTrue(started < staged && staged < cancelling && cancelling < row("a").version());
        }
    }

    @Nested
    class GivingBack {
        @Test
        void aReleasedJobHasItsOldPlace() {
            accept(job("a"), job("b"));
            Claim claim = claim();
            store.stage("a", claim.token(), stage(claim, "tts", "running", 1, null));

            assertTrue(store.release("a", claim.token(), Farewell.SILENT));

            assertEquals(JobStatus.QUEUED, row("a").status());
            assertEquals(Optional.empty(), row("a").owner());
            assertEquals("cancelled", store.stages("a").get(0).status());
            assertEquals(List.of("accepted", "started", "stage", "requeued"), happened("a"));
            Claim again = claim();
            assertEquals("a", again.job().id());
            assertEquals(2, again.job().runs());
        }

        @Test
        void aReleasedJobThatWasAskedToEndIsCancelled() {
            Claim claim = running("a");
            store.cancel("a", Farewell.SILENT);

            assertTrue(store.release("a", claim.token(), Farewell.SILENT));

            assertEquals(JobStatus.CANCELLED, row("a").status());
        }

        @Test
        void recoversTheJobsOfADeadOwnerAlone() {
            join("alive", LEASE);
            accept(job("a"), job("b"), job("c"));
            store.claim("dead", "run-1", ANY);
            store.claim("dead", "run-2", ANY);
            store.claim("alive", "run-3", ANY);
            store.cancel("b", Farewell.SILENT);

            List<String> queued = store.nodes().bury(Farewell.SILENT);

            assertEquals(List.of("a"), queued);
            assertEquals(JobStatus.QUEUED, row("a").status());
            assertEquals(JobStatus.CANCELLED, row("b").status());
            assertFalse(row("b").cancelling());
            assertEquals(JobStatus.RUNNING, row("c").status());
        }
    }

    @Nested
    class TakingOver {
        private static final String MOVES = "[{\"target\":\"/out/a\"}]";

        @Test
        void givesTheNextRunWhatTheLastOneWasAboutToPutInPlace() {
            Claim first = running("a");
            assertEquals(Optional.empty(), first.publication());
            assertTrue(store.holds("a", first.token()));

            assertTrue(store.announce("a", first.token(), "[]"));
            assertTrue(store.announce("a", first.token(), MOVES));
            store.release("a", first.token(), Farewell.SILENT);

            Claim second = claim();
            assertEquals(Optional.of(MOVES), second.publication());
            assertFalse(store.holds("a", first.token()));
            assertFalse(store.announce("a", first.token(), "[]"));
        }

        @Test
        void forgetsItWithTheEndOfTheRun() {
            Claim first = running("a");
            store.announce("a", first.token(), MOVES);

            store.end("a", first.token(), ending(JobStatus.FAILED));
            store.retry("a");

            assertEquals(Optional.empty(), claim().publication());
        }

        @Test
        void aJobWithSomethingInPlaceIsCancelledOnlyByARunThatUndoesIt() {
            Claim first = running("a");
            store.announce("a", first.token(), MOVES);
            store.release("a", first.token(), Farewell.SILENT);

            JobRow asked = store.cancel("a", Farewell.SILENT).orElseThrow();
            assertEquals(JobStatus.QUEUED, asked.status());
            Claim second = claim();
            assertTrue(second.job().cancelling());
            store.release("a", second.token(), Farewell.SILENT);

            assertEquals(JobStatus.QUEUED, row("a").status());
            assertEquals(Optional.of(MOVES), claim().publication());
        }
    }

    @Nested
    class Nodes {
        @Test
        void areListedWithWhatTheyDo() {
            join("here", LEASE);
            accept(job("a"), job("b"));
            store.claim("here", "run-1", ANY);
            store.claim("there", "run-2", ANY);

            NodeRow node = store.nodes().list().get(0);

            assertEquals("here", node.name());
            assertTrue(node.alive());
            assertFalse(node.draining());
            assertEquals(1, node.running());
            assertEquals("{}", node.about());
        }

        @Test
        void startNoJobWhileTheyDrainAndStayKnownWhenTheyEnd() {
            join("here", LEASE);
            accept(job("a"));

            assertTrue(store.nodes().drain("here", true));
            assertEquals(Optional.empty(), store.claim("here", "run-1", ANY));
            assertEquals(Optional.of(true), store.nodes().renew(node("here"), LEASE));
            store.nodes().leave(node("here"));

            assertFalse(store.nodes().list().get(0).alive());
            assertEquals(new Joining.Joined(List.of(), true), join("here", LEASE));
            assertTrue(store.nodes().drain("here", false));
            assertTrue(store.claim("here", "run-1", ANY).isPresent());
            assertFalse(store.nodes().drain("elsewhere", true));
        }

        @Test
        void areGoneWhenTheyEnd() {
            join("here", LEASE);

            store.nodes().leave(node("here"));

            assertEquals(List.of(), store.nodes().list());
        }

        @Test
        void giveBackWhatAnEarlierProcessOfTheirNameWasRunning() {
            running("a");

            Joining joining = join("node-1", LEASE);

            assertEquals(new Joining.Joined(List.of("a"), false), joining);
            assertEquals(JobStatus.QUEUED, row("a").status());
        }

        @Test
        void giveBackWhatTheyDoNotKnowOf() {
            accept(job("a"), job("b"), job("c"));
            String known = store.claim("here", "run-1", ANY).orElseThrow().token();
            store.claim("here", "run-2", ANY);
            store.claim("there", "run-3", ANY);

            List<String> strays = store.nodes().giveBackAllBut("here", Set.of(known), Farewell.SILENT);

            assertEquals(List.of("b"), strays);
            assertEquals(JobStatus.RUNNING, row("a").status());
            assertEquals(JobStatus.RUNNING, row("c").status());
        }

        @Test
        void learnWhichOfTheirJobsWereAskedToEnd() {
            accept(job("a"), job("b"));
            claim();
            store.claim("there", "run-2", ANY);
            store.cancel("a", Farewell.SILENT);
            store.cancel("b", Farewell.SILENT);

            assertEquals(List.of("a"), store.nodes().cancelling("node-1"));
        }
    }

    @Test
    void countsWhatWaitsForTheSame() {
        accept(job("a", 5), job("b", 4), job("c", 9, "gpu"), job("d", 0, "gpu", "cpu"), job("e", 5));
        claim();

        assertEquals(
                Map.of(
                        new Bell.Line(List.of(), 1), 3,
                        new Bell.Line(List.of("cpu", "gpu"), 0), 1),
                store.lines());
    }

    @Nested
    class CancellingAndRetrying {
        @Test
        void aQueuedJobIsCancelledAtOnce() {
            accept(job("a"));

            JobRow cancelled = store.cancel("a", Farewell.SILENT).orElseThrow();

            assertEquals(JobStatus.CANCELLED, cancelled.status());
            assertTrue(cancelled.endedAt().isPresent());
            assertEquals(List.of("accepted", "cancelled"), happened("a"));
            assertEquals(Optional.empty(), store.claim("node-1", "run-1", ANY));
        }

        @Test
        void aRunningJobIsMarkedOnce() {
            running("a");

            JobRow first = store.cancel("a", Farewell.SILENT).orElseThrow();
            JobRow second = store.cancel("a", Farewell.SILENT).orElseThrow();

            assertEquals(JobStatus.RUNNING, first.status());
            assertTrue(first.cancelling());
            assertEquals(first, second);
            assertEquals(List.of("accepted", "started", "cancelling"), happened("a"));
        }

        @Test
        void anEndedJobStaysAsItIs() {
            end("a", JobStatus.SUCCEEDED);
            JobRow before = row("a");

            assertEquals(Optional.of(before), store.cancel("a", Farewell.SILENT));
            assertEquals(Optional.of(before), store.retry("a"));
        }

        @Test
        void aFailedJobIsQueuedAgain() {
            end("a", JobStatus.FAILED);

            JobRow again = store.retry("a").orElseThrow();

            assertEquals(JobStatus.QUEUED, again.status());
            assertEquals(Optional.empty(), again.error());
            assertEquals(Optional.empty(), again.reason());
            assertEquals(Optional.empty(), again.endedAt());
            assertEquals(Optional.of("{\"status\":\"failed\"}"), store.report("a"));
            assertEquals(List.of("accepted", "started", "failed", "retried"), happened("a"));
            assertEquals("a", claim().job().id());
        }

        @Test
        void aCancelledJobIsQueuedAgain() {
            accept(job("a"));
            store.cancel("a", Farewell.SILENT);

            assertEquals(JobStatus.QUEUED, store.retry("a").orElseThrow().status());
        }

        @Test
        void knowsNoJobThatThereIsNot() {
            assertEquals(Optional.empty(), store.cancel("a", Farewell.SILENT));
            assertEquals(Optional.empty(), store.retry("a"));
            assertEquals(Optional.empty(), store.find("a"));
            assertEquals(Optional.empty(), store.spec("a"));
            assertEquals(Optional.empty(), store.report("a"));
            assertEquals(List.of(), store.stages("a"));
            assertEquals(List.of(), store.events(Optional.of("a"), 0, 10));
        }
    }

    @Nested
    class Listing {
        private JobQuery query(Set<JobStatus> statuses, Map<String, String> tags, int limit) {
            return new JobQuery(statuses, tags, OptionalLong.empty(), limit);
        }

        @Test
        void listsTheNewestFirstAndGoesOnFromACursor() {
            accept(job("a"), job("b"), job("c"), job("d"));

            List<JobRow> page = store.list(query(Set.of(), Map.of(), 2));
            long cursor = page.get(1).number();

            assertEquals(List.of("d", "c"), page.stream().map(JobRow::id).toList());
            assertEquals(List.of("b", "a"), ids(new JobQuery(Set.of(), Map.of(), OptionalLong.of(cursor), 2)));
        }

        @Test
        void filtersByStatesAndTags() {
            end("z", JobStatus.FAILED);
            accept(
                    tagged("a", Map.of("project", "tour", "owner", "docs")),
                    tagged("b", Map.of("project", "tour")),
                    tagged("c", Map.of("project", "other", "owner", "docs")));
            store.cancel("b", Farewell.SILENT);

            assertEquals(List.of("b", "z"), ids(query(Set.of(JobStatus.FAILED, JobStatus.CANCELLED), Map.of(), 10)));
            assertEquals(List.of("b"), ids(query(Set.of(JobStatus.FAILED, JobStatus.CANCELLED), Map.of(), 1)));
            assertEquals(List.of("b", "a"), ids(query(Set.of(), Map.of("project", "tour"), 10)));
            assertEquals(List.of("a"), ids(query(Set.of(), Map.of("project", "tour", "owner", "docs"), 10)));
            assertEquals(List.of("a"), ids(query(Set.of(JobStatus.QUEUED), Map.of("project", "tour"), 10)));
        }

        @Test
        void countsEveryState() {
            end("a", JobStatus.SUCCEEDED);
            accept(job("b"), job("c"));

            assertEquals(
                    Map.of(
                            JobStatus.QUEUED, 2L,
                            JobStatus.RUNNING, 0L,
                            JobStatus.SUCCEEDED, 1L,
                            JobStatus.FAILED, 0L,
                            JobStatus.CANCELLED, 0L),
                    store.counts());
        }
    }

    @Nested
    class Prioritising {
        private JobQuery queue(OptionalLong cursor, int limit) {
            return new JobQuery(Set.of(), Map.of(), Optional.empty(), JobQuery.Order.QUEUE, cursor, limit);
        }

        @Test
        void letsAJobStartBeforeOthers() {
            accept(job("a"), job("b", 9), job("c"));

            JobRow raised = store.prioritise("c", Optional.of(5), 9).orElseThrow();

            assertEquals(9, raised.priority());
            assertEquals("priority", happened("c").get(1));
            assertEquals(List.of("b", "c", "a"), ids(queue(OptionalLong.empty(), 10)));
            assertEquals("b", claim().job().id());
            assertEquals("c", claim().job().id());
        }

        @Test
        void changesNothingThatHasChangedMeanwhileOrDoesNotWait() {
            accept(job("a"));

            assertEquals(
                    5, store.prioritise("a", Optional.of(4), 9).orElseThrow().priority());
            claim();
            assertEquals(
                    5, store.prioritise("a", Optional.empty(), 9).orElseThrow().priority());
            assertEquals(List.of("accepted", "started"), happened("a"));
            assertEquals(Optional.empty(), store.prioritise("none", Optional.empty(), 9));
        }

        @Test
        void listsTheQueuePageByPage() {
            IntStream.range(0, 30).forEach(i -> accept(job("j" + i, i % 3)));
            List<String> whole = ids(queue(OptionalLong.empty(), 100));

            List<String> paged = new ArrayList<>();
            OptionalLong cursor = OptionalLong.empty();
            List<JobRow> page = store.list(queue(cursor, 7));
            while (!page.isEmpty()) {
                page.forEach(job -> paged.add(job.id()));
                cursor = OptionalLong.of(queue(cursor, 7).cursor(page.get(page.size() - 1)));
                page = store.list(queue(cursor, 7));
            }

            assertEquals(List.of("j2", "j5", "j8"), whole.subList(0, 3));
            assertEquals(whole, paged);
        }

        @Test
        void findsTextInIdsAndTitlesAndTakesItAsItIs() {
            accept(job("tour_1"), job("tour-2"));

            assertEquals(List.of("tour_1"), ids(text("R_1")));
            assertEquals(List.of(), ids(text("%1")));
        }

        private JobQuery text(String text) {
            return new JobQuery(Set.of(), Map.of(), Optional.of(text), JobQuery.Order.NEWEST, OptionalLong.empty(), 10);
        }

        @Test
        void countsHowJobsEndedInSteps() {
            Instant from = Instant.now().minusSeconds(90);
            end("a", JobStatus.SUCCEEDED);
            end("b", JobStatus.SUCCEEDED);
            end("c", JobStatus.FAILED);

            List<Tally> tallies = store.tallies(from, Duration.ofMinutes(1));

            assertEquals(3, tallies.stream().mapToLong(Tally::jobs).sum());
            assertTrue(
                    tallies.stream().allMatch(t -> t.at().equals(from.truncatedTo(java.time.temporal.ChronoUnit.MILLIS)
                            .plusSeconds(60))),
                    tallies::toString);
            assertEquals(
                    2,
                    tallies.stream()
                            .filter(t -> t.status() == JobStatus.SUCCEEDED)
                            .mapToLong(Tally::jobs)
                            .sum());
            assertEquals(List.of(), store.tallies(Instant.now().plusSeconds(60), Duration.ofMinutes(1)));
        }
    }

    @Nested
    class Telling {
        @Test
        void givesEventsAfterANumberOfOneJobOrOfAll() {
            accept(job("a"), job("b"));
            store.happened("a", "note", "{\"text\":\"slow disk\"}");

            List<Event> all = store.events(Optional.empty(), 0, 10);

            assertEquals(List.of(1L, 2L, 3L), all.stream().map(Event::number).toList());
            assertEquals("{\"text\":\"slow disk\"}", all.get(2).data());
            assertEquals(all.subList(1, 2), store.events(Optional.empty(), 1, 1));
            assertEquals(List.of(all.get(2)), store.events(Optional.of("a"), 1, 10));
        }

        @Test
        void neverUsesTheNumberOfAForgottenEventAgain() throws Exception {
            end("a", JobStatus.SUCCEEDED);
            long last = store.events(Optional.empty(), 0, 10).get(2).number();
            store.prune(Instant.now().plusSeconds(1));
            reopen();

            JobRow next = store.accept(job("b")).job();

            assertEquals(last + 1, store.events(Optional.empty(), 0, 10).get(0).number());
            assertEquals(2, next.number());
        }

        @Test
        void remembersOverARestart() throws Exception {
            store.remember("queue.mode", "paused");
            store.remember("queue.mode", "running");
            reopen();

            assertEquals(Optional.of("running"), store.remembered("queue.mode"));
            assertEquals(Optional.empty(), store.remembered("else"));
        }
    }

    @Nested
    class Messages {
        private static final String URL = "https://ci.example/hook";

        private Delivery tried(OutboxMessage message, int attempt, Integer code, String error) {
            return new Delivery(
                    message.id(),
                    message.jobId(),
                    message.url(),
                    attempt,
                    NOW.plusSeconds(attempt),
                    12,
                    Optional.ofNullable(code),
                    Optional.ofNullable(error));
        }

        private OutboxMessage first(String id) {
            return store.messages(id).get(0);
        }

        @Test
        void areDueAtOnceAndAgainAtTheirNextTry() {
            OutboxMessage message = message("msg_1", "a", URL);
            end("a", JobStatus.SUCCEEDED, message);
            assertEquals(Optional.of(NOW), store.nextDue());
            assertEquals(List.of(message), store.due(NOW, Set.of(), 10));

            Instant next = NOW.plusSeconds(5);
            store.delivered(tried(message, 1, 500, null), "pending", next);

            assertEquals(List.of(), store.due(next.minusMillis(1), Set.of(), 10));
            assertEquals(Optional.of(next), store.nextDue());
            OutboxMessage later = store.due(next, Set.of(), 10).get(0);
            assertEquals(1, later.tries());
            assertEquals(next, later.nextTry());
        }

        @Test
        void comeInTheOrderTheyAreDue() {
            end("a", JobStatus.SUCCEEDED, message("msg_1", "a", URL), message("msg_2", "a", URL));
            store.delivered(tried(first("a"), 1, null, "refused"), "pending", NOW.plusSeconds(5));

            List<String> due = store.due(NOW.plusSeconds(9), Set.of(), 10).stream()
                    .map(OutboxMessage::id)
                    .toList();

            assertEquals(List.of("msg_2", "msg_1"), due);
            assertEquals(1, store.due(NOW.plusSeconds(9), Set.of(), 1).size());
        }

        @Test
        void leaveOutBusyReceivers() {
            end("a", JobStatus.SUCCEEDED, message("msg_1", "a", URL), message("msg_2", "a", "https://Other.example/x"));

            List<OutboxMessage> due = store.due(NOW, Set.of(first("a").receiver()), 10);

            assertEquals(List.of("msg_2"), due.stream().map(OutboxMessage::id).toList());
            assertEquals("https://other.example", due.get(0).receiver());
        }

        @Test
        void areLeftByARunningJob() {
            running("a");
            OutboxMessage message = message("msg_1", "a", URL);

            store.leave(message, "an earlier run");
            store.leave(message, "run-1");

            assertEquals(List.of(message), store.due(NOW, Set.of(), 10));
        }

        @Test
        void sayFarewellOfAJobThatIsCancelledInTheQueue() {
            store.accept(job("a"));

            store.cancel("a", (job, spec) -> List.of(message("msg_" + job.status() + spec.length(), "a", URL)));

            assertEquals("msg_QUEUED" + job("a").spec().length(), first("a").id());
        }

        @Test
        void sayFarewellOfACancelledJobWhoseOwnerDied() {
            store.accept(job("a"));
            store.claim("dead", "run-1", ANY);
            store.cancel("a", Farewell.SILENT);

            store.nodes().bury((job, spec) -> List.of(message("msg_1", "a", URL)));

            assertEquals("msg_1", first("a").id());
        }

        @Test
        void areDoneWhenDeliveredOrGivenUp() {
            end("a", JobStatus.SUCCEEDED, message("msg_1", "a", URL), message("msg_2", "a", URL));

            store.delivered(tried(message("msg_1", "a", URL), 1, 204, null), "delivered", NOW);
            store.delivered(tried(message("msg_2", "a", URL), 8, null, "no route"), "given_up", NOW);

            assertEquals(Optional.empty(), store.nextDue());
            assertEquals(
                    List.of("delivered", "given_up"),
                    store.messages("a").stream().map(OutboxMessage::status).toList());
        }

        @Test
        void toAReceiverThatWantsNoMoreAreAllRefused() {
            end("a", JobStatus.SUCCEEDED, message("msg_1", "a", URL), message("msg_2", "a", URL + "2"));
            end("b", JobStatus.SUCCEEDED, message("msg_3", "b", URL));

            store.delivered(tried(message("msg_1", "a", URL), 1, 410, null), "refused", NOW);

            assertEquals("refused", first("a").status());
            assertEquals("refused", first("b").status());
            assertEquals(
                    List.of("msg_2"),
                    store.due(NOW, Set.of(), 10).stream().map(OutboxMessage::id).toList());
        }

        @Test
        void areLoggedAtEveryTry() {
            OutboxMessage message = message("msg_1", "a", URL);
            end("a", JobStatus.SUCCEEDED, message);
            end("b", JobStatus.SUCCEEDED, message("msg_2", "b", URL));
            Delivery failed = tried(message, 1, null, "no route to host");
            Delivery delivered = tried(message, 2, 204, null);
            Delivery other = tried(message("msg_2", "b", URL), 1, 204, null);

            store.delivered(failed, "pending", NOW);
            store.delivered(delivered, "delivered", NOW);
            store.delivered(other, "delivered", NOW);

            assertEquals(List.of(delivered, failed), store.deliveries(Optional.of("a"), 10));
            assertEquals(List.of(other, delivered), store.deliveries(Optional.empty(), 2));
        }
    }

    @Nested
    class Pruning {
        private final Instant soon = Instant.now().plusSeconds(60);

        @Test
        void forgetsWhatEndedBeforeThenWithAllThatBelongsToIt() {
            end("a", JobStatus.SUCCEEDED);
            accept(job("b"));

            assertEquals(List.of(), store.prune(Instant.now().minusSeconds(60)));
            assertEquals(List.of("a"), store.prune(soon));

            assertEquals(Optional.empty(), store.find("a"));
            assertEquals(Optional.empty(), store.report("a"));
            assertEquals(
                    List.of("b"),
                    store.events(Optional.empty(), 0, 10).stream()
                            .map(Event::jobId)
                            .toList());
            accept(job("a"));
        }

        @Test
        void keepsJobsWithMessagesThatArePending() {
            OutboxMessage message = message("msg_1", "a", "https://ci.example/hook");
            end("a", JobStatus.SUCCEEDED, message);
            assertEquals(List.of(), store.prune(soon));

            store.delivered(
                    new Delivery("msg_1", "a", message.url(), 1, NOW, 3, Optional.of(204), Optional.empty()),
                    "delivered",
                    NOW);

            assertEquals(List.of("a"), store.prune(soon));
            assertEquals(List.of(), store.deliveries(Optional.empty(), 10));
        }

        @Test
        void forgetsMoreThanOneTransactionTakes() {
            for (int i = 0; i < 450; i++) {
                accept(job("j" + i));
                store.cancel("j" + i, Farewell.SILENT);
            }

            assertEquals(450, Set.copyOf(store.prune(soon)).size());
            assertEquals(0, store.counts().get(JobStatus.CANCELLED));
        }
    }

    @Test
    void refusesToWorkOnceClosed() {
        store.close();

        StoreException read = assertThrows(StoreException.class, () -> store.find("a"));
        StoreException write = assertThrows(StoreException.class, () -> store.accept(job("a")));

        assertTrue(read.getMessage().endsWith("is closed"), read.getMessage());
        assertTrue(write.getMessage().endsWith("is closed"), write.getMessage());
    }
}
