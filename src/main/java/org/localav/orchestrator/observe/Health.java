package org.localav.orchestrator.observe;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.process.CancelledException;
import org.localav.orchestrator.service.JobService;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.StoreException;

/**
 * Whether the service can take and run jobs, looked at when it is asked and for real: a row is written to the job store.
 * What was found counts for a second, and nobody waits longer than {@link #PATIENCE} for a disk or a lock.
 */
public final class Health implements AutoCloseable {
    /** The checks whose failure means that jobs can't be taken or run; of the others the operator should know. */
    private static final List<String> NEEDED = List.of("programs", "disk", "store", "inbox");

    private static final Duration KEPT = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final JobService service;
    private final JobStore store;
    private final Workshop workshop;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread looking = new Thread(task, "health");
        looking.setDaemon(true);
        return looking;
    });
    private final Map<String, String> faults = new LinkedHashMap<>();
    private volatile String lookingAt = "";
    private Future<?> look;
    private State state;
    private long found;

    Health(JobService service, JobStore store) {
        this.service = service;
        this.store = store;
        this.workshop = service.workshop();
    }

    /**
     * What was found.
     *
     * @param faults a sentence for each check that failed, by its name
     */
    public record State(Map<String, String> faults) {
        public State {
            faults = new LinkedHashMap<>(faults);
        }

        public boolean ready() {
            return causes().isEmpty();
        }

        /** Why jobs can't be taken or run. */
        public List<String> causes() {
            return sentences(true);
        }

        /** What the operator should know although jobs are taken and run. */
        public List<String> warnings() {
            return sentences(false);
        }

        private List<String> sentences(boolean needed) {
            return faults.entrySet().stream()
                    .filter(fault -> NEEDED.contains(fault.getKey()) == needed)
                    .map(Map.Entry::getValue)
                    .toList();
        }
    }

    /** The names of all checks. */
    static List<String> checks() {
        return Stream.concat(NEEDED.stream(), Stream.of("routes")).toList();
    }

    /** How it stands now, or did less than a second ago. */
    public synchronized State state() {
        if (state != null && System.nanoTime() - found < KEPT.toNanos()) {
            return state;
        }
        if (look == null) {
            look = thread.submit(this::look);
        }
        try {
            look.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            look = null;
            state = new State(faults);
        } catch (TimeoutException e) {
            state = new State(Map.of(
                    lookingAt,
                    "looking at the " + lookingAt + " takes longer than " + PATIENCE.toSeconds()
                            + " s: another program has locked it, or its disk does not answer"));
        } catch (ExecutionException e) {
            look = null;
            throw new IllegalStateException("the health of the service could not be looked at", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException("the service is ending");
        }
        found = System.nanoTime();
        return state;
    }

    private void look() {
        faults.clear();
        check("programs", this::programs);
        check("disk", this::disk);
        check("store", this::store);
        check("inbox", this::inbox);
        check("routes", () -> {
            List<String> rejected = service.routes().rejected();
            return rejected.isEmpty()
                    ? Optional.empty()
                    : Optional.of("the latest edit of the routes is refused, jobs run along the ones before: "
                            + String.join("; ", rejected));
        });
    }

    private void check(String name, java.util.function.Supplier<Optional<String>> check) {
        lookingAt = name;
        check.get().ifPresent(sentence -> faults.put(name, sentence));
    }

    private Optional<String> programs() {
        return Stream.of("ffmpeg.program", "ffprobe.program")
                .flatMap(setting -> workshop
                        .processes()
                        .missing(workshop.settings().text(setting))
                        .map(missing -> missing + " (" + setting + ")")
                        .stream())
                .reduce((one, other) -> one + "; " + other);
    }

    private Optional<String> disk() {
        Settings settings = workshop.settings();
        long least = settings.bytes("health.disk_free");
        return Stream.concat(Stream.of(workshop.places().state()), settings.folders("output.roots").stream())
                .map(Path::toFile)
                .filter(folder -> folder.exists() && folder.getUsableSpace() < least)
                .findFirst()
                .map(folder -> room(folder, settings.text("health.disk_free")));
    }

    private static String room(File folder, String least) {
        return "the disk of " + folder + " has room for " + (folder.getUsableSpace() >> 20)
                + " MB, less than health.disk_free asks for (" + least
                + "); make room, or lower steps.limit so that the step store holds less";
    }

    private Optional<String> store() {
        try {
            store.remember("health.looked", Instant.now().toString());
            return Optional.empty();
        } catch (StoreException e) {
            return Optional.of(e.getMessage());
        }
    }

    private Optional<String> inbox() {
        Path inbox = workshop.places().inbox();
        return workshop.settings().flag("read_only")
                ? Optional.empty()
                : inboxObstacle(inbox).map(obstacle -> "the inbox " + inbox + " " + obstacle);
    }

    /** Why specs can't be taken from a folder, as the end of a sentence that begins with it. */
    public static Optional<String> inboxObstacle(Path inbox) {
        if (!Files.isDirectory(inbox)) {
            return Optional.of("is not there; make the folder, or name another one as inbox.folder");
        }
        return Files.isReadable(inbox) && Files.isExecutable(inbox)
                ? Optional.empty()
                : Optional.of(
                        "can't be read; let the user of this service read it, or name another one as inbox.folder");
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
