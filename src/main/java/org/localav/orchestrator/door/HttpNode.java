package org.localav.orchestrator.door;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.observe.Health;
import org.localav.orchestrator.preset.Preset;
import org.localav.orchestrator.route.RouteGenerations;
import org.localav.orchestrator.service.JobService;
import org.localav.orchestrator.service.NodeState;
import org.localav.orchestrator.service.QueueState;
import org.localav.orchestrator.service.UnknownNodeException;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.spec.YamlTree;
import org.localav.orchestrator.store.StoreException;
import org.localav.orchestrator.store.Tally;

/** What routes call {@code httpNode}: the queue, the presets, this node and whether it is well. */
public final class HttpNode {
    private static final Duration LEAST_STEP = Duration.ofMinutes(1);
    private static final Duration LONGEST_STEP = Duration.ofDays(7);
    private static final int MOST_STEPS = 200;
    private static final int USUAL_STEPS = 24;

    private final JobService service;
    private final Health health;
    private final byte[] contract;

    HttpNode(JobService service, Health health) {
        this.service = service;
        this.health = health;
        this.contract = contract();
    }

    static byte[] contract() {
        try (InputStream in = HttpNode.class.getResourceAsStream("/openapi.yaml")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("the program's own openapi.yaml can't be read", e);
        }
    }

    record Queue(String mode, int concurrent, Map<String, Long> jobs) {
        static Queue of(QueueState state) {
            Map<String, Long> jobs = new TreeMap<>();
            state.jobs().forEach((status, count) -> jobs.put(status.id(), count));
            return new Queue(state.mode().id(), state.concurrent(), jobs);
        }
    }

    record PresetList(Collection<Preset> presets) {}

    record NodeList(List<Node> nodes) {}

    /** {@code routes}: which files jobs run along, and sentences about an edit that was refused. */
    record Node(
            String id,
            String status,
            Set<String> labels,
            Instant since,
            Instant seenAt,
            Slots slots,
            int running,
            Map<String, String> versions,
            RouteGenerations.Status routes) {
        static Node of(NodeState node) {
            return new Node(
                    node.id(),
                    node.standing().id(),
                    node.labels(),
                    node.since(),
                    node.seenAt(),
                    new Slots(node.slots(), node.encoders()),
                    node.running(),
                    node.card().versions(),
                    node.card().routes());
        }
    }

    record Slots(int jobs, int encoders) {}

    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Wellness(String status, String store, String routes, List<String> faults) {}

    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Readiness(String status, List<String> causes, List<String> warnings) {}

    public void queue(Exchange exchange) throws ProblemException {
        Call.of(exchange);
        Answer.json(exchange, Queue.of(service.queue()));
    }

    public void rule(Exchange exchange) throws ProblemException, InvalidSpecException, BlockedException {
        Call call = Call.of(exchange);
        YamlTree tree = YamlTree.parse("body", SpecReader.text("body", call.body()), call.json());
        tree.root().only("mode");
        List<String> modes = List.of(QueueState.Mode.values()).stream()
                .map(QueueState.Mode::id)
                .toList();
        var mode = tree.root().require("mode", "write mode: paused", value -> value.asOneOf(modes));
        tree.check();
        QueueState.Mode wanted = QueueState.Mode.values()[modes.indexOf(mode.orElseThrow())];
        Answer.json(exchange, Queue.of(service.rule(wanted)));
    }

