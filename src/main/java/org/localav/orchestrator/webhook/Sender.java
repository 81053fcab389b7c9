package org.localav.orchestrator.webhook;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.localav.orchestrator.job.HostPolicy;
import org.localav.orchestrator.job.RefusedHostException;
import org.localav.orchestrator.job.WebhookMessage;
import org.localav.orchestrator.log.LogFields;
import org.localav.orchestrator.speech.RetryAfter;
import org.localav.orchestrator.trace.Caller;

/**
 * Sends one message once, with the headers and the signature of the Standard Webhooks specification. It follows no
 * redirect, takes no proxy from its surroundings, and connects to the very addresses that the policy has seen.
 */
public final class Sender implements AutoCloseable {
    /** From looking up the host to the end of the answer; the shortest that the specification recommends. */
    static final Duration LIMIT = Duration.ofSeconds(15);

    private static final int MOST_READ = 4096;

    private final HostPolicy hosts;
    private final Map<String, String> environment;
    private final Clock clock;
    private final ExecutorService threads;
    private CloseableHttpClient client;

    /** @param environment where secrets are found by the names that specs give */
    public Sender(HostPolicy hosts, Map<String, String> environment, Clock clock) {
        this.hosts = hosts;
        this.environment = Map.copyOf(environment);
        this.clock = clock;
        AtomicInteger number = new AtomicInteger();
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "webhook-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Made when it is needed: most runs have no webhook, and it takes its time. */
    private synchronized CloseableHttpClient client() {
        if (client == null) {
            client = client(hosts);
        }
        return client;
    }

    private static CloseableHttpClient client(HostPolicy hosts) {
        // Header lines are not limited by default: an answer that never ends its head would fill the memory.
        Http1Config head = Http1Config.custom()
                .setMaxLineLength(8192)
                .setMaxHeaderCount(100)
                .build();
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setDnsResolver(new Checked(hosts))
                        .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                                .http1Config(head)
                                .build())
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(Timeout.ofSeconds(5))
                                .setSocketTimeout(Timeout.of(LIMIT))
                                .build())
                        .setMaxConnTotal(200)
                        .setMaxConnPerRoute(200)
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(Timeout.of(LIMIT))
                        .setResponseTimeout(Timeout.of(LIMIT))
                        .setRedirectsEnabled(false)
                        .setAuthenticationEnabled(false)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .setConnectionReuseStrategy((request, response, context) -> false)
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableAuthCaching()
                .disableCookieManagement()
                .disableContentCompression()
                .setUserAgent("avo")
                .build();
    }

    /** Looks hosts up for the client, which connects to nothing else. */
    private record Checked(HostPolicy hosts) implements DnsResolver {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            return hosts.addresses(host);
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    /**
     * Sends a message, in the trace of the thread's caller, and waits for the answer; an interrupt ends it at once.
     *
     * @param limit for all of it
     */
    Answer send(WebhookMessage message, Duration limit) throws InterruptedException {
        Optional<String> refusal = hosts.refusal(message.url());
        if (refusal.isPresent()) {
            return Answer.refused(refusal.get());
        }
        Exchange exchange;
        try {
            exchange = new Exchange(request(message));
        } catch (IllegalArgumentException e) {
            return Answer.refused(e.getMessage());
        }
        // On a thread of its own, because looking a name up can neither be interrupted nor given a limit.
        Future<?> done = threads.submit(LogFields.carried(exchange));
        try {
            done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            exchange.ended("it did not answer within " + limit.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException unchecked
                    ? unchecked
                    : new IllegalStateException(e.getCause());
        } finally {
            exchange.request.cancel();
        }
        return exchange.answer;
    }

    private HttpPost request(WebhookMessage message) {
        byte[] body = message.body().getBytes(StandardCharsets.UTF_8);
        long timestamp = clock.instant().getEpochSecond();
        HttpPost request = new HttpPost(URI.create(message.url()));
        request.setHeader("webhook-id", message.id());
        request.setHeader("X-Request-Id", message.id());
        Caller.now().trace().ifPresent(trace -> request.setHeader("traceparent", trace.text()));
        request.setHeader("webhook-timestamp", timestamp);
        message.secretEnv()
                .map(name -> Secret.named(name, environment))
                .ifPresent(
                        secret -> request.setHeader("webhook-signature", secret.sign(message.id(), timestamp, body)));
        request.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_JSON));
        return request;
    }

    /** One request and its answer; the status is what counts, so it stays even if the rest never comes. */
    private final class Exchange implements Runnable {
        private final HttpPost request;
        private volatile Answer answer;

        Exchange(HttpPost request) {
            this.request = request;
        }

        /** Gives the answer that stands unless there is one. */
        synchronized void ended(String why) {
            if (answer == null) {
                answer = Answer.none(why);
            }
        }

        private synchronized void ended(Answer given) {
            if (answer == null) {
                answer = given;
            }
        }

        @Override
        public void run() {
            try (ClassicHttpResponse response = client().executeOpen(null, request, null)) {
                Header wait = response.getFirstHeader("Retry-After");
                ended(Answer.status(
                        response.getCode(),
                        Optional.ofNullable(wait).flatMap(w -> RetryAfter.read(w.getValue(), clock.instant()))));
                if (response.getEntity() != null) {
                    InputStream content = response.getEntity().getContent();
                    content.readNBytes(MOST_READ);
                }
                // Closing what was not read to its end would read it to its end.
                request.cancel();
            } catch (RefusedHostException e) {
                ended(Answer.refused(e.getMessage()));
            } catch (IOException e) {
                ended(why(e));
            }
        }

        private String why(IOException e) {
            String host = request.getAuthority().getHostName();
            if (e instanceof UnknownHostException) {
                return "the host '" + host + "' is not known";
            }
            if (e instanceof ConnectException) {
                return "nothing can be reached at " + request.getAuthority();
            }
            if (e instanceof SSLException) {
                return "its certificate or TLS is not as it should be: " + e.getMessage();
            }
            if (e instanceof NoHttpResponseException) {
                return "it closed the connection without an answer";
            }
            if (e instanceof InterruptedIOException) {
                return "it did not answer in time";
            }
            return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        }
    }

    @Override
    public synchronized void close() {
        threads.shutdownNow();
        if (client != null) {
            client.close(CloseMode.IMMEDIATE);
        }
    }
}
