package org.localav.orchestrator.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.audit.Audit;
import org.localav.orchestrator.job.HostPolicy;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.store.Delivery;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.NewJob;
import org.localav.orchestrator.store.OutboxMessage;
import org.localav.orchestrator.store.SqlJobStore;
import org.localav.orchestrator.store.StoreException;

/** The outbox of a real store, worked with real receivers and a clock of the test's own. */
@Timeout(60)
class PostmanTest {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path folder;

    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final BlockingQueue<Delivery> kept = new LinkedBlockingQueue<>();
    private final CountDownLatch tried = new CountDownLatch(1);
    private volatile boolean broken;
    private JobStore store;
    private Postman postman;
    private Receiver receiver;

    @BeforeEach
    void start() throws IOException {
        receiver = new Receiver();
        open();
        store.accept(new NewJob(
                "a",
                5,
                List.of(),
                Map.of(),
                Optional.empty(),
                "http",
                "version: 1",
                "job.yaml",
                folder,
                false,
                START,
                Optional.empty(),
                Map.of()));
        store.claim("here", "run-1", labels -> Optional.empty());
        postman.start();
    }

    @AfterEach
    void stop() {
        postman.close();
        store.close();
        receiver.close();
    }

    private void open() {
        store = SqlJobStore.open(folder);
        Settings settings = Settings.read(Map.of(), Map.of("webhook.allow", "127.0.0.1"));
        Clock clock = new TestClock();
        postman = new Postman(
                observed(store),
                Audit.NONE,
                new Sender(HostPolicy.of(settings), Map.of("HOOK_SECRET", "open sesame"), clock),
                clock,
                new Schedule(() -> 0));
    }

    private void reopen() {
        postman.close();
        store.close();
        open();
        postman.start();
    }

