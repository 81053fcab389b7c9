package org.localav.orchestrator.service;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.localav.orchestrator.engine.Engine;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.PlanView;
import org.localav.orchestrator.job.Prepared;
import org.localav.orchestrator.job.StageRecord;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.log.Logs;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.route.RouteGenerations;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.store.Acceptance;
import org.localav.orchestrator.store.Backlog;
import org.localav.orchestrator.store.Bell;
import org.localav.orchestrator.store.Delivery;
import org.localav.orchestrator.store.Event;
import org.localav.orchestrator.store.JobQuery;
import org.localav.orchestrator.store.JobRow;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.NewJob;
import org.localav.orchestrator.store.OutboxMessage;
import org.localav.orchestrator.store.Tally;
import org.localav.orchestrator.trace.Caller;
import org.localav.orchestrator.trace.Span;
import org.localav.orchestrator.webhook.Announcement;

/** What every way in asks of the running service: accepting jobs, telling of them, and ruling the queue. */
public final class JobService implements AutoCloseable {
    private final Workshop workshop;
    private final Engine engine;
    private final JobStore store;
    private final Feed feed = new Feed();
    private final Optional<Bell> bell;
    private final Dispatcher dispatcher;
    private final Optional<Follower> follower;
    private final Runnable mail;

    /**
     * @param node names this process as the owner of the jobs it runs
     * @param mail is run when there may be messages to webhooks in the outbox
     */
    public JobService(Workshop workshop, Engine engine, JobStore store, String node, Runnable mail) {
        this(workshop, engine, store, Optional.empty(), node, mail);
    }

    /** @param bell wakes the nodes of a store that is shared; it is not closed with this */
    public JobService(
            Workshop workshop, Engine engine, JobStore store, Optional<Bell> bell, String node, Runnable mail) {
        this.workshop = workshop;
        this.engine = engine;
        this.store = store;
        this.mail = mail;
        this.bell = bell;
        this.dispatcher = new Dispatcher(workshop, engine, store, feed, bell, node, mail);
        this.follower = bell.map(others -> new Follower(store, others, feed, node, dispatcher));
    }

    /** Takes up what a process that died has left, and begins to run jobs. */
    public void start() {
        dispatcher.start();
        follower.ifPresent(Follower::start);
    }

    /**
     * Accepts a spec as a job; it is durable on return. The same key with the same spec gives the job of the first time.
     *
     * @throws InvalidSpecException with every violation the text alone shows
     * @throws ConflictException when there is a job of that id, or the key was used for something else
     * @throws BlockedException when this service is read-only, or the operator allows no webhooks to a host it names
     */
    public Acceptance accept(Submission submission) throws InvalidSpecException, ConflictException, BlockedException {
        refuseWhenReadOnly("accept jobs");
        Parsed parsed = parse(submission);
        workshop.preparation().checkWebhooks(parsed);
        JobSpec.Job job = parsed.spec().job();
        Map<String, String> request = request();
        Acceptance answer;
        do {
            answer = store.accept(newJob(job.id().orElseGet(Engine::newRun), job, submission, request));
            // Of ten thousand ids made in a few seconds, two may be the same.
        } while (job.id().isEmpty() && answer instanceof Acceptance.IdTaken);
        if (answer instanceof Acceptance.IdTaken taken) {
            throw new ConflictException(
                    "there is a job '" + taken.job().id() + "' already, and it is "
                            + taken.job().status().id()
                            + "; give this one another id under job:, or leave the id out to get a new one each time",
                    Optional.of(taken.job()));
        }
        if (answer instanceof Acceptance.KeyReused reused) {
            throw new ConflictException(
                    "this idempotency key was used for another spec, job '"
                            + reused.job().id() + "'; use a new key for each job",
                    Optional.of(reused.job()));
        }
        if (answer instanceof Acceptance.Accepted) {
            wrote(
                    "accepted",
                    answer.job().id(),
                    Map.of("origin", submission.origin(), "spec_sha256", Keys.sha256(submission.text())));
            queued(answer.job());
        }
        return answer;
    }

    /** What a job's history tells of the request it came by; its runs belong to the request's trace, if it is in one. */
    private Map<String, String> request() {
        Caller caller = Caller.now();
        Map<String, String> request = new TreeMap<>(Map.of("request_id", caller.requestId()));
        Span accepting = workshop.tracing().begin("accept", caller.trace(), Map.of());
        accepting.end(Optional.empty());
        accepting.parent().ifPresent(trace -> request.put("traceparent", trace.text()));
        return request;
    }

    private void wrote(String what, String job, Map<String, ?> details) {
        workshop.audit().wrote(what, job, details);
    }

