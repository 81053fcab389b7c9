package org.localav.orchestrator.job;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.spec.JobSpec;

/**
 * Finds a job's last run in the archive: the last one that succeeded, or else the first that did not. A job without an id
 * is known by its spec's file, if there is one: a text that came over HTTP has but a name.
 */
public final class LastRuns {
    private final Path archive;
    private final Path folder;

    /** @param folder where it is remembered which run was the last */
    public LastRuns(Path archive, Path folder) {
        this.archive = archive;
        this.folder = folder;
    }

    /** Remembers a run that has ended and was filed. */
    void remember(Job job) throws IOException {
        Path run = Path.of(job.id(), job.run());
        boolean filed = Files.isRegularFile(archive.resolve(run).resolve(Lock.FILE));
        Optional<Path> note = note(job.spec(), job.specFile());
        if (filed
                && note.isPresent()
                && (job.status() == JobStatus.SUCCEEDED
                        || of(job.spec(), job.specFile()).isEmpty())) {
            Receipts.write(note.get(), run.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The folder of the last run of the job that a spec describes; empty when there was none, or it is gone. */
    public Optional<Path> folder(JobSpec spec, Path specFile) {
        Optional<Path> note = note(spec, specFile);
        if (note.isEmpty()) {
            return Optional.empty();
        }
        try {
            Path run = archive.resolve(Files.readString(note.get()));
            return Optional.of(run).filter(found -> Files.isRegularFile(found.resolve(Lock.FILE)));
        } catch (IOException e) {
            // No run yet, or the note is lost: the next run writes it.
            return Optional.empty();
        }
    }

    /** The lock of the last run of the job that a spec describes. */
    public Optional<Lock> of(JobSpec spec, Path specFile) {
        return folder(spec, specFile).flatMap(LastRuns::lock);
    }

    /** The folders of all runs of a job that hold a lock, the latest first. */
    public List<Path> runs(String jobId) throws IOException {
        // A name, so that no path leads out of the archive.
        Path runs = archive.resolve(Path.of(jobId).getFileName());
        if (!Files.isDirectory(runs)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(runs)) {
            return found.filter(run -> Files.isRegularFile(run.resolve(Lock.FILE)))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
    }

    private static Optional<Lock> lock(Path run) {
        try {
            return Optional.of(Lock.read(run));
        } catch (IOException e) {
            // Damaged, or of another version: reasons are told as for a first run.
            return Optional.empty();
        }
    }

    private Optional<Path> note(JobSpec spec, Path specFile) {
        Path file = specFile.toAbsolutePath().normalize();
        return spec.job()
                .id()
                .map(id -> "id:" + id)
                .or(() -> Optional.of("file:" + file).filter(name -> Files.isRegularFile(file)))
                .map(name -> folder.resolve(Keys.sha256(name)));
    }
}
