package org.localav.orchestrator.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.localav.orchestrator.cache.History;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.JobSpec;

/** Tells what plans take here: by the operator's prices, this machine's history, and the disk as it is now. */
public final class Expenses {
    private final Settings settings;
    private final StepStore store;
    private final History history;
    private final Path state;

    Expenses(Settings settings, StepStore store, History history, Path state) {
        this.settings = settings;
        this.store = store;
        this.history = history;
        this.state = state;
    }

    /** What a plan takes. */
    public Expense of(Prepared prepared) throws IOException {
        List<Expense.Speech> speech = speech(prepared.toRun());
        return new Expense(speech, Expense.sum(speech), currency(), disk(prepared));
    }

    /** What a run has asked for so far. */
    List<Expense.Speech> spent(Job job) {
        Set<String> made = job.steps().stream()
                .filter(step -> !step.reused())
                .map(StepReport::key)
                .collect(Collectors.toSet());
        return job.prepared()
                .map(prepared -> speech(prepared.toRun().stream()
                        .filter(step -> made.contains(step.key()))
                        .toList()))
                .orElse(List.of());
    }

    private List<Expense.Speech> speech(List<Step> steps) {
        return Expense.speech(steps, provider -> settings.amount("tts.price." + provider));
    }

    String currency() {
        return settings.text("tts.currency");
    }

    /** Says what of a plan is more than its spec and the operator allow, or than is there. */
    void check(JobSpec spec, Prepared prepared, Findings findings) throws IOException {
        if (!prepared.toRun().isEmpty()) {
            Expense.Allowance allowance =
                    new Expense.Allowance(settings.amount("limits.speech_characters"), settings.amount("limits.cost"));
            of(prepared).check(spec.job().limits(), allowance, findings::blocked);
        }
    }

    private Expense.Disk disk(Prepared prepared) throws IOException {
        Object here = device(Files.createDirectories(state));
        long needed = 0;
        if (!prepared.toRun().isEmpty()) {
            DiskEstimate estimate = new DiskEstimate(prepared, store, history);
            needed = estimate.results() + copies(prepared, here);
        }
        return new Expense.Disk(
                state.toString(), needed, state.toFile().getUsableSpace(), settings.bytes("disk.reserve"));
    }

    /** Sources on another disk can't be linked into the job's folder. */
    private static long copies(Prepared prepared, Object here) throws IOException {
        long bytes = 0;
        for (Prepared.Asset asset : prepared.assets().values()) {
            bytes += device(asset.path()).equals(here) ? 0 : asset.bytes();
        }
        return bytes;
    }

    /** Not the file store, which Java looks for among the mounts: in a chroot its own root is none of them. */
    private static Object device(Path path) throws IOException {
        return Files.getAttribute(path, "unix:dev");
    }
}