    /** How many jobs ended how, step by step up to now; {@code seconds}: how long they ran, added up. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Stats(Instant from, Duration step, List<Slot> slots, Map<String, Long> reasons) {}

    record Slot(Instant at, long succeeded, long failed, long cancelled, Duration seconds) {}

    public void stats(Exchange exchange) throws ProblemException {
        Call call = Call.of(exchange, "step", "steps");
        Duration step = call.duration("step", LEAST_STEP, LONGEST_STEP, Duration.ofHours(1));
        int count = call.number("steps", 1, MOST_STEPS, USUAL_STEPS);
        long end = (Instant.now().toEpochMilli() / step.toMillis() + 1) * step.toMillis();
        Instant from = Instant.ofEpochMilli(end).minus(step.multipliedBy(count));
        Answer.json(exchange, stats(from, step, count, service.tallies(from, step)));
    }

    private static Stats stats(Instant from, Duration step, int count, List<Tally> tallies) {
        List<Slot> slots = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Instant at = from.plus(step.multipliedBy(i));
            List<Tally> here = tallies.stream().filter(t -> t.at().equals(at)).toList();
            slots.add(new Slot(
                    at,
                    jobs(here, JobStatus.SUCCEEDED),
                    jobs(here, JobStatus.FAILED),
                    jobs(here, JobStatus.CANCELLED),
                    here.stream().map(Tally::busy).reduce(Duration.ZERO, Duration::plus)));
        }
        Map<String, Long> reasons = new TreeMap<>();
        tallies.stream()
                .filter(t -> t.status() == JobStatus.FAILED)
                .forEach(t -> reasons.merge(t.reason().orElse("error"), t.jobs(), Long::sum));
        return new Stats(from, step, slots, reasons);
    }

    private static long jobs(List<Tally> tallies, JobStatus status) {
        return tallies.stream()
                .filter(t -> t.status() == status)
                .mapToLong(Tally::jobs)
                .sum();
    }

    /** How full the step store is, in bytes. */
    record StoreUse(long bytes, long limit) {}

    public void steps(Exchange exchange) throws ProblemException {
        Call.of(exchange);
        StepStore store = service.workshop().store();
        Answer.json(exchange, new StoreUse(store.bytes(), store.limit()));
    }

    public void presets(Exchange exchange) throws ProblemException {
        Call.of(exchange);
        Answer.json(exchange, new PresetList(service.workshop().presets().all()));
    }

    public void nodes(Exchange exchange) throws ProblemException {
        Call.of(exchange);
        Answer.json(
                exchange, new NodeList(service.nodes().stream().map(Node::of).toList()));
    }

    public void drain(Exchange exchange) throws ProblemException, UnknownNodeException, BlockedException {
        Answer.json(exchange, Node.of(service.drain(Call.of(exchange).named(), true)));
    }

    public void undrain(Exchange exchange) throws ProblemException, UnknownNodeException, BlockedException {
        Answer.json(exchange, Node.of(service.drain(Call.of(exchange).named(), false)));
    }

    /** Well means: it takes jobs and runs them. Routes with a refused edit still do. */
    public void health(Exchange exchange) throws ProblemException {
        Call.of(exchange);
        List<String> rejected = service.routes().rejected();
        String routes = rejected.isEmpty() ? "up" : "up, but their latest edit was refused";
        try {
            service.queue();
            Answer.json(exchange, new Wellness("up", "up", routes, rejected));
        } catch (StoreException e) {
            Answer.json(
                    exchange, 503, new Wellness("down", e.getMessage(), routes, rejected), Map.of("Retry-After", "10"));
        }
    }

    /** Down means that nothing but a restart helps. */
    public void live(Exchange exchange) throws ProblemException {
        Call.of(exchange);
        answer(
                exchange,
                service.broken()
                        ? List.of("the thread that starts jobs has ended by a defect; restart the service")
                        : List.of(),
                List.of());
    }

    /** Down means that jobs can't be taken or run until what the causes say is mended. */
    public void ready(Exchange exchange) throws ProblemException {
        Call.of(exchange);
        Health.State state = health.state();
        answer(exchange, state.causes(), state.warnings());
    }

    private static void answer(Exchange exchange, List<String> causes, List<String> warnings) {
        if (causes.isEmpty()) {
            Answer.json(exchange, new Readiness("up", causes, warnings));
        } else {
            Answer.json(exchange, 503, new Readiness("down", causes, warnings), Map.of("Retry-After", "10"));
        }
    }

    public void contract(Exchange exchange) throws ProblemException {
        Call.of(exchange);
        Answer.bytes(exchange, 200, "application/yaml", contract, Map.of());
    }
}