    private final class TestClock extends Clock {
        @Override
        public Instant instant() {
            return now.get();
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    /** The store itself, which also tells of what is kept and can fail to. */
    private JobStore observed(JobStore real) {
        return (JobStore) Proxy.newProxyInstance(
                JobStore.class.getClassLoader(), new Class<?>[] {JobStore.class}, (proxy, method, arguments) -> {
                    boolean delivered = method.getName().equals("delivered");
                    if (delivered && broken) {
                        tried.countDown();
                        throw new StoreException("the disk is full", new IOException());
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    } finally {
                        if (delivered) {
                            kept.add((Delivery) arguments[0]);
                        }
                    }
                });
    }

    private void add(String id, String url) {
        store.leave(
                OutboxMessage.of(
                        id,
                        "a",
                        url,
                        Optional.of("HOOK_SECRET"),
                        "job.succeeded",
                        "{\"id\":\"" + id + "\"}",
                        now.get()),
                "run-1");
        postman.wake();
    }

    private Delivery nextKept() throws InterruptedException {
        Delivery next = kept.poll(20, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing was tried");
        }
        return next;
    }

    private OutboxMessage message(String id) {
        return store.messages("a").stream()
                .filter(m -> m.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private void pass(Duration time) {
        now.updateAndGet(t -> t.plus(time));
        postman.wake();
    }

    @Test
    void deliversAtOnceWhatIsAdded() throws Exception {
        add("msg_1", receiver.url());

        Delivery delivery = nextKept();

        assertEquals(Optional.of(204), delivery.code());
        assertEquals(Optional.empty(), delivery.error());
        assertEquals("delivered", message("msg_1").status());
        Receiver.Heard heard = receiver.next();
        assertEquals("msg_1", heard.header("webhook-id"));
        assertEquals("{\"id\":\"msg_1\"}", heard.text());
    }

    @Test
    void triesTenTimesInThreeDaysAndGivesUp() throws Exception {
        receiver.status = 500;
        add("msg_1", receiver.url());

        List<Integer> attempts = new ArrayList<>();
        attempts.add(nextKept().attempt());
        while (message("msg_1").status().equals("pending")) {
            Instant next = message("msg_1").nextTry();
            pass(Duration.between(now.get(), next).minusMillis(1));
            assertNull(kept.peek());
            pass(Duration.ofMillis(1));
            attempts.add(nextKept().attempt());
        }

        assertEquals(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), attempts);
        assertEquals(Duration.parse("PT75H35M5S"), Duration.between(START, now.get()));
        assertEquals("given_up", message("msg_1").status());
        assertEquals(
                Optional.of("it answered 500"),
                store.deliveries(Optional.of("a"), 1).get(0).error());
        assertEquals(10, receiver.heard.size());
        Set<String> timestamps = new HashSet<>();
        receiver.heard.forEach(h -> timestamps.add(h.header("webhook-timestamp")));
        assertEquals(10, timestamps.size());
    }

    @Test
    void comesBackWhenTheReceiverAsksTo() throws Exception {
        receiver.status = 503;
        receiver.headers = Map.of("Retry-After", "3600");
        add("msg_1", receiver.url());

        nextKept();

        assertEquals(START.plusSeconds(3600), message("msg_1").nextTry());
    }

    @Test
    void sendsNoMoreToAWebhookThatIsGone() throws Exception {
        receiver.status = 500;
        add("msg_1", receiver.url());
        nextKept();
        receiver.status = 410;
        add("msg_2", receiver.url());
        nextKept();

        assertEquals("refused", message("msg_2").status());
        assertEquals("refused", message("msg_1").status());
        assertEquals(Optional.empty(), store.nextDue());
    }

    @Test
    void keepsWhyAHostIsNotAllowed() throws Exception {
        add("msg_1", "http://127.0.0.2:" + receiver.port() + "/");

        Delivery delivery = nextKept();

        assertTrue(delivery.error().orElseThrow().startsWith("the host is 127.0.0.2, a loopback address"));
        assertEquals("pending", message("msg_1").status());
        assertTrue(receiver.heard.isEmpty());
    }

    @Test
    void deliversAfterARestartWhatAReceiverThatWasDownHasMissed() throws Exception {
        int port = receiver.port();
        String url = receiver.url();
        receiver.close();
        add("msg_1", url);
        assertEquals(
                Optional.of("nothing can be reached at 127.0.0.1:" + port),
                nextKept().error());

        postman.close();
        store.close();
        receiver = new Receiver(port);
        now.set(START.plusSeconds(5));
        open();
        postman.start();

        assertEquals(2, nextKept().attempt());
        assertEquals("delivered", message("msg_1").status());
        assertEquals("msg_1", receiver.next().header("webhook-id"));
    }

    @Test
    void sendsAgainWhatWasSentButNotKept() throws Exception {
        broken = true;
        add("msg_1", receiver.url());
        tried.await();
        postman.close();
        broken = false;

        reopen();

        assertEquals(1, nextKept().attempt());
        assertEquals("delivered", message("msg_1").status());
        assertEquals("msg_1", receiver.next().header("webhook-id"));
        assertEquals("msg_1", receiver.next().header("webhook-id"));
    }

    @Test
    void aSlowReceiverHoldsUpNobodyElse() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (Receiver slow = new Receiver()) {
            slow.before = () -> await(never);
            for (int i = 0; i < 40; i++) {
                add("slow_" + i, slow.url() + "?" + i);
            }
            for (int i = 0; i < 20; i++) {
                add("fast_" + i, receiver.url());
            }

            for (int i = 0; i < 20; i++) {
                assertTrue(nextKept().messageId().startsWith("fast_"));
            }
            assertEquals(2, slow.most.get());
            never.countDown();
            for (int i = 0; i < 40; i++) {
                assertTrue(nextKept().error().isEmpty());
            }
            assertEquals(2, slow.most.get());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void sendsSideBySideAndEachMessageOnce() throws Exception {
        Set<Receiver> met = ConcurrentHashMap.newKeySet();
        CountDownLatch together = new CountDownLatch(3);
        List<Receiver> receivers = List.of(new Receiver(), new Receiver(), new Receiver());
        try {
            for (Receiver one : receivers) {
                one.before = () -> {
                    if (met.add(one)) {
                        together.countDown();
                    }
                    await(together);
                };
                for (int i = 0; i < 10; i++) {
                    add("msg_" + one.port() + "_" + i, one.url());
                }
            }

            Set<String> delivered = new HashSet<>();
            for (int i = 0; i < 30; i++) {
                Delivery delivery = nextKept();
                assertEquals(Optional.of(204), delivery.code());
                delivered.add(delivery.messageId());
                postman.wake();
            }

            assertEquals(30, delivered.size());
            assertEquals(
                    List.of(10, 10, 10),
                    receivers.stream().map(r -> r.heard.size()).toList());
        } finally {
            receivers.forEach(Receiver::close);
        }
    }

    @Test
    void endsWithinASecondThoughAReceiverHangs() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
            add("msg_1", "http://127.0.0.1:" + mute.getLocalPort() + "/");
            mute.accept();
            long began = System.nanoTime();

            postman.close();

            assertTrue(System.nanoTime() - began < Duration.ofMillis(1500).toNanos());
            assertEquals("pending", message("msg_1").status());
            assertEquals(0, message("msg_1").tries());
            assertTrue(kept.isEmpty());
        }
    }
}
