package org.localav.orchestrator.route;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.Lock;
import org.localav.orchestrator.job.PlanView;
import org.localav.orchestrator.job.Prepared;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.report.ReportFiles;
import org.localav.orchestrator.report.ReportPage;
import org.localav.orchestrator.stage.FailureReason;
import org.localav.orchestrator.stage.StageLifecycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the routes call {@code archive}: the documents of a run, and the names they are filed under,
 * {@code JOB/RUN/report.json}.
 */
public final class Archive {
    private static final Logger LOG = LoggerFactory.getLogger(Archive.class);
    private static final AtomicBoolean REHEARSED = new AtomicBoolean();

    private final Workshop workshop;
    private final String version;

    Archive(Workshop workshop, String version) {
        this.workshop = workshop;
        this.version = version;
    }

    /** One file of the archive. */
    public record Document(String name, byte[] content) {}

    /** The folder of a run's documents. */
    public static Path folder(Path archive, Job job) {
        return archive.resolve(job.id()).resolve(job.run());
    }

    public List<Document> documents(Exchange exchange) throws IOException, InterruptedException {
        return documents(StageLifecycle.job(exchange));
    }

    /**
     * Writes the first job's documents for nobody, beside its steps: a young JVM takes 0.2 s for its first report, which the
     * job's end would wait for.
     */
    void rehearse(Job job) {
        if (REHEARSED.compareAndSet(false, true)) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            documents(job);
                        } catch (IOException | InterruptedException | RuntimeException e) {
                            LOG.debug("the rehearsal of the report ended early: {}", e.toString());
                        }
                    },
                    "archive-rehearsal");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private List<Document> documents(Job job) throws IOException, InterruptedException {
        List<Document> documents = new ArrayList<>();
        boolean json = job.specFile().toString().endsWith(".json");
        documents.add(new Document(
                json ? "spec.json" : "spec.yaml", job.parsed().text().getBytes(StandardCharsets.UTF_8)));
        if (job.prepared().isPresent()) {
            Prepared prepared = job.prepared().get();
            documents.add(new Document(
                    "plan.json", Report.JSON.writeValueAsBytes(PlanView.of(job.id(), prepared, workshop))));
        }
        Report report = report(job);
        documents.add(new Document("report.json", report.toJson()));
        documents.add(new Document(ReportFiles.FILE, ReportPage.of(Report.JSON.valueToTree(report), Optional.empty())));
        if (job.prepared().isPresent()) {
            documents.add(
                    new Document(Lock.FILE, lock(job, job.prepared().get()).toJson()));
        }
        return documents;
    }

    private Lock lock(Job job, Prepared prepared) throws IOException, InterruptedException {
        return Lock.of(
                job, prepared, workshop.ffmpeg(), workshop.preparation().encoders(), version, () -> workshop.runs()
                        .of(job.spec(), job.specFile()));
    }

    /** Forgets the oldest runs of the job beyond those that are kept; runs are named so that they sort by time. */
    public void forgetOldRuns(Job job) {
        int kept = workshop.settings().integer("archive.runs");
        Path runs = folder(workshop.places().archive(), job).getParent();
        if (kept <= 0 || !Files.isDirectory(runs)) {
            return;
        }
        try (Stream<Path> found = Files.list(runs)) {
            for (Path run : found.sorted(Comparator.reverseOrder()).skip(kept).toList()) {
                StepStore.remove(run);
            }
        } catch (IOException e) {
            job.note("old runs in " + runs + " could not be removed: " + e.getMessage());
        }
    }

    /** Moves a document's content into the body and its name where the file component looks for it. */
    public void address(Exchange exchange) {
        Document document = exchange.getMessage().getBody(Document.class);
        Job job = StageLifecycle.job(exchange);
        exchange.getMessage().setHeader(Exchange.FILE_NAME, job.id() + "/" + job.run() + "/" + document.name());
        exchange.getMessage().setBody(document.content());
    }

    /** Notes that a run could not be filed, which changes nothing about what became of it. */
    public void missed(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        Job job = StageLifecycle.job(exchange);
        for (String name : List.of("spec.yaml", "spec.json", "plan.json", "report.json", ReportFiles.FILE, Lock.FILE)) {
            folder(workshop.places().archive(), job)
                    .resolve(".writing-" + name)
                    .toFile()
                    .delete();
        }
        job.note("the run could not be filed in the archive: " + FailureReason.sentence(failure));
    }

    /** The run's report as it stands now. */
    public Report report(Job job) {
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("avo", version);
        job.prepared().ifPresent(p -> versions.put("ffmpeg", p.tool()));
        versions.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.version"));
        versions.put(
                "os",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        return Report.of(
                job,
                versions,
                workshop.expenses(),
                job.failure().map(f -> Report.Failure.of(job, FailureReason.sentence(f), FailureReason.cause(f))));
    }
}
