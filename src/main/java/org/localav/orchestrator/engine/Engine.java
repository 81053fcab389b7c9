package org.localav.orchestrator.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.DiscardPolicy;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.util.StringHelper;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.Crew;
import org.localav.orchestrator.job.Errand;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobListener;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Prepared;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.job.Tenure;
import org.localav.orchestrator.job.WorkFolders;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.log.LogFields;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.process.Processes;
import org.localav.orchestrator.report.ReportFiles;
import org.localav.orchestrator.route.Archive;
import org.localav.orchestrator.route.JobContext;
import org.localav.orchestrator.route.Lease;
import org.localav.orchestrator.route.ReloadReport;
import org.localav.orchestrator.route.RouteGenerations;
import org.localav.orchestrator.route.WorkSlots;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.stage.FailureReason;
import org.localav.orchestrator.stage.JobFields;
import org.localav.orchestrator.stage.StageLifecycle;
import org.localav.orchestrator.stage.TimedOut;
import org.localav.orchestrator.trace.Span;
import org.localav.orchestrator.webhook.Carrier;
import org.localav.orchestrator.webhook.Direct;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs jobs: holds the routes, and sends each job along them from its acceptance to its end. */
public final class Engine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    /** How long the program's end may wait for an eviction; what was not removed then is by the next one. */
    private static final Duration EVICTION = Duration.ofSeconds(30);

    private static final DateTimeFormatter RUN =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final Workshop workshop;
    private final String version;
    private final WorkFolders folders;
    private final ThreadPoolExecutor evictions;
    private final Carrier carrier;
    private final JobContext context;
    private final RouteGenerations routes;

    /**
     * @param environment where secrets are found by name
     * @param version of this program, for reports
     * @param reloads hears of edits of the routes folder
     * @param carrier of the messages to webhooks; closed with this
     */
    public Engine(
            Workshop workshop,
            Map<String, String> environment,
            String version,
            MeterRegistry metrics,
            Consumer<ReloadReport> reloads,
            Carrier carrier) {
        this.workshop = workshop;
        this.version = version;
        this.folders = new WorkFolders(workshop.places().work());
        this.carrier = carrier;
        // One at a time and one that waits do for all jobs that end meanwhile.
        this.evictions = new ThreadPoolExecutor(
                1, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1), Engine::daemon, new DiscardPolicy());
        this.evictions.allowCoreThreadTimeOut(true);
        this.context = new JobContext(workshop, environment, version, metrics, carrier);
        this.routes = new RouteGenerations(workshop.places().routes(), context::prepare, reloads);
    }

    /** For single runs: with metrics that nobody reads, and messages to webhooks sent at once. */
    public Engine(Workshop workshop, Map<String, String> environment, String version) {
        this(
                workshop,
                environment,
                version,
                new SimpleMeterRegistry(),
                report -> {},
                new Direct(workshop.hosts(), environment, workshop.audit()));
    }

    /** Makes the routes beans for JMX, which takes time a single run does not have; to be called before the start. */
    public void manage() {
        routes.manage();
    }

    /**
     * Clears up after killed processes and loads the routes.
     *
     * @throws InvalidSpecException with file, line and column of what is wrong in the routes
     */
    public void start() throws InvalidSpecException, IOException {
        Processes.sweep(workshop.places().processes());
        folders.sweep();
        routes.start();
    }

    /** Follows edits of the routes as often as the settings say, for jobs that begin later. */
    public void watch() {
        Duration every = workshop.settings().duration("routes.watch");
        if (!every.isZero()) {
            routes.watch(every);
        }
    }

    public RouteGenerations routes() {
        return routes;
    }

    /**
     * Runs one job to its end and returns it ended; it never throws for what befalls the job itself.
     *
     * @param parsed the spec
     * @param specFile where it was read: its folder is what relative paths start from
     * @throws BlockedException when a job of the same id is running
     */
    public Job run(Parsed parsed, Path specFile, Cancellation cancellation, JobListener listener)
            throws IOException, BlockedException {
        String run = newRun();
        String id = parsed.spec().job().id().orElse(run);
        return run(
                new Order(id, run, parsed, specFile, workshop.settings().flag("output.overwrite"), Tenure.ALONE),
                cancellation,
                listener);
    }

    /**
     * What is to be run.
     *
     * @param run names this run of the job; see {@link #newRun}
     * @param specFile where the spec was read: its folder is what relative paths start from
     * @param overwrite the operator's consent to {@code force: true}
     * @param tenure says whether the run still is the one that may publish
     * @param crew who makes its steps
     */
    public record Order(
            String id, String run, Parsed parsed, Path specFile, boolean overwrite, Tenure tenure, Crew crew) {
        /** Of a run that nobody helps with. */
        public Order(String id, String run, Parsed parsed, Path specFile, boolean overwrite, Tenure tenure) {
            this(id, run, parsed, specFile, overwrite, tenure, Crew.ALONE);
        }
    }

    /** As {@link #run(Parsed, Path, Cancellation, JobListener)}, under a given id and run. */
    public Job run(Order order, Cancellation cancellation, JobListener listener) throws IOException, BlockedException {
        try (WorkFolders.Held work = folders.take(order.id());
                StepStore.Pin pin = workshop.store().pin(order.run())) {
            Job job = job(order, work.path(), pin, cancellation, new Counted(listener, context.metrics()));
            try (LogFields fields = JobFields.fields(job)) {
                LOG.info("job {} runs as {}", job.id(), job.run());
                wrote(
                        job,
                        "started",
                        Map.of("spec_sha256", Keys.sha256(job.parsed().text())));
                along(job);
                wrote(
                        job,
                        job.status().id(),
                        job.failure()
                                .map(why ->
                                        Map.of("reason", FailureReason.of(why).id()))
                                .orElse(Map.of()));
                LOG.atInfo()
                        .addKeyValue("status", job.status().id())
                        .addKeyValue("took_ms", job.age().toMillis())
                        .log(
                                "job {} {} after {} ms",
                                job.id(),
                                job.status().id(),
                                job.age().toMillis());
                workshop.learn(job);
                context.archive().forgetOldRuns(job);
                drawReport(job);
            }
            return job;
        } finally {
            evictions.execute(this::evict);
        }
    }

    /**
     * Makes a step of a job that another node runs; its result is in the step store then.
     *
     * @param order of the job; its run names the work here
     * @param key of the step
     * @return empty: it was there already
     * @throws Exception what kept it from being made
     */
    public Optional<StepReport> make(
            Order order, Errand errand, String key, Cancellation cancellation, JobListener listener) throws Exception {
        Prepared prepared = errand.prepare(key, order.specFile().getParent(), workshop);
        try (WorkFolders.Held work = folders.take(order.run());
                StepStore.Pin pin = workshop.store().pin(order.run());
                Lease lease = routes.lease()) {
            pin.hold(prepared.keys());
            Job job = job(order, work.path(), pin, cancellation, listener);
            job.prepared(prepared);
            Path sources = Files.createDirectories(work.path().resolve("in"));
            for (Prepared.Asset asset : prepared.assets().values()) {
                workshop.takeIn(asset, sources);
            }
            Exchange done = lease.template().send("direct:ffmpeg-step", exchange -> {
                exchange.setProperty("job", job);
                exchange.getMessage().setBody(prepared.plan().step(key).orElseThrow());
            });
            if (done.getException() != null) {
                throw done.getException();
            }
            return job.steps().stream().findFirst();
        }
    }

    private static Job job(Order order, Path work, StepStore.Pin pin, Cancellation cancellation, JobListener listener) {
        return new Job(
                order.id(),
                order.run(),
                order.parsed(),
                order.specFile().toAbsolutePath().normalize(),
                work,
                order.overwrite(),
                pin,
                order.tenure(),
                order.crew(),
                cancellation,
                listener);
    }

    private void wrote(Job job, String what, Map<String, String> details) {
        Map<String, String> all = new LinkedHashMap<>(Map.of("run", job.run()));
        all.putAll(details);
        workshop.audit().wrote(what, job.id(), all);
    }

    private void drawReport(Job job) {
        if (!workshop.settings().text("report.pictures").equals("end")) {
            return;
        }
        try (ReportFiles reports = new ReportFiles(workshop)) {
            reports.drawn(archive(job));
        } catch (IOException e) {
            LOG.warn("the pictures of job {}'s report could not be drawn: {}", job.id(), e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void along(Job job) {
        context.lifecycle()
                .during(
                        job.spec().job().timeout().orElse(workshop.settings().duration("job.timeout")),
                        limit -> job.path().cancel(TimedOut.reason("the job", limit)),
                        () -> send(job));
    }

    private void send(Job job) {
        try (Lease lease = routes.lease()) {
            job.started();
            context.metrics().jobBegan();
            Span span = workshop.tracing()
                    .begin("job", job.caller().trace(), Map.of("avo.job_id", job.id(), "avo.run", job.run()));
            Exchange done = lease.template().send("direct:job", exchange -> {
                exchange.setProperty("job", job);
                StageLifecycle.span(exchange, span);
            });
            // The path ends jobs itself; this is for a route that a user broke in a way no check could see.
            job.ended(JobStatus.FAILED, Optional.ofNullable(done.getException()));
            span.set("avo.status", job.status().id());
            span.end(job.failure().map(why -> FailureReason.of(why).id()));
        } finally {
            context.metrics().jobEnded(job);
        }
    }

    /** What jobs are made with here: this program, Java, Camel, ffmpeg. */
    public Map<String, String> versions() throws IOException, InterruptedException {
        try (Lease lease = routes.lease()) {
            return Map.of(
                    "avo", version,
                    "java", Runtime.version().toString(),
                    "camel", lease.context().getVersion(),
                    "ffmpeg", StringHelper.after(workshop.ffmpeg().version(), "ffmpeg version ", "unknown"));
        }
    }

    /** How many encoders run, and how many may. */
    public WorkSlots slots() {
        return context.slots();
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "eviction");
        thread.setDaemon(true);
        return thread;
    }

    /** A single run leaves the store within its limit when it ends. */
    private static void end(ThreadPoolExecutor evictions) {
        evictions.shutdown();
        try {
            evictions.awaitTermination(EVICTION.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Beside the jobs that run: where there is much to remove, none of them waits for it. */
    private void evict() {
        try {
            workshop.store().evict();
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("the step store can't be held under its limit: {}", e.toString());
        }
    }

    /** The run's report as it stands, as JSON. */
    public String report(Job job) {
        return new String(context.archive().report(job).toJson(), StandardCharsets.UTF_8);
    }

    /** Where a run's spec, plan and report are filed. */
    public Path archive(Job job) {
        return Archive.folder(workshop.places().archive(), job);
    }

    /** A name for a run, unlike any other, that sorts by time. */
    public static String newRun() {
        return RUN.format(Instant.now()) + "-" + random();
    }

    private static String random() {
        byte[] bytes = new byte[3];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public void close() {
        routes.close();
        context.close();
        end(evictions);
        carrier.close();
        workshop.tracing().close();
    }
}
