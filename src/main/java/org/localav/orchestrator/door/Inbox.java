package org.localav.orchestrator.door;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
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

    /** How long a file waits that could not be moved, or whose job could not be stored. */
    private static final Duration PAUSE = Duration.ofSeconds(30);

    /** How far the clock of file times, which goes in steps, may lag behind the other one. */
    private static final Duration CLOCK_STEP = Duration.ofMillis(10);

    private final JobService service;
    private final Path folder;
    private final InboxWatch watch;
    private final Renames renames;
    private final Filing filing;

    /** Takes specs for a service. Checking routes, which calls nothing, needs none. */
    public Inbox(JobService service, Settings settings, Places places) {
        this.service = service;
        this.folder = places.inbox();
        this.renames = new Renames(places.state().resolve("inbox"));
        this.watch = new InboxWatch(folder, settings.duration("inbox.quiet"), settings.flag("read_only"), renames);
        this.filing = new Filing(folder);
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
    public void fileAsDone(Exchange exchange) throws IOException, UnsettledException {
        SpecFile file = file(exchange);
        Taken taken = watch.taken(file.path()).orElseThrow(UnsettledException::new);
        try {
            Optional<Path> moved = filing.move(file, Filing.DONE, JOB_NOTE);
            watch.forget(file.path());
            if (moved.isPresent()) {
                filing.note(moved.get(), JOB_NOTE, note(file, taken));
            }
        } catch (IOException e) {
            stays(
                    file,
                    "has become job " + taken.job().id() + ", but can't be put away (" + said(e)
                            + "); let the user of this service write in the inbox, and it goes by itself");
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
        LOG.warn("{} is refused: {}", file.path(), String.join("; ", sentences));
        try {
            Optional<Path> moved = filing.move(file, Filing.FAILED, ERROR_NOTE);
            watch.forget(file.path());
            if (moved.isPresent()) {
                filing.note(moved.get(), ERROR_NOTE, note(file, sentences));
            }
        } catch (IOException e) {
            stays(file, "can't be put away (" + said(e) + "); let the user of this service write in the inbox");
        }
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
        if (cause instanceof UnsettledException) {
            return;
        }
        SpecFile file;
        try {
            file = file(exchange);
        } catch (UnsettledException e) {
            return;
        }
        String reason = cause instanceof IOException io
                ? "can't be read (" + said(io) + "); let the user of this service read it, and it is taken"
                : "could not be made a job (" + cause.getMessage() + "); that is tried again";
        if (stays(file, reason)) {
            noteOnFileThatStays(file, reason);
        }
    }

    private void noteOnFileThatStays(SpecFile file, String reason) {
        try {
            filing.noteOf(file, Filing.FAILED, ERROR_NOTE, file.name() + " " + reason + " (" + now() + ").\n");
        } catch (IOException e) {
            LOG.warn("nothing can be written in the inbox {}: {}", folder, said(e));
        }
    }

    private boolean stays(SpecFile file, String sentence) {
        boolean first = watch.leave(file.path(), PAUSE);
        if (first) {
            LOG.warn("{} {}", file.path(), sentence);
        }
        return first;
    }

    private static String said(IOException failure) {
        String kind =
                failure.getClass().getSimpleName().replaceAll("Exception$", "").replaceAll("(?<=[a-z])(?=[A-Z])", " ");
        String reason = failure instanceof FileSystemException file ? file.getReason() : failure.getMessage();
        return reason == null ? kind.toLowerCase(java.util.Locale.ROOT) : reason;
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS);
    }

    @Override
    public void close() {
        renames.close();
    }
}
