package org.localav.orchestrator.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.job.Roots;
import org.localav.orchestrator.store.JobRow;

/**
 * Finds what jobs have published, by job and number and never by path. A file that was put in an output's place since is
 * not the job's, and is not given away.
 */
public final class Outputs {
    /** A disk may keep the time of a file less finely than we keep a job's end. */
    private static final Duration CLOCK_GRAIN = Duration.ofSeconds(2);

    private final JobService service;

    public Outputs(JobService service) {
        this.service = service;
    }

    /**
     * An output at its place.
     *
     * @param sha256 of what the job has published there
     * @param length how long it plays; zero for a still
     * @param pictures whether it has any
     */
    public record Output(Path file, String sha256, long bytes, Duration length, boolean pictures) {}

    /**
     * An output of a job's latest run.
     *
     * @param number from 1, in the order of the spec
     */
    public Output find(String jobId, int number) throws UnknownJobException, NoOutputException {
        JobRow job = service.find(jobId);
        JsonNode outputs = read(service.report(jobId).orElse("{}")).path("outputs");
        if (!outputs.has(number - 1)) {
            throw new NoOutputException("job '" + jobId + "' has "
                    + (outputs.isEmpty() ? "published nothing yet" : outputs.size() + " outputs")
                    + ", so there is no output " + number);
        }
        JsonNode entry = outputs.get(number - 1);
        JsonNode measured = entry.path("measured");
        Output output = new Output(
                Path.of(entry.path("file").asText()),
                entry.path("sha256").asText(),
                entry.path("bytes").asLong(),
                Duration.ofMillis(new BigDecimal(measured.path("duration").asText("0"))
                        .movePointRight(3)
                        .longValue()),
                measured.hasNonNull("video_frames"));
        check(job, number, output);
        return output;
    }

    private static JsonNode read(String report) {
        try {
            return Report.JSON.readTree(report);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the store holds a report that is no JSON", e);
        }
    }

    private void check(JobRow job, int number, Output output) throws NoOutputException {
        String what = "output " + number + " of job '" + job.id() + "'";
        BasicFileAttributes found;
        try {
            found = Files.readAttributes(output.file(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw new NoOutputException(what + " is not at " + output.file() + " any more");
        }
        Instant latest = job.endedAt().orElse(Instant.MAX.minus(CLOCK_GRAIN)).plus(CLOCK_GRAIN);
        if (!found.isRegularFile()
                || found.size() != output.bytes()
                || found.lastModifiedTime().toInstant().isAfter(latest)) {
            throw new NoOutputException(what + " was replaced: what is at " + output.file() + " now is not the job's");
        }
        if (Roots.writing(service.settings(), job.folder())
                .refusal(output.file())
                .isPresent()) {
            throw new NoOutputException(what + " lies where this service may not write any more (output.roots)");
        }
    }
}
