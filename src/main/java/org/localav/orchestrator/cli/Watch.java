package org.localav.orchestrator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.function.Consumer;

/** Follows jobs of the service, and says how one ended as a run in this process would have. */
final class Watch {
    private final Server server;
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean json;

    Watch(Server server, PrintWriter out, PrintWriter err, boolean json) {
        this.server = server;
        this.out = out;
        this.err = err;
        this.json = json;
    }

    /** Hands what is heard to a display, and keeps in mind whether the one job that is followed has ended. */
    private static final class Ear implements EventSource.Listener {
        private final WatchDisplay display;
        private final boolean one;
        private boolean ended;

        Ear(WatchDisplay display, boolean one) {
            this.display = display;
            this.one = one;
        }

        @Override
        public void heard(String type, JsonNode data) {
            if (type.equals("progress")) {
                display.progressed(data);
            } else {
                ended = JobView.ended(type);
                display.happened(data);
            }
        }

        @Override
        public void lost(String sentence) {
            display.lost(sentence);
        }

        @Override
        public boolean over() {
            return one && ended;
        }
    }

    /** Shows all that happens from now on, until the user has enough. */
    int all() throws IOException, InterruptedException, RefusedException {
        server.follow("/api/events", new Ear(WatchDisplay.ofAll(out, err, json), false));
        return ExitCode.OK;
    }

    /** Shows how a job goes until it has ended; gives the exit code that fits its end. */
    int live(String id) throws IOException, InterruptedException, RefusedException {
        if (!json) {
            hindrance(new JobView(server.get(Server.job(id, ""))));
        }
        return follow(id, WatchDisplay.ofJob(out, err, json));
    }

    /** Waits until a job has ended; gives the exit code that fits its end. */
    int silent(String id) throws IOException, InterruptedException, RefusedException {
        return follow(id, WatchDisplay.ofEnd(out, err));
    }

    private void hindrance(JobView job) throws IOException, InterruptedException, RefusedException {
        if (job.status().equals("queued")) {
            String mode = server.get("/api/queue").path("mode").asText();
            Consumer<String> say = sentence -> err.println("note: " + sentence);
            if (mode.equals("paused") || mode.equals("suspended")) {
                say.accept("the queue is " + mode + "; 'avo resume' lets jobs start");
            }
            job.waiting().ifPresent(say);
            err.flush();
        }
    }

    private int follow(String id, WatchDisplay display) throws IOException, InterruptedException, RefusedException {
        Thread farewell = new Thread(
                () -> {
                    err.println();
                    err.println("job " + id + " goes on; 'avo cancel " + id + "' ends it");
                    err.flush();
                },
                "ctrl-c");
        Runtime.getRuntime().addShutdownHook(farewell);
        try {
            server.follow(Server.job(id, "/events"), new Ear(display, true));
        } finally {
            try {
                Runtime.getRuntime().removeShutdownHook(farewell);
            } catch (IllegalStateException e) {
                // It is ending already, and has said so.
            }
        }
        return end(id);
    }

    private int end(String id) throws IOException, InterruptedException, RefusedException {
        JobView job = new JobView(server.get(Server.job(id, "")));
        if (json) {
            out.println(job.json());
        } else {
            job.outputs().forEach(out::println);
        }
        out.flush();
        int exit =
                switch (job.status()) {
                    case "succeeded" -> ExitCode.OK;
                    case "cancelled" -> cancelled(job);
                    default -> failed(job);
                };
        err.flush();
        return exit;
    }

    private int cancelled(JobView job) {
        err.println("cancelled: " + job.error().orElse("it was cancelled"));
        return ExitCode.CANCELLED;
    }

    private int failed(JobView job) throws IOException, InterruptedException {
        JsonNode failure = failure(job.id());
        String kind = failure.path("kind").asText();
        String sentence = job.error().orElse(job.status());
        if (kind.equals("invalid_spec")) {
            failure.path("sentence").asText().lines().forEach(line -> err.println(JobView.plain(line)));
            return ExitCode.INVALID;
        }
        if (kind.equals("blocked")) {
            err.println("blocked: " + sentence);
            return ExitCode.BLOCKED;
        }
        err.println("failed: " + sentence);
        JobView.text(failure, "command").ifPresent(command -> err.println("  command: " + command));
        JobView.stream(failure.path("last_lines")).forEach(line -> err.println("  | " + JobView.plain(line.asText())));
        return ExitCode.FAILED;
    }

    /** Why it failed, as its report has it; a job that didn't come as far as its path has none. */
    private JsonNode failure(String id) throws IOException, InterruptedException {
        try {
            return server.get(Server.job(id, "/report")).path("failure");
        } catch (RefusedException e) {
            return Server.JSON.missingNode();
        }
    }
}
