package org.localav.orchestrator.door;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.component.file.GenericFile;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.service.ConflictException;
import org.localav.orchestrator.service.JobService;
import org.localav.orchestrator.service.Submission;
import org.localav.orchestrator.service.UnknownJobException;
import org.localav.orchestrator.settings.Places;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Violation;
import org.localav.orchestrator.store.Acceptance;
import org.localav.orchestrator.store.JobRow;
import org.localav.orchestrator.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the route of the inbox calls: a file becomes a job, then it is put away. A crash between the two does no harm: the
 * same text in the same folder is the same job.
 */
public final class Inbox implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);
    private static final String JOB_NOTE = ".job.txt";
    private static final String ERROR_NOTE = ".error.txt";

    /** How many quiet times a file waits that could not be read or moved, or whose job could not be stored. */
    private static final int PATIENCE = 10;

    /** How far the clock of file times, which goes in steps, may lag behind the other one. */
    private static final Duration CLOCK_STEP = Duration.ofMillis(10);

    private final JobService service;
    private final Path folder;
    private final InboxWatch watch;
    private final Renames renames;
    private final Filing filing;
    private final Duration pause;
    private volatile boolean storeIsDown;

    /** Takes specs for a service. Checking routes, which calls nothing, needs none. */
    public Inbox(JobService service, Settings settings, Places places) {
        this.service = service;
        this.folder = places.inbox();
        this.renames = new Renames(places.state().resolve("inbox"));
        this.watch = new InboxWatch(folder, settings.duration("inbox.quiet"), settings.flag("read_only"), renames);
        this.filing = new Filing(folder);
        this.pause = settings.duration("inbox.quiet").multipliedBy(PATIENCE);
    }

    /** What the route refers to by name. */
    public Map<String, Object> beans() {
        return Map.of("inbox", this, "inboxWatch", watch);
    }

    /**
     * Makes the file a job; it is durable on return.
     *
     * @throws InvalidSpecException with every violation
     * @throws ConflictException when there is another job of its id
     * @throws BlockedException when the operator does not allow it
     */
    public void accept(Exchange exchange)
            throws InvalidSpecException, ConflictException, BlockedException, UnsettledException, IOException {
        SpecFile file = file(exchange);
        if (watch.taken(file.path()).isPresent()) {
            return;
        }
        Taken taken = take(file, file.text(folder));
        watch.taken(file.path(), taken);
        storeIsDown = false;
        LOG.info("{}: {}", file.path(), taken.sentence());
    }

    private SpecFile file(Exchange exchange) throws UnsettledException, IOException {
        GenericFile<?> found = exchange.getProperty(Exchange.FILE_EXCHANGE_FILE, GenericFile.class);
        Path path = InboxWatch.path((File) found.getFile()).orElseThrow(UnsettledException::new);
        return new SpecFile(path, watch.stand(path).orElseThrow(UnsettledException::new));
    }

    private Taken take(SpecFile file, String text) throws InvalidSpecException, ConflictException, BlockedException {
        Path place = file.path().getParent();
        String key = "inbox:" + Keys.sha256(place + "\n" + text);
        try {
            Acceptance answer = service.accept(new Submission(text, file.name(), place, "inbox", Optional.of(key)));
            return answer instanceof Acceptance.Repeated
                    ? known(answer.job(), file)
                    : new Taken(answer.job(), Taken.How.NEW);
        } catch (ConflictException e) {
            // Keys are forgotten after some days, and the job may have come another way: the text tells in any case.
            Optional<JobRow> same = e.job()
                    .filter(job ->
                            job.folder().equals(place) && service.spec(job.id()).equals(Optional.of(text)));
            return known(same.orElseThrow(() -> e), file);
        }
    }

    /**
     * A job that had failed is tried again for a file that came after its end. One that was there before is the file that
     * the job was made of, and could not be moved.
     */
    private Taken known(JobRow job, SpecFile file) throws BlockedException {
        Instant came = file.stand().changed().toInstant().plus(CLOCK_STEP);
        boolean retry = (job.status() == JobStatus.FAILED || job.status() == JobStatus.CANCELLED)
                && job.endedAt().filter(came::isAfter).isPresent();
        try {
            return retry ? new Taken(service.retry(job.id()), Taken.How.AGAIN) : new Taken(job, Taken.How.KNOWN);
        } catch (ConflictException | UnknownJobException e) {
            // Somebody else was quicker, and has put it into the queue or removed it.
            return new Taken(job, Taken.How.KNOWN);
        }
    }

    /** Moves a file that became a job. */
    public void fileAsDone(Exchange exchange) throws UnsettledException, IOException {
        SpecFile file = file(exchange);
        Taken taken = watch.taken(file.path()).orElseThrow(UnsettledException::new);
        Optional<Path> moved;
        try {
            moved = filing.move(file, Filing.DONE, JOB_NOTE);
        } catch (IOException e) {
            stays(
                    file,
                    "has become job " + taken.job().id() + ", but can't be put away (" + said(e)
                            + "); let the user of this service write in the inbox, and it goes by itself");
            return;
        }
        watch.forget(file.path());
        moved.ifPresent(there -> note(there, JOB_NOTE, note(file, taken)));
    }

    /** What a note says stands in the log as well, so a full disk takes nothing away. */
    private void note(Path moved, String ending, String text) {
        try {
            filing.note(moved, ending, text);
        } catch (IOException e) {
            LOG.warn("no note could be written beside {}: {}", moved, said(e));
        }
    }

    private static String note(SpecFile file, Taken taken) {
        String id = taken.job().id();
        return "%s: %s (%s).%n%navo show %s     how it stands%navo watch %s    follow it%n"
                .formatted(file.name(), taken.sentence(), now(), id, id);
    }

    /** Moves a file that can't be a job, with the reasons; the first time it only gets another look. */
    public void refuse(Exchange exchange) throws IOException, UnsettledException {
        SpecFile file = file(exchange);
        if (watch.again(file.path())) {
            return;
        }
        List<String> sentences = sentences(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
        Optional<Path> moved;
        try {
            moved = filing.move(file, Filing.FAILED, ERROR_NOTE);
        } catch (IOException e) {
            stays(
                    file,
                    "is refused (" + String.join("; ", sentences) + "), but can't be put away (" + said(e)
                            + "); let the user of this service write in the inbox, and it goes by itself");
            return;
        }
        LOG.warn("{} is refused: {}", file.path(), String.join("; ", sentences));
        watch.forget(file.path());
        moved.ifPresent(there -> note(there, ERROR_NOTE, note(file, sentences)));
    }

    private static List<String> sentences(Exception refusal) {
        if (refusal instanceof InvalidSpecException invalid) {
            return invalid.violations().stream().map(Violation::toString).toList();
        }
        return refusal instanceof BlockedException blocked ? blocked.sentences() : List.of(refusal.getMessage());
    }

    private static String note(SpecFile file, List<String> sentences) {
        return """
                %s could not be taken as a job (%s). What is wrong:

                %s

                Two numbers behind the file's name are the line and the column. Correct the file and put it here again:
                %s
                What may stand in it is told in docs/spec.md; 'avo validate FILE' checks it without running it.
                """
                .formatted(
                        file.name(),
                        now(),
                        sentences.stream().map(s -> "  " + s).collect(Collectors.joining("\n")),
                        file.path());
    }

    /** Leaves a file that can't be read, or whose job can't be stored, where it is; this is said once. */
    public void leave(Exchange exchange) throws IOException {
        Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        try {
            SpecFile file = file(exchange);
            if (cause instanceof IOException unreadable) {
                String reason = "can't be read (" + said(unreadable)
                        + "); let the user of this service read it, and it is taken";
                if (stays(file, reason)) {
                    noteOnFileThatStays(file, reason);
                }
            } else if (!(cause instanceof UnsettledException)) {
                watch.leave(file.path(), pause);
                sayThatNothingIsTaken(cause);
            }
        } catch (UnsettledException e) {
            LOG.trace("{} is gone", exchange.getProperty(Exchange.FILE_EXCHANGE_FILE));
        }
    }

    /** Once for all files that wait: a store that is down is down for each. */
    private void sayThatNothingIsTaken(Exception cause) {
        if (!storeIsDown) {
            LOG.error(
                    "no jobs can be taken from the inbox for now, which is tried again: {}",
                    cause.getMessage(),
                    cause instanceof StoreException ? null : cause);
        }
        storeIsDown = true;
    }

    private void noteOnFileThatStays(SpecFile file, String reason) {
        try {
            filing.noteOf(file, Filing.FAILED, ERROR_NOTE, file.name() + " " + reason + " (" + now() + ").\n");
        } catch (IOException e) {
            LOG.warn("nothing can be written in the inbox {}: {}", folder, said(e));
        }
    }

    private boolean stays(SpecFile file, String sentence) {
        boolean first = watch.leave(file.path(), pause);
        if (first) {
            LOG.warn("{} {}", file.path(), sentence);
        }
        return first;
    }

    private static String said(IOException failure) {
        String kind = failure.getClass()
                .getSimpleName()
                .replaceAll("Exception$", "")
                .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
                .toLowerCase(Locale.ROOT);
        if (failure instanceof FileSystemException file) {
            return file.getFile() + ": " + (file.getReason() == null ? kind : file.getReason());
        }
        return failure.getMessage() == null ? kind : failure.getMessage();
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS);
    }

    @Override
    public void close() {
        renames.close();
    }
}
