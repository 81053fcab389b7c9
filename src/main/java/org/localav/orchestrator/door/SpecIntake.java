package org.localav.orchestrator.door;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.PlanView;
import org.localav.orchestrator.job.Roots;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.service.JobService;
import org.localav.orchestrator.service.Submission;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.spec.Suggestion;

/** Makes submissions of the specs that come over HTTP, and plans them. */
final class SpecIntake {
    /** Planning reads media files; as many threads again stay free for requests that are answered at once. */
    private static final int PLANS_AT_ONCE = 8;

    private static final int LONGEST_KEY = 255;

    private final JobService service;
    private final List<Path> more;
    private final Semaphore plans = new Semaphore(PLANS_AT_ONCE);

    /** @param more folders, beside the working folder and submit.roots, that a client may name */
    SpecIntake(JobService service, List<Path> more) {
        this.service = service;
        this.more = more;
    }

    Submission submission(Call call) throws ProblemException, InvalidSpecException, BlockedException {
        String name = name(call);
        return new Submission(
                SpecReader.text(name, call.body()), name, folder(call.parameter("folder")), "http", key(call));
    }

    private static String name(Call call) throws ProblemException {
        String ending = call.json() ? ".json" : ".yaml";
        String name = call.parameter("name").orElse("job" + ending);
        boolean fits = call.json() == name.endsWith(".json");
        if (!fits || name.length() > 200 || !name.matches("[^\\p{Cntrl}/\\\\.][^\\p{Cntrl}/\\\\]*")) {
            throw Call.bad("name=" + Suggestion.quote(name) + " should be a plain file name"
                    + (fits ? "" : "; one that ends in .json goes with a body of type application/json, and no other"));
        }
        return name;
    }

    private static Optional<String> key(Call call) throws ProblemException {
        Optional<String> key = call.header("Idempotency-Key");
        if (key.isPresent()
                && (key.get().isEmpty()
                        || key.get().length() > LONGEST_KEY
                        || !key.get().chars().allMatch(c -> c >= ' ' && c < 0x7f))) {
            throw Call.bad("the Idempotency-Key should be 1 to " + LONGEST_KEY + " ASCII characters");
        }
        return key.map(text -> "http:" + text);
    }

    private Path folder(Optional<String> named) throws ProblemException, BlockedException {
        Path working = Path.of("").toAbsolutePath();
        if (named.isEmpty()) {
            return working;
        }
        Path folder;
        try {
            folder = working.resolve(named.get()).normalize();
        } catch (InvalidPathException e) {
            throw Call.bad("folder=" + Suggestion.quote(named.get()) + " is no path: " + e.getReason());
        }
        Optional<String> refusal = Roots.submitting(service.settings(), more).refusal(folder);
        if (refusal.isPresent()) {
            throw new BlockedException(List.of(refusal.get()));
        }
        if (!Files.isDirectory(folder)) {
            throw Call.bad("there is no folder " + Suggestion.quote(folder.toString()) + " here");
        }
        return folder;
    }

    PlanView plan(Submission submission)
            throws InvalidSpecException, BlockedException, IOException, InterruptedException, ProblemException {
        if (!plans.tryAcquire()) {
            throw new ProblemException(
                    Problem.busy(PLANS_AT_ONCE + " plans are being made already; ask again in a moment"));
        }
        try {
            return service.plan(submission, new Cancellation());
        } finally {
            plans.release();
        }
    }
}
