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
import static org.localav.orchestrator.store.Jobbing.message;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.settings.InvalidSettingException;

/** The same of a store on a PostgreSQL server, and what only shows where several nodes share it. */
class PostgresJobStoreTest extends SqlJobStoreTest {
    private static final Duration LEASE = Duration.ofMinutes(1);

    /** Over as soon as it is given. */
    private static final Duration NONE = Duration.ZERO;

    private String url;

    @Override
    SqlJobStore open() throws Exception {
        if (url == null) {
            url = LocalPostgres.common().store();
        }
        return SqlJobStore.open(url, "");
    }

    private static NodeStore.Node node(String name, int incarnation, int protocol) {
        return new NodeStore.Node(name, "incarnation " + incarnation, protocol, "{}");
    }

    private static Joining join(JobStore store, NodeStore.Node node, Duration lease) {
        return store.nodes().join(node, lease, Farewell.SILENT);
    }

    private static List<String> bury(JobStore store) {
        return store.nodes().bury(Farewell.SILENT);
    }

    private void sql(String statement) throws Exception {
        try (Connection connection = DriverManager.getConnection(url);
                Statement open = connection.createStatement()) {
            open.execute(statement);
        }
    }

    @Test
    void takesTheJobsOfANodeWhoseLeaseIsOverAndKnowsItNoMore() throws Exception {
        try (SqlJobStore store = open()) {
            NodeStore.Node silent = node("silent", 1, 1);
            join(store, silent, NONE);
            store.accept(job("a"));
            Claim claim = store.claim("silent", "run-1", ANY).orElseThrow();

            assertEquals(List.of("a"), bury(store));

            assertEquals(JobStatus.QUEUED, store.find("a").orElseThrow().status());
            assertFalse(store.holds("a", claim.token()));
            assertFalse(store.end("a", claim.token(), ending(JobStatus.SUCCEEDED)));
            assertEquals(Optional.empty(), store.nodes().renew(silent, LEASE));
            assertFalse(store.nodes().list().get(0).alive());
        }
    }

    @Test
    void leavesANodeItsJobsWhenItRenewsALeaseThatIsOverBeforeItIsBuried() throws Exception {
        try (SqlJobStore store = open()) {
            NodeStore.Node late = node("late", 1, 1);
            join(store, late, NONE);
            store.accept(job("a"));
            store.claim("late", "run-1", ANY);

            assertEquals(Optional.of(false), store.nodes().renew(late, LEASE));

            assertEquals(List.of(), bury(store));
            assertEquals(JobStatus.RUNNING, store.find("a").orElseThrow().status());
        }
    }

    @Test
    void takesNoJobOfALivingNode() throws Exception {
        try (SqlJobStore store = open()) {
            join(store, node("alive", 1, 1), LEASE);
            store.accept(job("a"));
            store.claim("alive", "run-1", ANY);

            assertEquals(List.of(), bury(store));
        }
    }

    @Test
    void hasOneLivingProcessOfAName() throws Exception {
        try (SqlJobStore store = open()) {
            join(store, node("here", 1, 1), LEASE);

            Joining second = join(store, node("here", 2, 1), LEASE);

            Duration left = assertInstanceOf(Joining.NameTaken.class, second).left();
            assertTrue(left.compareTo(Duration.ZERO) > 0 && left.compareTo(LEASE) <= 0, left.toString());
            assertInstanceOf(Joining.Joined.class, join(store, node("here", 1, 1), LEASE));
        }
    }

    @Test
    void keepsNodesApartThatSpeakAnotherProtocol() throws Exception {
        try (SqlJobStore store = open()) {
            join(store, node("old", 1, 1), LEASE);

            assertEquals(new Joining.OtherProtocol(List.of("old"), 1), join(store, node("new", 1, 2), LEASE));

            store.nodes().leave(node("old", 1, 1));
            assertInstanceOf(Joining.Joined.class, join(store, node("new", 1, 2), LEASE));
        }
    }

    @Test
    void refusesTablesOfANewerVersion() throws Exception {
        open().close();
        sql("UPDATE flyway_schema_history SET version = '99' WHERE version = '" + Database.SCHEMA + "'");

        String refusal = assertThrows(StoreException.class, this::open).getMessage();

        assertTrue(refusal.contains("was changed by a newer version of this program (its schema is 99"), refusal);
    }

    @Test
    void changesNoTablesUnderNodesOfAnOlderVersion() throws Exception {
        try (SqlJobStore store = open()) {
            join(store, node("old", 1, 1), LEASE);
        }
        sql("UPDATE flyway_schema_history SET version = '1' WHERE version = '" + Database.SCHEMA + "'");

        String refusal = assertThrows(StoreException.class, this::open).getMessage();

        assertTrue(refusal.contains("is in use by nodes of an older version (old)"), refusal);
    }

