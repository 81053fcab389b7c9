package org.localav.orchestrator.door;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.camel.Exchange;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.service.ConflictException;
import org.localav.orchestrator.service.JobService;
import org.localav.orchestrator.service.Submission;
import org.localav.orchestrator.service.UnknownJobException;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.spec.Suggestion;
import org.localav.orchestrator.spec.YamlTree;
import org.localav.orchestrator.store.Acceptance;
import org.localav.orchestrator.store.Delivery;
import org.localav.orchestrator.store.Event;
import org.localav.orchestrator.store.JobQuery;
import org.localav.orchestrator.store.JobRow;
import org.localav.orchestrator.store.OutboxMessage;

/** What routes call {@code httpJobs}: taking specs as jobs, telling of jobs, and ending or repeating them. */
public final class HttpJobs {
    private static final int USUAL_PAGE = 50;
    private static final int LARGEST_PAGE = 500;
    private static final int LEAST_PRIORITY = 0;
    private static final int MOST_PRIORITY = 9;
    private static final int DELIVERIES_SHOWN = 500;

    private final JobService service;
    private final SpecIntake intake;
    private final QueueLimit limit;

    HttpJobs(JobService service, SpecIntake intake, QueueLimit limit) {
        this.service = service;
        this.intake = intake;
        this.limit = limit;
    }

    /** {@code next}: to be given as {@code cursor} for the rest. */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record Page(List<JobDocument> jobs, Optional<String> next) {}

    record Deliveries(List<OutboxMessage> messages, List<Delivery> deliveries) {}

    record Pruned(int count, List<String> jobs) {}

    public void accept(Exchange exchange)
            throws ProblemException, InvalidSpecException, BlockedException, ConflictException, IOException,
                    InterruptedException {
        Call call = Call.of(exchange, "dry_run", "folder", "name");
        Submission submission = intake.submission(call);
        if (call.flag("dry_run")) {
            Answer.json(exchange, intake.plan(submission));
            return;
        }
        limit.take();
        Acceptance acceptance = service.accept(submission);
        JobDocument job = JobDocument.of(acceptance.job());
        int status = acceptance instanceof Acceptance.Accepted ? 201 : 200;
        Answer.json(exchange, status, job, Map.of("Location", job.location()));
    }

    public void plan(Exchange exchange)
            throws ProblemException, InvalidSpecException, BlockedException, IOException, InterruptedException {
        Answer.json(exchange, intake.plan(intake.submission(Call.of(exchange, "folder", "name"))));
    }

    public void list(Exchange exchange) throws ProblemException {
        Call call = Call.of(exchange, "state", "tag", "text", "order", "limit", "cursor");
        int size = call.number("limit", 1, LARGEST_PAGE, USUAL_PAGE);
        // One more than asked for tells whether there are more.
        JobQuery query =
                new JobQuery(states(call), tags(call), call.parameter("text"), order(call), cursor(call), size + 1);
        List<JobRow> found = service.list(query);
        List<JobRow> shown = found.subList(0, Math.min(size, found.size()));
        Optional<String> next = found.size() > size
                ? Optional.of(Long.toString(query.cursor(shown.get(size - 1)), Character.MAX_RADIX))
                : Optional.empty();
        Answer.json(exchange, new Page(shown.stream().map(JobDocument::of).toList(), next));
    }

    private static Set<JobStatus> states(Call call) throws ProblemException {
        EnumSet<JobStatus> states = EnumSet.noneOf(JobStatus.class);
        List<String> known =
                Arrays.stream(JobStatus.values()).map(JobStatus::id).toList();
        for (String text : call.parameters("state")) {
            for (String state : text.split(",", -1)) {
                int place = known.indexOf(state);
                if (place < 0) {
                    throw Call.bad("there is no state " + Suggestion.quote(state) + Suggestion.of(state, known));
                }
                states.add(JobStatus.values()[place]);
            }
        }
        return states;
    }

    private static JobQuery.Order order(Call call) throws ProblemException {
        String order = call.parameter("order").orElse("newest");
        return switch (order) {
            case "newest" -> JobQuery.Order.NEWEST;
            case "queue" -> {
                if (!Set.of(JobStatus.QUEUED).containsAll(states(call))) {
                    throw Call.bad("order=queue lists jobs that wait; leave out the state, or ask for queued");
                }
                yield JobQuery.Order.QUEUE;
            }
            default -> throw Call.bad("order=" + Suggestion.quote(order) + " should be newest or queue");
        };
    }

    private static Map<String, String> tags(Call call) throws ProblemException {
        Map<String, String> tags = new LinkedHashMap<>();
        for (String text : call.parameters("tag")) {
            int colon = text.indexOf(':');
            if (colon < 1) {
                throw Call.bad("tag=" + Suggestion.quote(text) + " should read tag=project:tour");
            }
            tags.put(text.substring(0, colon), text.substring(colon + 1));
        }
        return tags;
    }

