package org.localav.orchestrator.door;

import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.localav.orchestrator.report.ReportFiles;
import org.localav.orchestrator.report.ReportPage;
import org.localav.orchestrator.service.JobService;
import org.localav.orchestrator.service.UnknownJobException;
import org.localav.orchestrator.store.JobRow;

/**
 * {@code GET /api/jobs/ID/report.html}: the report as a page, with pictures that are drawn when it is first asked for. No
 * Camel route, because those requests share threads that must not wait for pictures.
 */
final class ReportPages implements AutoCloseable {
    private static final int MOST_WAITING = 32;

    private final JobService service;
    private final ReportFiles files;
    private final boolean readOnly;
    private final WorkerExecutor drawing;
    private final AtomicInteger waiting = new AtomicInteger();

    ReportPages(Vertx vertx, JobService service) {
        this.service = service;
        this.files = new ReportFiles(service.workshop());
        this.readOnly = service.settings().flag("read_only");
        this.drawing = vertx.createSharedWorkerExecutor("reports", 1);
    }

    void mount(Router router) {
        router.get("/api/jobs/:id/report.html").handler(this::answer);
    }

    private void answer(RoutingContext context) {
        if (waiting.incrementAndGet() > MOST_WAITING) {
            waiting.decrementAndGet();
            Problem.busy(MOST_WAITING + " reports are being drawn already; ask again in a moment")
                    .answer(context);
            return;
        }
        drawing.executeBlocking(() -> page(context.pathParam("id")), false).onComplete(page -> {
            waiting.decrementAndGet();
            if (page.failed()) {
                Problem.of(page.cause()).answer(context);
            } else {
                context.response()
                        .putHeader("Content-Security-Policy", ReportPage.POLICY + "; frame-ancestors 'none'; sandbox")
                        .putHeader("Content-Type", "text/html; charset=utf-8")
                        .end(page.result());
            }
        });
    }

    private Buffer page(String id) throws ProblemException, UnknownJobException, IOException {
        JobRow job = service.find(id);
        Optional<String> report = service.report(id);
        if (report.isEmpty()) {
            throw new ProblemException(Problem.noReport(id, job.status().id()));
        }
        Optional<Path> run = job.run()
                .map(name -> service.workshop().places().archive().resolve(id).resolve(name))
                .filter(folder -> Files.isRegularFile(folder.resolve("report.json")));
        if (readOnly || run.isEmpty()) {
            return Buffer.buffer(ReportFiles.plain(report.get()));
        }
        try {
            return Buffer.buffer(Files.readAllBytes(files.drawn(run.get())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(Problem.closed("the service is ending"));
        }
    }

    @Override
    public void close() {
        files.close();
    }
}
