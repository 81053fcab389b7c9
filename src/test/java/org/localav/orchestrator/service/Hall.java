package org.localav.orchestrator.service;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.localav.orchestrator.audit.AuditLog;
import org.localav.orchestrator.engine.Studio;
import org.localav.orchestrator.job.HostPolicy;
import org.localav.orchestrator.observe.Meters;
import org.localav.orchestrator.redis.RedisBell;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.store.Bell;
import org.localav.orchestrator.store.JobRow;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.SqlJobStore;
import org.localav.orchestrator.webhook.Mailbox;
import org.localav.orchestrator.webhook.Postman;

/** A service on a folder, which can be closed and opened again on the same state. */
public final class Hall implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    public final Studio studio;
    public final JobStore store;
    public final Meters meters = new Meters("test");
    public final JobService service;
    private final Optional<Bell> bell;
    private final Postman postman;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();

    public Hall(Path home, Map<String, String> settings) throws Exception {
        this(home, settings, Map.of());
    }

    /** @param environment of the engine, such as {@code OTEL_*} */
    public Hall(Path home, Map<String, String> settings, Map<String, String> environment) throws Exception {
        Map<String, String> all = new LinkedHashMap<>(Map.of("shutdown.grace", "100ms", "node.name", "here"));
        all.putAll(settings);
        Settings read = Settings.read(Map.of(), all);
        String node = read.text("node.name");
        store = SqlJobStore.of(read, home.resolve("state"), Map.of());
        bell = read.text("queue.url").isEmpty() ? store.bell() : Optional.of(RedisBell.of(read, node, Map.of()));
        AuditLog audit =
                new AuditLog(home.resolve("state/audit"), read.bytes("audit.file"), read.duration("audit.keep"));
        postman = new Postman(store, HostPolicy.of(read), Map.of(), audit);
        studio = new Studio(home, all, environment, meters, workshop -> new Mailbox(store, postman::wake));
        service = new JobService(studio.workshop, studio.engine, store, bell, node, postman::wake);
        postman.start();
        service.feed().watch(Optional.empty(), new Feed.Watcher() {
            @Override
            public void news() {
                tell();
            }

            @Override
            public void progressed(Progress progress) {
                tell();
            }
        });
    }

    private void tell() {
        lock.lock();
        try {
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    public JobRow accept(String spec) throws Exception {
        return service.accept(new Submission("version: 1\n" + spec, "job.yaml", studio.jobs, "http", Optional.empty()))
                .job();
    }

    public JobRow job(String id) throws UnknownJobException {
        return service.find(id);
    }

    /** Tells of progress as running programs do. */
    public void progress(Progress progress) {
        service.feed().progressed(progress);
    }

    /** Waits until something is so, looking again whenever the service tells of news. */
    public void await(String what, BooleanSupplier so) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        lock.lock();
        try {
            while (!so.getAsBoolean()) {
                if (System.nanoTime() > end) {
                    throw new AssertionError("waited in vain: " + what);
                }
                news.await(50, TimeUnit.MILLISECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    public void awaitStatus(String id, String status) throws InterruptedException {
        await(id + " is " + status, () -> store.find(id)
                .filter(job -> job.status().id().equals(status))
                .isPresent());
    }

    @Override
    public void close() {
        service.close();
        bell.ifPresent(Bell::close);
        postman.close();
        store.close();
        studio.close();
    }
}