    @Test
    void makesItsTablesOnceWhenSeveralNodesStartTogether() throws Exception {
        url = LocalPostgres.common().database();
        List<CompletableFuture<SqlJobStore>> opening = IntStream.range(0, 3)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> SqlJobStore.open(url, "")))
                .toList();

        for (CompletableFuture<SqlJobStore> opened : opening) {
            opened.join().close();
        }

        try (SqlJobStore store = open()) {
            store.accept(job("a"));
            assertEquals(1, store.find("a").orElseThrow().number());
        }
    }

    @Test
    void givesNoJobToTwoNodes() throws Exception {
        List<String> taken = new ArrayList<>();
        try (SqlJobStore one = open();
                SqlJobStore two = open()) {
            IntStream.range(0, 200).forEach(i -> one.accept(job("j" + i)));
            List<CompletableFuture<List<String>>> claiming = List.of(one, two, one, two).stream()
                    .map(store -> CompletableFuture.supplyAsync(() -> claimAll(store)))
                    .toList();
            claiming.forEach(claims -> taken.addAll(claims.join()));
        }

        assertEquals(200, taken.size());
        assertEquals(200, Set.copyOf(taken).size());
    }

    private static List<String> claimAll(JobStore store) {
        List<String> taken = new ArrayList<>();
        Optional<Claim> claim = store.claim("node", "run", ANY);
        while (claim.isPresent()) {
            taken.add(claim.get().job().id());
            claim = store.claim("node", "run", ANY);
        }
        return taken;
    }

    /** A number that is drawn first but committed last would be passed over by whoever has read the one after it. */
    @Test
    void showsEventsInTheOrderOfTheirNumbersToWhoeverFollows() throws Exception {
        try (SqlJobStore one = open();
                SqlJobStore two = open()) {
            List<CompletableFuture<Void>> writing = IntStream.range(0, 4)
                    .mapToObj(writer -> CompletableFuture.runAsync(() -> IntStream.range(0, 50)
                            .forEach(i -> (writer % 2 == 0 ? one : two).accept(job("w" + writer + "-" + i)))))
                    .toList();
            List<Long> seen = new ArrayList<>();
            boolean done;
            do {
                done = writing.stream().allMatch(CompletableFuture::isDone);
                long after = seen.isEmpty() ? 0 : seen.get(seen.size() - 1);
                two.events(Optional.empty(), after, 1000).forEach(event -> seen.add(event.number()));
            } while (!done);

            assertEquals(200, seen.size());
            assertEquals(one.events(Optional.empty(), 0, 1000).size(), seen.size());
        }
    }

    @Test
    void lendsADueMessageToOneNodeAtATime() throws Exception {
        try (SqlJobStore store = open()) {
            store.accept(job("a"));
            Claim claim = store.claim("here", "run-1", ANY).orElseThrow();
            store.end("a", claim.token(), ending(JobStatus.SUCCEEDED, message("msg_1", "a", "https://ci.example/x")));
            OutboxMessage due = store.due(NOW, Set.of(), 10).get(0);

            assertTrue(store.hold(due, NOW.plusSeconds(30)));

            assertFalse(store.hold(due, NOW.plusSeconds(30)));
            assertEquals(List.of(), store.due(NOW.plusSeconds(29), Set.of(), 10));
            assertEquals(1, store.due(NOW.plusSeconds(30), Set.of(), 10).size());
        }
    }

    /** A node that stands still in the middle of writing must not keep the others from it. */
    @Test
    void takesTheLockFromWhoeverStandsStillWithIt() throws Exception {
        try (SqlJobStore store = open();
                Connection frozen = DriverManager.getConnection(url);
                Statement statement = frozen.createStatement()) {
            statement.execute("SET idle_in_transaction_session_timeout = '300ms'");
            frozen.setAutoCommit(false);
            statement.execute("SELECT pg_advisory_xact_lock(hashtext('avo ' || current_schema()))");

            assertInstanceOf(Acceptance.Accepted.class, store.accept(job("a")));
        }
    }

    @Test
    void ringsItsBellWithEveryEvent() throws Exception {
        try (SqlJobStore one = open();
                SqlJobStore two = open();
                Bell other = one.bell().orElseThrow();
                Bell bell = two.bell().orElseThrow()) {
            CompletableFuture<String> words = new CompletableFuture<>();
            bell.listen(words::complete);
            // It rings once when it begins to listen.
            bell.await(Duration.ofSeconds(10));
            long began = System.nanoTime();

            one.accept(job("a"));
            bell.await(Duration.ofSeconds(10));
            other.tell("half done");

            assertEquals("half done", words.join());
            assertTrue(Duration.ofNanos(System.nanoTime() - began).compareTo(Duration.ofSeconds(5)) < 0);
        }
    }

    @Test
    void goesOnAfterItsServerWasKilled() throws Exception {
        try (LocalPostgres server = new LocalPostgres()) {
            url = server.database();
            try (SqlJobStore store = open()) {
                store.accept(job("a"));
                server.kill();
                String refusal = assertThrows(StoreException.class, () -> store.accept(job("b")))
                        .getMessage();
                // Whether it is heard to end or no longer heard is a matter of the moment.
                assertTrue(refusal.contains("could not be written: the server "), refusal);
                assertThrows(StoreException.class, () -> store.find("a"));
                server.start();

                assertInstanceOf(Acceptance.Accepted.class, store.accept(job("b")));
                assertEquals(2, store.lines().values().iterator().next());
            }
        } finally {
            url = null;
        }
    }

    @Test
    void saysWhatIsWrongWithAUrlAndNeverItsPassword() {
        String refused = assertThrows(
                        InvalidSettingException.class,
                        () -> SqlJobStore.open("jdbc:postgresql://db/avo?user=avo&password=hush", ""))
                .getMessage();
        String unknown = assertThrows(
                        InvalidSettingException.class, () -> SqlJobStore.open("jdbc:mysql://db/avo?password=hush", ""))
                .getMessage();

        assertTrue(refused.contains("store.password_env"), refused);
        assertTrue(unknown.contains("'jdbc:mysql://db/avo' is not a database this program knows"), unknown);
        assertFalse(refused.contains("hush") || unknown.contains("hush"));
    }

    @Test
    void saysWhereNobodyAnswers() throws Exception {
        int port = LocalServer.freePort();

        String refusal = assertThrows(
                        StoreException.class,
                        () -> SqlJobStore.open("jdbc:postgresql://127.0.0.1:" + port + "/avo", ""))
                .getMessage();

        assertTrue(refusal.contains("the server does not answer"), refusal);
    }
}
