package org.localav.orchestrator.route;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Violation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the job routes of a folder and follows its edits: a change that holds together becomes a new {@link Generation}
 * beside the running one, new jobs lease that, and the old one closes when its last job has ended. A change that doesn't
 * is reported once and changes nothing.
 *
 * <p>While two generations are up, so are two sets of consumers: job routes should begin with {@code direct:}. Ways in that
 * own a port or a folder are doors and run elsewhere.
 */
public final class RouteGenerations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RouteGenerations.class);

    private final Path folder;
    private final Consumer<CamelContext> prepare;
    private final Consumer<ReloadReport> report;
    private final Object changing = new Object();
    private final List<Generation> retired = new ArrayList<>();
    private volatile Generation current;
    private boolean managed;
    private volatile List<String> rejected = List.of();
    private String rejectedState = "";
    private String lastSeen = "";
    private ScheduledExecutorService watcher;

    /**
     * @param prepare binds beans, policies and properties in each new context before its routes are built; it must bind
     *     the same instances each time (they outlive every generation), but policies and notifiers that are Camel services
     *     anew.
     * @param report hears of every change while watching, on the watching thread
     */
    public RouteGenerations(Path folder, Consumer<CamelContext> prepare, Consumer<ReloadReport> report) {
        this.folder = folder;
        this.prepare = prepare;
        this.report = report;
    }

    /** Makes the routes beans for JMX, which takes time a single run does not have; to be called before the start. */
    public void manage() {
        managed = true;
    }

    /** @throws InvalidSpecException with {@code file:line:column} of every fault when the routes can't run */
    public void start() throws InvalidSpecException {
        synchronized (changing) {
            if (current != null) {
                throw new IllegalStateException("the routes are already running");
            }
            current = RouteCheck.start(1, RouteFolder.read(folder).work(), managed, prepare);
        }
    }

    /** The newest routes, for one job; the caller closes it when the job has ended. */
    public Lease lease() {
        while (true) {
            Generation generation = current;
            if (generation == null) {
                throw new IllegalStateException("the routes are not running");
            }
            if (generation.acquire()) {
                return new Lease(generation);
            }
        }
    }

    /** Looks at the folder again and again; a change counts once two looks have found the same text. */
    public void watch(Duration every) {
        synchronized (changing) {
            if (watcher != null) {
                throw new IllegalStateException("the routes are already watched");
            }
            watcher = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread thread = new Thread(task, "avo-routes-watch");
                thread.setDaemon(true);
                return thread;
            });
            watcher.scheduleWithFixedDelay(this::look, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Takes the folder as it is now, settled or not; empty when it holds what already runs. */
    public Optional<ReloadReport> reloadNow() {
        synchronized (changing) {
            return change(Seen.in(folder));
        }
    }

    /** How things stand: what runs, and what is wrong with the folder as it is now. */
    public Status status() {
        synchronized (changing) {
            retired.removeIf(generation -> !generation.isOpen());
            Generation now = current;
            return now == null
                    ? new Status(0, List.of(), retired.size(), rejected)
                    : new Status(
                            now.number(), List.copyOf(now.routes().texts().keySet()), retired.size() + 1, rejected);
        }
    }

    /**
     * @param generation number of the newest routes, from 1; 0 when none run
     * @param open generations still running, the newest included
     * @param rejected sentences about the folder's present text, empty when it is what runs
     */
    public record Status(int generation, List<String> files, int open, List<String> rejected) {}

    /** Stops watching and closes the routes as soon as no job holds them: at once, when none does. */
    @Override
    public void close() {
        synchronized (changing) {
            if (watcher != null) {
                watcher.shutdownNow();
                watcher = null;
            }
            Generation last = current;
            current = null;
            if (last != null) {
                last.releaseAndWait();
            }
        }
    }

    /** One look of the watching thread. */
    void look() {
        try {
            Optional<ReloadReport> news;
            synchronized (changing) {
                Seen seen = Seen.in(folder);
                boolean settled = seen.state().equals(lastSeen);
                lastSeen = seen.state();
                news = settled && !seen.state().equals(rejectedState) ? change(seen) : Optional.empty();
            }
            news.ifPresent(report);
        } catch (RuntimeException e) {
            LOG.error("Looking at the routes in {} failed", folder, e);
        }
    }

    private Optional<ReloadReport> change(Seen seen) {
        Generation old = current;
        if (old == null) {
            return Optional.empty();
        }
        if (seen.state().equals(old.routes().hash())) {
            rejectedState = "";
            rejected = List.of();
            return Optional.empty();
        }
        try {
            Generation next = RouteCheck.start(old.number() + 1, seen.routes(), managed, prepare);
            current = next;
            retired.removeIf(generation -> !generation.isOpen());
            retired.add(old);
            old.release();
            rejectedState = "";
            rejected = List.of();
            return Optional.of(
                    new ReloadReport.Loaded(next.number(), next.routes().changedSince(old.routes())));
        } catch (InvalidSpecException e) {
            rejectedState = seen.state();
            rejected = e.violations().stream().map(Violation::toString).toList();
            return Optional.of(new ReloadReport.Rejected(rejected));
        }
    }

    /** One look at the folder: either its job routes or why it can't be read; {@code state} tells two looks apart. */
    private record Seen(String state, RouteFolder found, InvalidSpecException unreadable) {
        static Seen in(Path folder) {
            try {
                RouteFolder work = RouteFolder.read(folder).work();
                return new Seen(work.hash(), work, null);
            } catch (InvalidSpecException e) {
                return new Seen(e.getMessage(), null, e);
            }
        }

        RouteFolder routes() throws InvalidSpecException {
            if (unreadable != null) {
                throw unreadable;
            }
            return found;
        }
    }
}
