package org.localav.orchestrator.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.process.Cancellation;

/**
 * The pages of runs in the archive. A run leaves one without pictures; those are drawn when somebody looks, one page at a
 * time, and kept.
 */
public final class ReportFiles implements AutoCloseable {
    /** The page's name in the folder of a run. */
    public static final String FILE = "report.html";

    private final Drawing drawing;
    private final Cancellation closing = new Cancellation();

    public ReportFiles(Workshop workshop) {
        this.drawing =
                new Drawing(workshop.separateProcesses(), workshop.settings().text("ffmpeg.program"), closing);
    }

    /**
     * The page of a run, with pictures of those outputs that still are what the run made.
     *
     * @param run its folder in the archive
     * @throws NoSuchFileException when no report lies there
     */
    public synchronized Path drawn(Path run) throws IOException, InterruptedException {
        Path file = run.resolve(FILE);
        if (!Files.exists(file) || !isDrawn(file)) {
            JsonNode report = Report.JSON.readTree(Files.readAllBytes(run.resolve("report.json")));
            write(file, ReportPage.of(report, Optional.of(drawing.of(report))));
        }
        return file;
    }

    /** The folder of the latest run of a job that has left a report, failed ones too. */
    public static Optional<Path> latest(Path archive, String jobId) throws IOException {
        // A name, so that no path leads out of the archive.
        Path runs = archive.resolve(Path.of(jobId).getFileName());
        if (!Files.isDirectory(runs)) {
            return Optional.empty();
        }
        try (Stream<Path> found = Files.list(runs)) {
            return found.filter(run -> Files.isRegularFile(run.resolve("report.json")))
                    .max(Comparator.naturalOrder());
        }
    }

    private static boolean isDrawn(Path file) throws IOException {
        return Files.readString(file).contains(ReportPage.DRAWN);
    }

    private static void write(Path file, byte[] page) throws IOException {
        Path made = Files.createTempFile(file.getParent(), ".writing-", FILE);
        try {
            Files.write(made, page);
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(made);
        }
    }

    /** A page without pictures, from a report alone. */
    public static byte[] plain(String report) throws IOException {
        return ReportPage.of(Report.JSON.readTree(report.getBytes(StandardCharsets.UTF_8)), Optional.empty());
    }

    /** Ends what is being drawn. */
    @Override
    public void close() {
        closing.cancel("the program is ending");
    }
}