    private static OptionalLong cursor(Call call) throws ProblemException {
        Optional<String> text = call.parameter("cursor");
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!text.get().matches("[0-9a-z]{1,12}")) {
            throw Call.bad("cursor=" + Suggestion.quote(text.get()) + " should be the 'next' of the page before");
        }
        return OptionalLong.of(Long.parseLong(text.get(), Character.MAX_RADIX));
    }

    public void show(Exchange exchange) throws ProblemException, UnknownJobException {
        Call call = Call.of(exchange);
        JobRow job = service.find(call.jobId());
        Map<String, String> tag = Map.of("ETag", etag(job));
        if (call.header("If-None-Match")
                .filter(known -> names(known, etag(job)))
                .isPresent()) {
            Answer.bytes(exchange, 304, "application/json", new byte[0], tag);
        } else {
            Answer.json(exchange, 200, whole(job), tag);
        }
    }

    /** Every change of a job, those of its stages too, gives it a new version. */
    private static String etag(JobRow job) {
        return '"' + Long.toString(job.number(), Character.MAX_RADIX) + "." + job.version() + '"';
    }

    private static boolean names(String ifNoneMatch, String etag) {
        return Arrays.stream(ifNoneMatch.split(","))
                .map(String::strip)
                .map(tag -> tag.startsWith("W/") ? tag.substring(2) : tag)
                .anyMatch(tag -> tag.equals(etag) || tag.equals("*"));
    }

    private JobDocument whole(JobRow job) throws UnknownJobException {
        Optional<JsonNode> outputs = Optional.empty();
        if (job.status().ended()) {
            outputs = service.report(job.id()).map(HttpJobs::outputs);
        }
        return JobDocument.of(job, Optional.of(service.stages(job.id())), outputs);
    }

    private static JsonNode outputs(String report) {
        try {
            return Report.JSON.readTree(report).path("outputs");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the store holds a report that is no JSON", e);
        }
    }

    /** {@code more}: there are further ones after the last of these. */
    record Log(List<EventDocument> events, boolean more) {}

    public void log(Exchange exchange) throws ProblemException, UnknownJobException {
        Call call = Call.of(exchange, "after");
        JobRow job = service.find(call.jobId());
        long after = call.number("after", 0, Integer.MAX_VALUE, 0);
        List<Event> events = service.events(Optional.of(job.id()), after, LARGEST_PAGE);
        Answer.json(exchange, new Log(events.stream().map(EventDocument::of).toList(), events.size() == LARGEST_PAGE));
    }

    public void spec(Exchange exchange) throws ProblemException, UnknownJobException {
        JobRow job = service.find(Call.of(exchange).jobId());
        String spec = service.spec(job.id()).orElseThrow(() -> new UnknownJobException(job.id()));
        String type = job.specName().endsWith(".json") ? "application/json" : "application/yaml";
        Answer.bytes(exchange, 200, type, spec.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    public void report(Exchange exchange) throws ProblemException, UnknownJobException {
        String id = Call.of(exchange).jobId();
        Optional<String> report = service.report(id);
        if (report.isEmpty()) {
            throw new ProblemException(
                    Problem.noReport(id, service.find(id).status().id()));
        }
        Answer.bytes(exchange, 200, "application/json", report.get().getBytes(StandardCharsets.UTF_8), Map.of());
    }

    public void deliveries(Exchange exchange) throws ProblemException, UnknownJobException {
        String id = Call.of(exchange).jobId();
        List<OutboxMessage> messages = service.messages(id);
        Answer.json(exchange, new Deliveries(messages, service.deliveries(Optional.of(id), DELIVERIES_SHOWN)));
    }

    public void cancel(Exchange exchange)
            throws ProblemException, UnknownJobException, ConflictException, BlockedException {
        JobRow job = service.cancel(Call.of(exchange).jobId());
        Answer.json(exchange, job.status().ended() ? 200 : 202, JobDocument.of(job), Map.of());
    }

    public void retry(Exchange exchange)
            throws ProblemException, UnknownJobException, ConflictException, BlockedException {
        Answer.json(
                exchange, 202, JobDocument.of(service.retry(Call.of(exchange).jobId())), Map.of());
    }

    public void prioritise(Exchange exchange)
            throws ProblemException, InvalidSpecException, UnknownJobException, ConflictException, BlockedException {
        Call call = Call.of(exchange);
        YamlTree tree = YamlTree.parse("body", SpecReader.text("body", call.body()), call.json());
        tree.root().only("priority", "was");
        Optional<Integer> wanted = tree.root()
                .require("priority", "write priority: 7", value -> value.asWhole(LEAST_PRIORITY, MOST_PRIORITY));
        Optional<Integer> was = tree.root().read("was", value -> value.asWhole(LEAST_PRIORITY, MOST_PRIORITY));
        tree.check();
        Answer.json(exchange, JobDocument.of(service.prioritise(call.jobId(), was, wanted.orElseThrow())));
    }

    public void prune(Exchange exchange) throws ProblemException, BlockedException, IOException {
        String age = Call.of(exchange, "older_than")
                .parameter("older_than")
                .orElseThrow(() -> Call.bad("say how long ago they must have ended, as in older_than=720h"));
        Optional<Duration> duration = Settings.asDuration(age);
        if (duration.isEmpty()) {
            throw Call.bad("older_than=" + Suggestion.quote(age) + " is not a duration such as 30m or 720h");
        }
        List<String> forgotten = new ArrayList<>(service.prune(duration.get()));
        Answer.json(exchange, new Pruned(forgotten.size(), forgotten));
    }
}
