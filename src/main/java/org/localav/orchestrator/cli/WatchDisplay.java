package org.localav.orchestrator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Shows what the service tells of jobs: bars on a terminal, plain lines elsewhere, JSON lines for scripts. */
abstract class WatchDisplay {
    protected final PrintWriter out;
    protected final PrintWriter err;

    private WatchDisplay(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    /** Something happened that is kept: a stage changed, the job ended. */
    abstract void happened(JsonNode event);

    /** A stage got on. */
    void progressed(JsonNode progress) {}

    /** The connection was lost. */
    void lost(String sentence) {
        err.println("avo: " + sentence);
        err.flush();
    }

    static WatchDisplay ofJob(PrintWriter out, PrintWriter err, boolean json) {
        if (json) {
            return new JsonLines(out, err);
        }
        return Bars.possible() ? new StageBars(out, err) : new Lines(out, err, false);
    }

    static WatchDisplay ofAll(PrintWriter out, PrintWriter err, boolean json) {
        if (json) {
            return new JsonLines(out, err);
        }
        return Bars.possible() ? new JobBars(out, err) : new Lines(out, err, true);
    }

    /** Shows nothing while it goes. */
    static WatchDisplay ofEnd(PrintWriter out, PrintWriter err) {
        return new WatchDisplay(out, err) {
            @Override
            void happened(JsonNode event) {}
        };
    }

    private static String job(JsonNode of) {
        return JobView.text(of, "job_id").orElse("");
    }

    private static String clock(JsonNode event) {
        Instant at = JobView.time(event, "at").orElseGet(Instant::now);
        return LocalTime.ofInstant(at, ZoneId.systemDefault())
                .truncatedTo(ChronoUnit.SECONDS)
                .format(java.time.format.DateTimeFormatter.ISO_LOCAL_TIME);
    }

    /** Everything, as the service sends it. */
    private static final class JsonLines extends WatchDisplay {
        JsonLines(PrintWriter out, PrintWriter err) {
            super(out, err);
        }

        @Override
        void happened(JsonNode event) {
            out.println(event);
            out.flush();
        }

        @Override
        void progressed(JsonNode progress) {
            out.println(Server.JSON.createObjectNode().put("type", "progress").set("data", progress));
            out.flush();
        }
    }

    /** A line for what happened; among many jobs with the time and the job. */
    private static final class Lines extends WatchDisplay {
        private final boolean many;

        Lines(PrintWriter out, PrintWriter err, boolean many) {
            super(out, err);
            this.many = many;
        }

        @Override
        void happened(JsonNode event) {
            String type = event.path("type").asText();
            // How the only job ends is told at more length afterwards.
            if (many || (!JobView.ended(type) && !type.equals("accepted"))) {
                EventWords.of(event)
                        .ifPresent(words -> out.println(many ? clock(event) + " " + job(event) + " " + words : words));
                out.flush();
            }
        }
    }

    /** A bar for each stage of one job. */
    private static final class StageBars extends WatchDisplay {
        private final Bars bars;

        StageBars(PrintWriter out, PrintWriter err) {
            super(out, err);
            bars = new Bars(out);
        }

        @Override
        void happened(JsonNode event) {
            String type = event.path("type").asText();
            if (type.equals("stage")) {
                stage(event.path("data"));
            } else if (type.equals("started")) {
                bars.removeIf(stage -> true);
            } else if (!type.equals("accepted") && !JobView.ended(type)) {
                EventWords.of(event).ifPresent(bars::say);
            }
        }

        private void stage(JsonNode record) {
            String stage = JobView.text(record, "stage").orElse("");
            String status = record.path("status").asText();
            if (JobView.idle(record)) {
                bars.removeIf(stage::equals);
            } else if (status.equals("running")) {
                bars.put(stage, stage, 0, status);
            } else if (List.of("succeeded", "reused").contains(status)) {
                bars.put(stage, stage, 1, JobView.standing(record));
            } else {
                bars.put(stage, stage, JobView.standing(record));
            }
            bars.draw();
        }

        @Override
        void progressed(JsonNode progress) {
            String stage = JobView.text(progress, "stage").orElse("");
            double done = progress.path("done").asDouble();
            bars.progressed(
                    stage,
                    stage,
                    done,
                    Bars.percent(done, progress.path("speed").asDouble()));
        }

        @Override
        void lost(String sentence) {
            bars.say(sentence);
        }
    }

    /** A bar for each running job; how jobs end stays above. */
    private static final class JobBars extends WatchDisplay {
        private final Bars bars;

        JobBars(PrintWriter out, PrintWriter err) {
            super(out, err);
            bars = new Bars(out);
        }

        @Override
        void happened(JsonNode event) {
            String job = job(event);
            String type = event.path("type").asText();
            switch (type) {
                case "stage" -> {
                    if (event.path("data").path("status").asText().equals("running")) {
                        bars.put(
                                job,
                                job,
                                0,
                                JobView.text(event.path("data"), "stage").orElse(""));
                        bars.draw();
                    }
                }
                case "started" -> {
                    bars.put(job, job, 0, type);
                    bars.draw();
                }
                default -> {
                    if (JobView.ended(type) || type.equals("requeued")) {
                        bars.removeIf(job::equals);
                    }
                    Optional<String> words = EventWords.of(event);
                    words.ifPresent(w -> bars.say(clock(event) + " " + job + " " + w));
                }
            }
        }

        @Override
        void progressed(JsonNode progress) {
            double done = progress.path("done").asDouble();
            String pace = Bars.percent(done, progress.path("speed").asDouble());
            String stage = JobView.text(progress, "stage").orElse("");
            bars.progressed(job(progress), job(progress), done, stage + " " + pace);
        }

        @Override
        void lost(String sentence) {
            bars.say(sentence);
        }
    }
}
