package org.localav.orchestrator.cli;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.door.Doors;
import org.localav.orchestrator.engine.Engine;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.observe.Meters;
import org.localav.orchestrator.observe.Observatory;
import org.localav.orchestrator.redis.RedisBell;
import org.localav.orchestrator.route.ReloadReport;
import org.localav.orchestrator.service.JobService;
import org.localav.orchestrator.settings.InvalidSettingException;
import org.localav.orchestrator.settings.NodeName;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.store.Bell;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.SqlJobStore;
import org.localav.orchestrator.webhook.Mailbox;
import org.localav.orchestrator.webhook.Postman;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running service: everything it is made of, opened in order and closed in the opposite one. */
final class Daemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private Doors doors;

    /**
     * Opens it.
     *
     * @throws InvalidSpecException with file, line and column of what is wrong in routes or presets
     * @throws IOException with a sentence when the port or a folder can't be used
     */
    static Daemon start(Settings settings, Map<String, String> environment) throws InvalidSpecException, IOException {
        Daemon daemon = new Daemon();
        try {
            daemon.open(settings, environment);
            return daemon;
        } catch (InvalidSpecException | IOException | RuntimeException e) {
            daemon.close();
            throw e;
        }
    }

    private void open(Settings settings, Map<String, String> environment) throws InvalidSpecException, IOException {
        Workshop workshop = new Workshop(settings, environment);
        JobStore store = closing(SqlJobStore.of(settings, workshop.places().state(), environment));
        Postman postman = closing(new Postman(store, workshop.hosts(), environment, workshop.audit()));
        Meters meters = new Meters(Version.text());
        Engine engine = closing(new Engine(
                workshop, environment, Version.text(), meters, Daemon::tell, new Mailbox(store, postman::wake)));
        engine.manage();
        engine.start();
        engine.watch();
        String node = NodeName.of(settings);
        Optional<Bell> bell = bell(settings, store, node, environment);
        bell.ifPresent(this::closing);
        JobService service = closing(new JobService(workshop, engine, store, bell, node, postman::wake));
        Observatory observatory = closing(new Observatory(meters, engine, service, store));
        doors = closing(new Doors(service, observatory, Version.text(), Map.of()));
        doors.start();
        observatory.open();
        postman.start();
        service.start();
    }

    private static Optional<Bell> bell(
            Settings settings, JobStore store, String node, Map<String, String> environment) {
        if (settings.text("queue.url").isEmpty()) {
            return store.bell();
        }
        if (!store.shared()) {
            throw new InvalidSettingException(
                    "queue.url needs store.url: Redis wakes nodes, and PostgreSQL holds their jobs");
        }
        return Optional.of(RedisBell.of(settings, node, environment));
    }

    private <T extends AutoCloseable> T closing(T part) {
        open.push(part);
        return part;
    }

    private static void tell(ReloadReport report) {
        if (report instanceof ReloadReport.Rejected rejected) {
            rejected.sentences().forEach(sentence -> LOG.warn("the edited routes are not used: {}", sentence));
        } else if (report instanceof ReloadReport.Loaded loaded) {
            LOG.info("new jobs take the edited routes: {}", String.join(", ", loaded.changedFiles()));
        }
    }

    /** Where the HTTP API is. */
    String address() {
        return doors.address();
    }

    /** An address of the dashboard that opens it signed in. */
    String link() {
        return doors.link();
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                LOG.error("a part of the service could not be closed", e);
            }
        }
    }
}
