package org.localav.orchestrator.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/** A real Redis for tests. */
public final class LocalRedis implements AutoCloseable {
    private final Path folder;
    private final int port;
    private LocalServer server;

    public LocalRedis() throws Exception {
        folder = Files.createTempDirectory("avo-redis");
        port = LocalServer.freePort();
        start();
    }

    /** Starts it, again after {@link #kill}, and waits until it answers. */
    public void start() throws Exception {
        server = LocalServer.start("redis", folder, port);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try (Jedis redis = client()) {
                redis.ping();
                return;
            } catch (JedisException e) {
                if (!server.alive() || System.nanoTime() > end) {
                    throw new IllegalStateException(
                            "Redis did not start: " + Files.readString(LocalServer.log(folder)), e);
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    /** {@code kill -9}. */
    public void kill() throws InterruptedException {
        server.kill();
    }

    public Jedis client() {
        return new Jedis("127.0.0.1", port);
    }

    public int port() {
        return port;
    }

    public String url() {
        return "redis://127.0.0.1:" + port + "/0";
    }

    @Override
    public void close() throws InterruptedException, IOException {
        server.close();
        org.localav.orchestrator.cache.StepStore.remove(folder);
    }
}
