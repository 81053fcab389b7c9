package org.localav.orchestrator.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobListener;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.MediaWords;
import org.localav.orchestrator.job.Published;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.job.StageRecord;
import org.localav.orchestrator.process.ToolFailedException;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.stage.FailureReason;

/** Shows how a job goes: bars on a terminal, plain lines elsewhere, JSON lines for scripts. */
abstract class ProgressDisplay implements JobListener, AutoCloseable {
    protected final PrintWriter out;
    protected final PrintWriter err;

    ProgressDisplay(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    static ProgressDisplay on(PrintWriter out, PrintWriter err, boolean json) {
        if (json) {
            return new JsonLines(out, err);
        }
        return Bars.possible() ? new StageBars(out, err) : new Lines(out, err);
    }

    void warn(String sentence) {
        err.println("warning: " + sentence);
    }

    /** Says what came of the job; {@code archive} is the folder of its report. */
    void ended(Job job, Path archive) {
        for (Published file : job.published()) {
            out.printf(
                    "%s %s (%s, %.1f s, %s)%n",
                    file.already() ? "unchanged" : "made",
                    shortened(file.file()),
                    file.preset(),
                    file.measured().duration().toMillis() / 1000.0,
                    MediaWords.size(file.bytes()));
        }
        job.failure().map(FailureReason::cause).ifPresent(f -> explain(job, f));
        Path report = archive.resolve("report.json");
        if (Files.exists(report)) {
            out.println("report " + report);
        }
        out.flush();
        err.flush();
    }

    private void explain(Job job, Throwable failure) {
        if (job.status() == JobStatus.CANCELLED) {
            err.println("cancelled: " + FailureReason.sentence(failure));
        } else if (failure instanceof InvalidSpecException) {
            err.println(failure.getMessage());
        } else if (failure instanceof BlockedException blocked) {
            blocked.sentences().forEach(s -> err.println("blocked: " + s));
        } else {
            err.println("failed: " + FailureReason.sentence(failure));
            if (failure instanceof ToolFailedException tool) {
                err.println("  command: " + job.pasteable(tool.command()));
                tool.lastLines().forEach(line -> err.println("  | " + line));
            }
            for (Throwable also : failure.getSuppressed()) {
                if (!(FailureReason.cause(also) instanceof CancellationException)) {
                    err.println("  also: " + FailureReason.sentence(also));
                }
            }
        }
    }

    /** The path from here where that is shorter. */
    static String shortened(Path file) {
        Path here = Path.of("").toAbsolutePath();
        return file.startsWith(here) ? here.relativize(file).toString() : file.toString();
    }

    @Override
    public void close() {}

    /** A line a stage. */
    private static final class Lines extends ProgressDisplay {
        Lines(PrintWriter out, PrintWriter err) {
            super(out, err);
        }

        @Override
        public synchronized void stageChanged(Job job, StageRecord record) {
            boolean over =
                    !record.status().equals("pending") && !record.status().equals("running");
            if (over && !job.idle(record.stage())) {
                out.println(record.stage() + " " + record.status() + seconds(record));
                out.flush();
            }
        }

        @Override
        public synchronized void noted(Job job, String sentence) {
            err.println("note: " + sentence);
            err.flush();
        }
    }

    static String seconds(StageRecord record) {
        if (record.startedAt().isEmpty() || record.endedAt().isEmpty()) {
            return "";
        }
        long millis = java.time.Duration.between(
                        record.startedAt().get(), record.endedAt().get())
                .toMillis();
        return String.format(" %.1f s", millis / 1000.0);
    }

    /** One JSON object a line; the last is the whole report. */
    private static final class JsonLines extends ProgressDisplay {
        private static final ObjectWriter JSON =
                Report.JSON.writer().without(com.fasterxml.jackson.databind.SerializationFeature.INDENT_OUTPUT);

        JsonLines(PrintWriter out, PrintWriter err) {
            super(out, err);
        }

        private synchronized void event(String type, Object value) {
            Map<String, Object> event = new LinkedHashMap<>();
            event.put("event", type);
            event.put(type, value);
            try {
                out.println(JSON.writeValueAsString(event));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("an event can't be written as JSON", e);
            }
            out.flush();
        }

        @Override
        public void stageChanged(Job job, StageRecord record) {
            event("stage", record);
        }

        @Override
        public void noted(Job job, String sentence) {
            event("note", sentence);
        }

        @Override
        void warn(String sentence) {
            event("warning", sentence);
        }

        @Override
        void ended(Job job, Path archive) {
            event(
                    "report",
                    Map.of(
                            "file",
                            archive.resolve("report.json"),
                            "status",
                            job.status().id(),
                            "outputs",
                            job.published(),
                            "failure",
                            job.failure().map(FailureReason::sentence).stream().toList()));
        }
    }

    /** A bar a stage, drawn over the ones before. */
    private static final class StageBars extends ProgressDisplay {
        private final Bars bars;

        StageBars(PrintWriter out, PrintWriter err) {
            super(out, err);
            bars = new Bars(out);
        }

        @Override
        public synchronized void stageChanged(Job job, StageRecord record) {
            for (StageRecord each : job.records()) {
                if (!bars.has(each.stage())) {
                    bars.put(each.stage(), each.stage(), "pending");
                }
            }
            String stage = record.stage();
            if (record.status().equals("running")) {
                bars.put(stage, stage, 0, "running");
            } else if (List.of("succeeded", "reused").contains(record.status())) {
                bars.put(stage, stage, 1, record.status() + seconds(record));
            } else {
                bars.put(stage, stage, record.status() + seconds(record));
            }
            bars.removeIf(job::idle);
            bars.draw();
        }

        @Override
        public void progressed(Job job, String stage, double done, double speed) {
            bars.progressed(stage, stage, done, Bars.percent(done, speed));
        }

        @Override
        public void noted(Job job, String sentence) {
            bars.say(sentence);
        }
    }
}
