package org.localav.orchestrator.redis;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.localav.orchestrator.settings.InvalidSettingException;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.store.Bell;
import org.localav.orchestrator.store.Ringing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisPooled;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.JedisURIHelper;

/**
 * A bell in Redis: nodes hear each other by publish and subscribe, and share out the turns to look for a job through
 * streams. Nothing in it is needed: what is lost with it, the store brings back.
 */
public final class RedisBell implements Bell {
    private static final Logger LOG = LoggerFactory.getLogger(RedisBell.class);
    private static final String NEWS = "avo:news";
    private static final String WORDS = "avo:words";
    private static final int LIMIT_MILLIS = 2_000;

    /** Who hears nothing for so long, though he asks, has lost his connection without being told. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    /** How long a Redis that does not answer is left alone: each try takes its time. */
    private static final Duration REST = Duration.ofSeconds(3);

    private final HostAndPort address;
    private final JedisClientConfig config;
    private final Duration silence;
    private final JedisPooled redis;
    private final Turns turns;
    private final Ringing rung = new Ringing();
    private final Ear ear = new Ear();
    private final Thread thread = new Thread(this::work, "bell");

    /** So that nobody waits for Redis who only has something to tell; what is too much is not told. */
    private final ThreadPoolExecutor speaking = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(1_000),
            task -> new Thread(task, "bell-ringer"),
            new ThreadPoolExecutor.DiscardPolicy());

    private final AtomicBoolean ringing = new AtomicBoolean();
    private volatile Consumer<String> listener = words -> {};
    private volatile long heard = System.nanoTime();
    private volatile boolean closing;
    private volatile Jedis listening;
    private volatile boolean away;
    private volatile long again;

    private RedisBell(HostAndPort address, JedisClientConfig config, String node, Duration silence) {
        this.address = address;
        this.config = config;
        this.silence = silence;
        this.redis = new JedisPooled(address, config);
        this.turns = new Turns(redis, node);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * The Redis that the setting {@code queue.url} names; it need not be up.
     *
     * @param environment where the password is found by the name that the settings give
     * @throws InvalidSettingException when the URL is none of Redis, or the password is not where it should be
     */
    public static RedisBell of(Settings settings, String node, Map<String, String> environment) {
        return of(settings, node, environment, SILENCE);
    }

    static RedisBell of(Settings settings, String node, Map<String, String> environment, Duration silence) {
        URI uri = uri(settings.text("queue.url"));
        String password = settings.secret("queue.password_env", environment);
        DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
                .connectionTimeoutMillis(LIMIT_MILLIS)
                .socketTimeoutMillis(LIMIT_MILLIS)
                .database(JedisURIHelper.getDBIndex(uri))
                .ssl(JedisURIHelper.isRedisSSLScheme(uri));
        if (uri.getUserInfo() != null) {
            config.user(uri.getUserInfo());
        }
        if (!password.isEmpty()) {
            config.password(password);
        }
        return new RedisBell(JedisURIHelper.getHostAndPort(uri), config.build(), node, silence);
    }

    private static URI uri(String text) {
        try {
            URI uri = new URI(text);
            if (uri.getUserInfo() != null && uri.getUserInfo().contains(":")) {
                throw new InvalidSettingException("queue.url holds a password, which others may read there; name the"
                        + " variable that holds it in queue.password_env");
            }
            if (text.matches("rediss?://.*") && JedisURIHelper.isValid(uri)) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw new InvalidSettingException("queue.url: '" + text + "' can't be read: " + e.getReason());
        }
        throw new InvalidSettingException("queue.url: '" + text + "' should read redis://HOST:6379/0");
    }

    private final class Ear extends JedisPubSub {
        @Override
        public void onSubscribe(String channel, int channels) {
            heard = System.nanoTime();
            // What happened before is news as well.
            rung.rang();
        }

        @Override
        public void onPong(String nothing) {
            heard = System.nanoTime();
        }

        @Override
        public void onMessage(String channel, String words) {
            heard = System.nanoTime();
            if (channel.equals(WORDS)) {
                listener.accept(words);
            } else {
                rung.rang();
            }
        }
    }

    private void work() {
        while (!closing) {
            try (Jedis jedis = new Jedis(address, config)) {
                listening = jedis;
                jedis.subscribe(ear, NEWS, WORDS);
            } catch (JedisException e) {
                report(e);
            }
            pause();
        }
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(closing ? 0 : 500);
        } catch (InterruptedException e) {
            closing = true;
            Thread.currentThread().interrupt();
        }
    }

    /** Says once that Redis is away, and once that it is back. */
    private void report(JedisException e) {
        again = System.nanoTime() + REST.toNanos();
        if (!away && !closing) {
            away = true;
            LOG.warn("Redis at {} does not answer ({}); the nodes look at the store instead", address, e.getMessage());
        }
    }

    /** Does something in Redis if it is there; whether it was. */
    private boolean tried(Runnable act) {
        if (away && System.nanoTime() < again) {
            return false;
        }
        try {
            act.run();
            if (away) {
                away = false;
                LOG.info("Redis at {} answers again", address);
            }
            return true;
        } catch (JedisException e) {
            report(e);
            return false;
        }
    }

    @Override
    public void await(Duration longest) throws InterruptedException {
        rung.await(longest);
        long silent = System.nanoTime() - heard;
        Jedis jedis = listening;
        if (silent > silence.toNanos() && jedis != null) {
            heard = System.nanoTime();
            jedis.disconnect();
        } else if (silent > silence.dividedBy(3).toNanos()) {
            ask();
        }
    }

    private void ask() {
        try {
            ear.ping();
        } catch (JedisException e) {
            LOG.debug("not connected to Redis at {}, which is told of elsewhere", address, e);
        }
    }

    @Override
    public void ring() {
        if (ringing.compareAndSet(false, true)) {
            speaking.execute(() -> {
                ringing.set(false);
                tried(() -> redis.publish(NEWS, ""));
            });
        }
    }

    @Override
    public void tell(String words) {
        speaking.execute(() -> tried(() -> redis.publish(WORDS, words)));
    }

    @Override
    public void listen(Consumer<String> heard) {
        listener = heard;
    }

    @Override
    public void offer(Line line, int jobs) {
        speaking.execute(() -> tried(() -> turns.offer(line, jobs)));
    }

    @Override
    public boolean turn(Predicate<List<String>> mine) {
        boolean[] turn = {true};
        tried(() -> turn[0] = turns.take(mine));
        return turn[0];
    }

    @Override
    public void refill(Supplier<Map<Line, Integer>> waiting) {
        tried(() -> turns.refill(waiting));
    }

    @Override
    public void close() {
        closing = true;
        speaking.shutdownNow();
        thread.interrupt();
        Jedis jedis = listening;
        if (jedis != null) {
            jedis.disconnect();
        }
        redis.close();
    }
}
