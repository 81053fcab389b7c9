package org.localav.orchestrator.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.localav.orchestrator.settings.InvalidSettingException;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.store.Bell.Line;
import org.localav.orchestrator.store.LocalRedis;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientType;

@Timeout(60)
class RedisBellTest {
    private static final Line LOW = new Line(List.of(), 0);
    private static final Line HIGH = new Line(List.of("gpu"), 2);

    private static LocalRedis redis;

    private RedisBell one;
    private RedisBell two;

    @BeforeAll
    static void start() throws Exception {
        redis = new LocalRedis();
    }

    @AfterAll
    static void stop() throws Exception {
        redis.close();
    }

    @BeforeEach
    void open() throws Exception {
        wipe();
        one = bell("one");
        two = bell("two");
        // Each rings once when it begins to listen.
        one.await(Duration.ofSeconds(20));
        two.await(Duration.ofSeconds(20));
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
    }

    private static void wipe() {
        try (Jedis client = redis.client()) {
            client.flushAll();
        }
    }

    private static RedisBell bell(String node) {
        return RedisBell.of(Settings.read(Map.of(), Map.of("queue.url", redis.url())), node, Map.of());
    }

    private static void await(BooleanSupplier so) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!so.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain");
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private static boolean any(List<String> labels) {
        return true;
    }

    @Test
    void wakesTheOtherNodesAndPassesOnWhatIsSaid() throws Exception {
        CompletableFuture<String> words = new CompletableFuture<>();
        two.listen(words::complete);
        long began = System.nanoTime();

        one.ring();
        two.await(Duration.ofSeconds(20));
        one.tell("half done");

        assertEquals("half done", words.get(20, TimeUnit.SECONDS));
        assertTrue(Duration.ofNanos(System.nanoTime() - began).compareTo(Duration.ofSeconds(10)) < 0);
    }

    @Test
    void keepsItsConnectionWhenNothingIsSaidForLong() throws Exception {
        one.close();
        two.close();
        await(() -> listeners().isEmpty());
        Duration silence = Duration.ofMillis(300);
        Settings settings = Settings.read(Map.of(), Map.of("queue.url", redis.url()));
        try (RedisBell quiet = RedisBell.of(settings, "three", Map.of(), silence)) {
            quiet.await(Duration.ofSeconds(20));
            List<String> before = listeners();
            long end = System.nanoTime() + silence.multipliedBy(4).toNanos();

            while (System.nanoTime() < end) {
                quiet.await(silence.dividedBy(10));
            }

            assertEquals(1, before.size());
            assertEquals(before, listeners());
        }
    }

    /** The numbers of the connections that listen. */
    private static List<String> listeners() {
        try (Jedis client = redis.client()) {
            return client.clientList(ClientType.PUBSUB)
                    .lines()
                    .map(line -> line.substring(0, line.indexOf(' ')))
                    .toList();
        }
    }

    @Test
    void givesEachTurnToOneNodeOfThoseThatFitHighestPriorityFirst() throws Exception {
        one.offer(LOW, 1);
        one.offer(HIGH, 1);
        await(() -> length(LOW) + length(HIGH) == 2);

        assertTrue(one.turn(List::isEmpty));
        assertFalse(one.turn(List::isEmpty));
        assertTrue(two.turn(RedisBellTest::any));
        assertFalse(two.turn(RedisBellTest::any));
        one.offer(LOW, 1);
        one.offer(HIGH, 1);
        await(() -> length(LOW) + length(HIGH) == 2);
        assertTrue(two.turn(RedisBellTest::any));
        assertEquals(0, length(HIGH));
        assertEquals(1, length(LOW));
    }

    private static long length(Line line) {
        try (Jedis client = redis.client()) {
            return client.keys("avo:queue:" + line.band() + ":*").stream()
                    .mapToLong(client::xlen)
                    .sum();
        }
    }

    @Test
    void bringsBackWhatWasLostFromWhatTheStoreSays() throws Exception {
        one.offer(LOW, 3);
        await(() -> length(LOW) == 3);
        wipe();
        assertFalse(one.turn(RedisBellTest::any));

        one.refill(() -> Map.of(LOW, 3));
        two.refill(() -> Map.of(LOW, 3));

        await(() -> length(LOW) == 3);
        assertTrue(two.turn(RedisBellTest::any));
    }

    @Test
    void letsEveryNodeLookWhileItIsAwayAndComesBack() throws Exception {
        redis.kill();
        try {
            assertTrue(one.turn(RedisBellTest::any));
            one.ring();
            one.offer(LOW, 1);
        } finally {
            redis.start();
        }

        await(() -> !one.turn(RedisBellTest::any));
        one.await(Duration.ZERO);
        two.ring();
        one.await(Duration.ofSeconds(20));
        await(() -> {
            two.offer(LOW, 1);
            return length(LOW) > 0;
        });
    }

    @Test
    void saysWhatIsWrongWithAUrlAndNeverItsPassword() {
        assertTrue(refusal("redis://avo:hush@cache:6379/0").contains("queue.password_env"));
        assertEquals("queue.url: 'http://cache' should read redis://HOST:6379/0", refusal("http://cache"));
    }

    private static String refusal(String url) {
        String refusal = assertThrows(
                        InvalidSettingException.class,
                        () -> RedisBell.of(Settings.read(Map.of(), Map.of("queue.url", url)), "one", Map.of()))
                .getMessage();
        assertFalse(refusal.contains("hush"));
        return refusal;
    }
}
