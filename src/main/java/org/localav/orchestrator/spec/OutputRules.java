package org.localav.orchestrator.spec;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** No output may stand in the way of another, of a source, or of the spec itself. */
final class OutputRules {
    private final Path spec;
    private final Findings findings;

    private OutputRules(Path spec, Findings findings) {
        this.spec = spec;
        this.findings = findings;
    }

    /** {@code name} is the spec's file; relative paths count from its folder. */
    static void check(JobSpec spec, String name, Findings findings) {
        Path file;
        try {
            file = Path.of(name).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            file = Path.of("job.yaml").toAbsolutePath();
        }
        new OutputRules(file, findings).check(spec);
    }

    private void check(JobSpec job) {
        List<Optional<Path>> earlier = new ArrayList<>();
        for (int i = 0; i < job.outputs().size(); i++) {
            String path = "outputs[" + i + "].path";
            Optional<Path> target = resolve(job.outputs().get(i).path(), path);
            target.ifPresent(mine -> {
                againstOutputs(mine, path, earlier);
                againstSources(mine, path, job);
            });
            earlier.add(target);
        }
    }

    private void againstOutputs(Path mine, String path, List<Optional<Path>> earlier) {
        for (int i = 0; i < earlier.size(); i++) {
            if (earlier.get(i).isEmpty()) {
                continue;
            }
            Path other = earlier.get(i).get();
            String which = "outputs[" + i + "]";
            if (mine.equals(other)) {
                findings.refuse(path, "is the same file as that of " + which + "; give each output its own");
            } else if (mine.startsWith(other) || other.startsWith(mine)) {
                findings.refuse(path, "can't be a file and a folder at once; see " + which);
            } else if (lower(mine).equals(lower(other))) {
                findings.warn(
                        path, "differs from " + which + " in upper and lower case only; some disks can't hold both");
            }
        }
    }

    private void againstSources(Path mine, String path, JobSpec job) {
        if (mine.equals(spec)) {
            findings.refuse(path, "would replace the spec itself; choose another name");
        }
        job.assets().forEach((name, asset) -> {
            Optional<Path> source = asset.path().flatMap(one -> resolve(one, "assets." + name));
            if (source.filter(mine::equals).isPresent()) {
                findings.refuse(path, "would replace the asset '" + name + "'; choose another name");
            }
        });
    }

    private Optional<Path> resolve(String written, String path) {
        if (written.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(spec.resolveSibling(written).normalize());
        } catch (InvalidPathException e) {
            findings.refuse(path, Suggestion.quote(written) + " can't be a file name here");
            return Optional.empty();
        }
    }

    private static String lower(Path path) {
        return path.toString().toLowerCase(Locale.ROOT);
    }
}
