package org.localav.orchestrator.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.localav.orchestrator.job.HostPolicy;
import org.localav.orchestrator.job.WebhookMessage;
import org.localav.orchestrator.settings.Settings;

/** One message, sent once, to receivers that are as they should be and to such as are not. */
@Timeout(60)
class SenderTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration SHORT = Duration.ofMillis(1500);
    private static final byte[] KEY = "0123456789abcdef01234567".getBytes(StandardCharsets.UTF_8);

    private Receiver receiver;
    private Sender sender;

    @BeforeEach
    void start() throws IOException {
        receiver = new Receiver();
        sender = sender(InetAddress::getAllByName);
    }

    @AfterEach
    void stop() {
        sender.close();
        receiver.close();
    }

    private static Sender sender(HostPolicy.Lookup lookup) {
        Settings settings = Settings.read(Map.of(), Map.of("webhook.allow", "127.0.0.1, *.test"));
        return new Sender(
                HostPolicy.of(settings, lookup),
                Map.of(
                        "HOOK_SECRET", "whsec_" + Base64.getEncoder().encodeToString(KEY),
                        "PLAIN_SECRET", "as it is",
                        "TORN_SECRET", "whsec_%%%"),
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static WebhookMessage message(String url, String secretEnv) {
        return new WebhookMessage(
                "msg_1",
                url,
                Optional.ofNullable(secretEnv),
                "job.succeeded",
                "{\"type\":\"job.succeeded\",\"x\":\"é\"}");
    }

    private Answer send(String url) throws InterruptedException {
        return sender.send(message(url, null), SHORT);
    }

    @Test
    void signsWhatItSends() throws Exception {
        Answer answer = sender.send(message(receiver.url() + "?a=b%20c", "HOOK_SECRET"), SHORT);

        assertTrue(answer.delivered(), answer::toString);
        Receiver.Heard heard = receiver.next();
        assertEquals("/hook?a=b%20c", heard.path());
        assertEquals("msg_1", heard.header("webhook-id"));
        assertEquals("1772366400", heard.header("webhook-timestamp"));
        assertEquals("v1," + hmac(KEY, "msg_1.1772366400." + heard.text()), heard.header("webhook-signature"));
        assertTrue(heard.header("Content-Type").startsWith("application/json"));
        assertNull(heard.header("Upgrade"));
        assertNull(heard.header("Cookie"));
    }

    @Test
    void takesASecretWithoutMarkAsItIs() throws Exception {
        sender.send(message(receiver.url(), "PLAIN_SECRET"), SHORT);

        Receiver.Heard heard = receiver.next();
        assertEquals(
                "v1," + hmac("as it is".getBytes(StandardCharsets.UTF_8), "msg_1.1772366400." + heard.text()),
                heard.header("webhook-signature"));
    }

    private static String hmac(byte[] key, String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The example that the specification's own libraries are tested with. */
    @Test
    void signsAsTheSpecificationsExample() {
        Secret secret = Secret.named("S", Map.of("S", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));

        assertEquals(
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                secret.sign(
                        "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        1614265330,
                        "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void sendsNothingUnsignedThatIsToBeSigned() throws Exception {
        Answer missing = sender.send(message(receiver.url(), "NO_SECRET"), SHORT);
        Answer torn = sender.send(message(receiver.url(), "TORN_SECRET"), SHORT);

        assertEquals(
                Optional.of("the environment variable NO_SECRET, which secret_env names as the place of the secret, is"
                        + " not set"),
                missing.error());
        assertEquals(
                Optional.of("the environment variable TORN_SECRET holds no secret: what follows whsec_ is not Base64"),
                torn.error());
        assertTrue(receiver.heard.isEmpty());
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 204, 299})
    void isDeliveredWithAnyStatusOfSuccess(int status) throws Exception {
        receiver.status = status;

        assertTrue(send(receiver.url()).delivered());
    }

    @ParameterizedTest
    @ValueSource(ints = {304, 400, 404, 429, 500, 503})
    void isNotDeliveredWithAnyOther(int status) throws Exception {
        receiver.status = status;

        Answer answer = send(receiver.url());

        assertFalse(answer.delivered());
        assertEquals(Optional.of(status), answer.code());
    }

    @Test
    void followsNoRedirect() throws Exception {
        try (Receiver other = new Receiver()) {
            receiver.status = 307;
            receiver.headers = Map.of("Location", other.url());

            Answer answer = send(receiver.url());

            assertEquals(
                    Optional.of("it answered 307, and redirects are not followed; give the address it leads to"),
                    answer.error());
            assertTrue(other.heard.isEmpty());
        }
    }

    @Test
    void readsHowLongToWait() throws Exception {
        receiver.status = 503;
        receiver.headers = Map.of("Retry-After", "120");

        assertEquals(Optional.of(Duration.ofSeconds(120)), send(receiver.url()).retryAfter());
    }

    @Test
    void knowsWhenNoMoreIsWanted() throws Exception {
        receiver.status = 410;

        assertTrue(send(receiver.url()).gone());
    }

    @Test
    void saysThatNothingListens() throws Exception {
        String url = receiver.url();
        int port = receiver.port();
        receiver.close();

        assertEquals(
                Optional.of("nothing can be reached at 127.0.0.1:" + port),
                send(url).error());
    }

    @Test
    void connectsToTheAddressThatWasCheckedAndAsksOnlyOnce() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        sender.close();
        sender = sender(host -> {
            // The first answer is allowed; whoever asks again is sent inside.
            String address = asked.incrementAndGet() == 1 ? "127.0.0.1" : "169.254.169.254";
            return new InetAddress[] {InetAddress.getByName(address)};
        });

        Answer answer = send("http://hook.test:" + receiver.port() + "/");

        assertTrue(answer.delivered(), answer::toString);
        assertEquals(1, asked.get());
        assertEquals("hook.test:" + receiver.port(), receiver.next().header("Host"));
    }

    @Test
    void doesNotConnectWhenAnAddressIsRefused() throws Exception {
        sender.close();
        sender = sender(host ->
                new InetAddress[] {InetAddress.getByName("127.0.0.1"), InetAddress.getByName("169.254.169.254")});

        Answer answer = send("http://hook.test:" + receiver.port() + "/");

        assertTrue(answer.hopeless());
        assertTrue(answer.error().orElseThrow().contains("leads to 169.254.169.254"), answer::toString);
        assertTrue(receiver.heard.isEmpty());
    }

    @Test
    void takesNoProxyFromItsSurroundings() throws Exception {
        try (Receiver proxy = new Receiver()) {
            System.setProperty("http.proxyHost", "127.0.0.1");
            System.setProperty("http.proxyPort", Integer.toString(proxy.port()));
            System.setProperty("http.nonProxyHosts", "");
            try (Sender fresh = sender(InetAddress::getAllByName)) {
                assertTrue(fresh.send(message(receiver.url(), null), SHORT).delivered());
            } finally {
                System.clearProperty("http.proxyHost");
                System.clearProperty("http.proxyPort");
                System.clearProperty("http.nonProxyHosts");
            }
            assertTrue(proxy.heard.isEmpty());
            assertEquals(1, receiver.heard.size());
        }
    }

    @Test
    void saysThatAHostIsNotKnown() throws Exception {
        sender.close();
        sender = sender(host -> {
            throw new UnknownHostException(host);
        });

        assertEquals(
                Optional.of("the host 'hook.test' is not known"),
                send("http://hook.test/").error());
    }

    @Test
    void doesNotWaitForALookupThatHangs() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        sender.close();
        sender = sender(host -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new UnknownHostException(host);
        });

        assertEquals(
                Optional.of("it did not answer within 1 s"),
                send("http://hook.test/").error());
    }

    /** Answers each connection with bytes, and goes on with more until it is closed. */
    private static final class Raw implements AutoCloseable {
        private final ServerSocket socket;
        private final CountDownLatch broken = new CountDownLatch(1);

        Raw(String head, String again, boolean slowly) throws IOException {
            socket = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
            Thread thread = new Thread(() -> talk(head, again, slowly), "raw");
            thread.setDaemon(true);
            thread.start();
        }

        private void talk(String head, String again, boolean slowly) {
            try (Socket one = socket.accept()) {
                OutputStream out = one.getOutputStream();
                out.write(head.getBytes(StandardCharsets.ISO_8859_1));
                out.flush();
                while (!socket.isClosed()) {
                    out.write(again.getBytes(StandardCharsets.ISO_8859_1));
                    out.flush();
                    if (slowly) {
                        one.setSoTimeout(50);
                        pause(one);
                    }
                }
            } catch (IOException e) {
                broken.countDown();
            }
        }

        /** Waits by reading what nobody sends. */
        private static void pause(Socket one) throws IOException {
            try {
                while (one.getInputStream().read() >= 0) {
                    continue;
                }
            } catch (java.net.SocketTimeoutException e) {
                return;
            }
        }

        String url() {
            return "http://127.0.0.1:" + socket.getLocalPort() + "/";
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static Duration took(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    @Test
    void endsAtItsLimitWhenNoAnswerComes() throws Exception {
        try (Raw raw = new Raw("", "", true)) {
            long began = System.nanoTime();

            Answer answer = send(raw.url());

            assertEquals(Optional.of("it did not answer within 1 s"), answer.error());
            assertTrue(took(began).compareTo(Duration.ofSeconds(4)) < 0);
        }
    }

    @Test
    void endsAtItsLimitWhenTheHeadDripsOn() throws Exception {
        try (Raw raw = new Raw("HTTP/1.1 200 OK\r\nX: ", "y", true)) {
            long began = System.nanoTime();

            Answer answer = send(raw.url());

            assertEquals(Optional.of("it did not answer within 1 s"), answer.error());
            assertTrue(took(began).compareTo(Duration.ofSeconds(4)) < 0);
        }
    }

    @Test
    void keepsTheStatusWhenTheBodyDripsOn() throws Exception {
        try (Raw raw = new Raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", true)) {
            long began = System.nanoTime();

            Answer answer = send(raw.url());

            assertTrue(answer.delivered(), answer::toString);
            assertTrue(took(began).compareTo(Duration.ofSeconds(4)) < 0);
            raw.broken.await();
        }
    }

    @Test
    void readsNoMoreThanTheBeginningOfAHugeBody() throws Exception {
        String head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n";
        try (Raw raw = new Raw(head, "x".repeat(8192), false)) {
            assertTrue(sender.send(message(raw.url(), null), Sender.LIMIT).delivered());
            raw.broken.await();
        }
    }

    @Test
    void refusesAHeadWithoutEnd() throws Exception {
        try (Raw raw = new Raw("HTTP/1.1 200 OK\r\nX: ", "y".repeat(4096), false)) {
            Answer answer = sender.send(message(raw.url(), null), Sender.LIMIT);

            assertEquals(Optional.empty(), answer.code());
            raw.broken.await();
        }
    }

    @Test
    void anInterruptEndsItAtOnce() throws Exception {
        try (Raw raw = new Raw("", "", true)) {
            long began = System.nanoTime();
            Thread.currentThread().interrupt();

            assertThrows(InterruptedException.class, () -> sender.send(message(raw.url(), null), Sender.LIMIT));

            assertTrue(took(began).compareTo(Duration.ofSeconds(2)) < 0);
        }
    }

    @Test
    void verifiesTheNameInTheCertificateThoughItConnectsToAnAddress(@TempDir Path folder) throws Exception {
        Path keys = folder.resolve("keys.p12");
        String keytoolPath =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String options = "-genkeypair -alias a -keyalg EC -dname CN=hook.test -ext san=dns:hook.test"
                + " -storetype PKCS12 -storepass secret -keystore";
        List<String> command = new ArrayList<>(List.of(options.split(" ")));
        command.add(0, keytoolPath);
        command.add(keys.toString());
        Process keytool = new ProcessBuilder(command).inheritIO().start();
        assertEquals(0, keytool.waitFor());
        HttpsServer server = https(keys);
        String port = Integer.toString(server.getAddress().getPort());
        System.setProperty("javax.net.ssl.trustStore", keys.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", "secret");
        try (Sender trusting = sender(host -> new InetAddress[] {InetAddress.getByName("127.0.0.1")})) {
            Answer right = trusting.send(message("https://hook.test:" + port + "/", null), Sender.LIMIT);
            Answer wrong = trusting.send(message("https://other.test:" + port + "/", null), Sender.LIMIT);

            assertTrue(right.delivered(), right::toString);
            assertTrue(wrong.error().orElse("").startsWith("its certificate or TLS"), wrong::toString);
        } finally {
            System.clearProperty("javax.net.ssl.trustStore");
            System.clearProperty("javax.net.ssl.trustStorePassword");
            server.stop(0);
        }
    }

    private static HttpsServer https(Path keys) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(keys)) {
            store.load(in, "secret".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, "secret".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 10);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        return server;
    }
}