    private NewJob newJob(String id, JobSpec.Job job, Submission submission, Map<String, String> request) {
        return new NewJob(
                id,
                job.priority(),
                List.copyOf(job.labels()),
                job.tags(),
                job.title(),
                submission.origin(),
                submission.text(),
                submission.name(),
                submission.folder(),
                settings().flag("output.overwrite"),
                Instant.now(),
                submission.key().map(key -> new NewJob.Key(key, fingerprint(submission))),
                request);
    }

    /** Plans a spec and does nothing; without an id of its own it is called by its file's name. */
    public PlanView plan(Submission submission, Cancellation cancellation)
            throws InvalidSpecException, BlockedException, IOException, InterruptedException {
        Parsed parsed = parse(submission);
        Prepared prepared = workshop.plan(parsed, submission.folder().resolve(submission.name()), cancellation);
        return PlanView.of(parsed.spec().job().id().orElse(submission.name()), prepared, workshop);
    }

    private static Parsed parse(Submission submission) throws InvalidSpecException {
        return SpecReader.read(
                submission.name(), submission.text(), submission.name().endsWith(".json"));
    }

    private static String fingerprint(Submission submission) {
        return Keys.sha256(submission.folder() + "\n" + submission.text());
    }

    public JobRow find(String id) throws UnknownJobException {
        return store.find(id).orElseThrow(() -> new UnknownJobException(id));
    }

    public List<JobRow> list(JobQuery query) {
        return store.list(query);
    }

    /** The text of a job's spec. */
    public Optional<String> spec(String id) {
        return store.spec(id);
    }

    /** The stages of its latest run. */
    public List<StageRecord> stages(String id) {
        return store.stages(id);
    }

    /** The report of its latest run that ended, as JSON. */
    public Optional<String> report(String id) throws UnknownJobException {
        find(id);
        return store.report(id);
    }

    /** Events of one job or of all after a number, oldest first. */
    public List<Event> events(Optional<String> jobId, long after, int limit) {
        return store.events(jobId, after, limit);
    }

    /** The number of the latest event of all jobs; what is to come has a higher one. */
    public long latestEvent() {
        return store.latestEvent();
    }

    /** Tells when there is something new to read. */
    public Feed feed() {
        return feed;
    }

    /** The messages to its webhooks. */
    public List<OutboxMessage> messages(String id) throws UnknownJobException {
        find(id);
        return store.messages(id);
    }

    /** The delivery log of webhooks, newest first. */
    public List<Delivery> deliveries(Optional<String> id, int limit) {
        return store.deliveries(id, limit);
    }

    /**
     * Ends a job: one that waits at once, one that runs as soon as its programs have ended.
     *
     * @throws ConflictException when it has ended already
     */
    public JobRow cancel(String id) throws UnknownJobException, ConflictException, BlockedException {
        refuseWhenReadOnly("cancel jobs");
        JobRow before = find(id);
        if (before.status().ended()) {
            throw new ConflictException(
                    "job '" + id + "' has ended already: it is "
                            + before.status().id(),
                    Optional.of(before));
        }
        JobRow job = store.cancel(id, Announcement::cancelled).orElseThrow(() -> new UnknownJobException(id));
        dispatcher.cancel(id);
        wrote("cancelled", id, Map.of());
        mail.run();
        feed.news(id);
        return job;
    }

    /**
     * Puts a failed or cancelled job into the queue again; what it had finished is in the step store.
     *
     * @throws ConflictException when it is neither
     */
    public JobRow retry(String id) throws UnknownJobException, ConflictException, BlockedException {
        refuseWhenReadOnly("run jobs again");
        JobRow before = find(id);
        JobRow job = store.retry(id, Map.of("request_id", Caller.now().requestId()))
                .orElseThrow(() -> new UnknownJobException(id));
        if (job.version() == before.version()) {
            throw new ConflictException(
                    "job '" + id + "' is " + job.status().id() + "; only a failed or cancelled job can be tried again",
                    Optional.of(job));
        }
        wrote("retried", id, Map.of());
        queued(job);
        return job;
    }

    /** Whether a defect has ended what starts jobs, so that only a restart helps. */
    public boolean broken() {
        return !dispatcher.alive();
    }

    private void queued(JobRow job) {
        bell.ifPresent(others -> others.offer(Bell.Line.of(job.labels(), job.priority()), 1));
        feed.news(job.id());
        dispatcher.wake();
    }

    /** Whether jobs start. */
    public QueueState.Mode mode() {
        return dispatcher.mode();
    }

