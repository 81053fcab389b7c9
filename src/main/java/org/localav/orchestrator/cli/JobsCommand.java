package org.localav.orchestrator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.job.JobStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code avo jobs}: lists the jobs of the running service. */
@Command(
        name = "jobs",
        description = "Lists the jobs of the running service, newest first.",
        mixinStandardHelpOptions = true,
        subcommands = PruneCommand.class,
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo jobs",
            "  avo jobs --state queued,running --tag project=tour",
            "  avo jobs --json --limit 1000 | jq '.jobs[] | select(.runs > 1)'",
            "  avo cancel $(avo jobs -q --state queued)",
            "  avo jobs prune --older-than 30d         forgets those that ended long ago"
        })
final class JobsCommand extends ServerCommand {
    /** The most that the service gives at once. */
    private static final int PAGE = 500;

    @Option(
            names = "--state",
            split = ",",
            paramLabel = "STATE",
            completionCandidates = States.class,
            description = "Only jobs in these states: ${COMPLETION-CANDIDATES}.")
    private List<String> states = new ArrayList<>();

    @Option(names = "--tag", paramLabel = "NAME=VALUE", description = "Only jobs with this tag; may be repeated.")
    private Map<String, String> tags = new LinkedHashMap<>();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "At most so many. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Option(
            names = {"-q", "--quiet"},
            description = "Prints the ids only.")
    private boolean quiet;

    @Option(names = "--json", description = "Prints {\"jobs\": [...]}, each job as the API gives it.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException, RefusedException {
        Server server = server();
        int left = Math.max(1, limit);
        Optional<String> cursor = Optional.empty();
        Listing listing = json ? new JsonListing() : quiet ? new Ids() : new Table();
        do {
            JsonNode page = server.get(path(Math.min(PAGE, left), cursor));
            List<JobView> jobs =
                    JobView.stream(page.path("jobs")).map(JobView::new).toList();
            listing.add(jobs);
            left -= jobs.size();
            cursor = Optional.ofNullable(page.get("next")).map(JsonNode::asText);
        } while (left > 0 && cursor.isPresent());
        listing.end();
        if (cursor.isPresent()) {
            err().println("there are more; --limit " + limit * 10L + " shows more of them");
        }
        return ExitCode.OK;
    }

    private String path(int size, Optional<String> cursor) {
        StringBuilder path = new StringBuilder("/api/jobs?limit=").append(size);
        states.forEach(state -> path.append("&state=").append(Server.encoded(state)));
        tags.forEach((name, value) -> path.append("&tag=").append(Server.encoded(name + ":" + value)));
        cursor.ifPresent(c -> path.append("&cursor=").append(Server.encoded(c)));
        return path.toString();
    }

    /** The states by the names that users write. */
    static final class States implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(JobStatus.values()).map(JobStatus::id).iterator();
        }
    }

    /** A way to print pages of jobs as they come. */
    private interface Listing {
        void add(List<JobView> jobs);

        default void end() {}
    }

    private final class Ids implements Listing {
        @Override
        public void add(List<JobView> jobs) {
            jobs.forEach(job -> out().println(job.id()));
        }
    }

    private final class JsonListing implements Listing {
        private String before = "{\"jobs\": [\n";

        @Override
        public void add(List<JobView> jobs) {
            for (JobView job : jobs) {
                out().print(before + job.json());
                before = ",\n";
            }
        }

        @Override
        public void end() {
            out().println((before.startsWith("{") ? before : "\n") + "]}");
        }
    }

    private final class Table implements Listing {
        private final Instant now = Instant.now();
        private int width = "JOB".length();
        private boolean headed;

        @Override
        public void add(List<JobView> jobs) {
            width = Math.max(
                    width, jobs.stream().mapToInt(j -> j.id().length()).max().orElse(0));
            if (!headed) {
                headed = true;
                row("JOB", "STATE", "PRIORITY", "AGE", "TITLE");
            }
            for (JobView job : jobs) {
                String age = job.age(now).map(JobView::brief).orElse("");
                String waiting = job.waiting().map(why -> "(" + why + ")").orElse("");
                String title = String.join(" ", job.title().orElse(""), waiting).strip();
                row(job.id(), job.state(), Integer.toString(job.priority()), age, title);
            }
        }

        private void row(String id, String state, String priority, String age, String title) {
            String line = String.format("%-" + width + "s  %-10s  %8s  %4s  %s", id, state, priority, age, title);
            out().println(line.stripTrailing());
        }
    }
}
