package org.localav.orchestrator.door;

import java.util.Map;
import org.apache.camel.Exchange;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.log.Logs;
import org.localav.orchestrator.service.JobService;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.spec.YamlTree;

/** What routes call {@code httpLogs}: which log lines are written. */
public final class HttpLogs {
    private static final int LONGEST_NAME = 200;

    private final JobService service;

    HttpLogs(JobService service) {
        this.service = service;
    }

    record Levels(Map<String, String> levels) {}

    public void levels(Exchange exchange) throws ProblemException {
        Call.of(exchange);
        Answer.json(exchange, new Levels(Logs.levels()));
    }

    public void change(Exchange exchange) throws ProblemException, InvalidSpecException, BlockedException {
        Call call = Call.of(exchange);
        YamlTree tree = YamlTree.parse("body", SpecReader.text("body", call.body()), call.json());
        tree.root().only("level", "logger");
        var level = tree.root().require("level", "write level: debug", value -> value.asOneOf(Logs.LEVELS));
        var logger = tree.root().read("logger", value -> value.asText(LONGEST_NAME));
        tree.check();
        service.logLevel(logger.orElse(Logs.OURS), level.orElseThrow());
        Answer.json(exchange, new Levels(Logs.levels()));
    }
}