    /**
     * Lets a job that waits start earlier or later than others.
     *
     * @param believed the priority it has as far as the caller knows; another one is a conflict. Empty: whatever it is
     * @param priority 0 to 9, higher first
     */
    public JobRow prioritise(String id, Optional<Integer> believed, int priority)
            throws UnknownJobException, ConflictException, BlockedException {
        refuseWhenReadOnly("change priorities");
        JobRow job = store.prioritise(id, believed, priority).orElseThrow(() -> new UnknownJobException(id));
        if (job.status() != JobStatus.QUEUED) {
            throw new ConflictException(
                    "job '" + id + "' is " + job.status().id() + "; only one that waits can be given another priority",
                    Optional.of(job));
        }
        if (job.priority() != priority) {
            throw new ConflictException(
                    "the priority of job '" + id + "' is " + job.priority() + " by now and not "
                            + believed.orElseThrow() + "; look again and decide anew",
                    Optional.of(job));
        }
        wrote("reprioritised", id, Map.of("priority", priority));
        feed.news(id);
        dispatcher.wake();
        return job;
    }

    /** Of jobs that ended, how many did how, in steps of time from a moment on. */
    public List<Tally> tallies(Instant from, Duration step) {
        return store.tallies(from, step);
    }

    public QueueState queue() {
        return new QueueState(dispatcher.mode(), dispatcher.concurrent(), store.counts());
    }

    /** What waits, counted without a look at what has ended. */
    public Backlog backlog() {
        return store.backlog();
    }

    /** Lets no further job start or, with {@link QueueState.Mode#RUNNING}, lets them start again; survives a restart. */
    public QueueState rule(QueueState.Mode mode) throws BlockedException {
        refuseWhenReadOnly("pause or resume the queue");
        dispatcher.rule(mode);
        bell.ifPresent(Bell::ring);
        feed.ruled(mode);
        wrote(mode == QueueState.Mode.RUNNING ? "resumed" : mode.id(), "", Map.of());
        return queue();
    }

    /** Forgets jobs that ended longer ago than this, and removes their runs from the archive. */
    public List<String> prune(Duration age) throws BlockedException, IOException {
        refuseWhenReadOnly("forget jobs");
        List<String> forgotten = Retention.prune(store, workshop.places().archive(), age);
        for (String id : forgotten) {
            wrote("pruned", id, Map.of());
        }
        return forgotten;
    }

    /** Sets which log lines of a logger are written, until the service ends. */
    public void logLevel(String logger, String level) throws BlockedException {
        refuseWhenReadOnly("change log levels");
        Logs.level(logger, level);
        wrote("log_level", "", Map.of("logger", logger, "level", level));
    }

    /** What this node is and does. */
    public NodeState node() {
        return dispatcher.node();
    }

    /** All nodes of the store by name, those among them that are away since less than a day. */
    public List<NodeState> nodes() {
        dispatcher.presence().refresh();
        List<NodeState> all = new ArrayList<>(dispatcher.presence().others());
        all.add(node());
        all.sort(Comparator.comparing(NodeState::id));
        return all;
    }

    /**
     * Lets a node start no further job, or lets it again; it stays so over its restart.
     *
     * @throws UnknownNodeException when there is no such node
     */
    public NodeState drain(String name, boolean draining) throws UnknownNodeException, BlockedException {
        refuseWhenReadOnly("drain nodes");
        if (!store.nodes().drain(name, draining)) {
            throw new UnknownNodeException(
                    name, nodes().stream().map(NodeState::id).toList());
        }
        wrote(draining ? "drained" : "undrained", "", Map.of("node", name));
        dispatcher.look();
        bell.ifPresent(Bell::ring);
        return nodes().stream()
                .filter(node -> node.id().equals(name))
                .findFirst()
                .orElseThrow(() -> new UnknownNodeException(name, List.of()));
    }

    /** The routes that jobs run along, and what is wrong with the folder as it is now. */
    public RouteGenerations.Status routes() {
        return engine.routes().status();
    }

    public Settings settings() {
        return workshop.settings();
    }

    public Workshop workshop() {
        return workshop;
    }

    /** Where the archive has a job's runs. */
    public Path archive(String id) {
        return workshop.places().archive().resolve(id);
    }

    private void refuseWhenReadOnly(String what) throws BlockedException {
        if (settings().flag("read_only")) {
            throw new BlockedException(List.of("this service is read-only: it does not " + what));
        }
    }

    /**
     * Lets no further job start, gives running ones the grace to end, and puts those that have not back into the queue:
     * they go on from their last finished step when the service is up again.
     */
    @Override
    public void close() {
        dispatcher.close();
        follower.ifPresent(Follower::close);
    }
}
