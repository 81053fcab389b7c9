package org.localav.orchestrator.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.plan.Basis;
import org.localav.orchestrator.plan.Comparison;
import org.localav.orchestrator.plan.MontageRecipe;
import org.localav.orchestrator.plan.Plan;
import org.localav.orchestrator.plan.SpeechRecipe;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.speech.Fingerprint;

/** Reckons what of a plan has to run and why, from what was made before and what stands where the outputs go. */
final class Reckoning {
    private final Settings settings;
    private final StepStore store;
    private final Receipts receipts;
    private final SourceFiles files;
    private final LastRuns runs;
    private final Expenses expenses;

    Reckoning(
            Settings settings,
            StepStore store,
            Receipts receipts,
            SourceFiles files,
            LastRuns runs,
            Expenses expenses) {
        this.settings = settings;
        this.store = store;
        this.receipts = receipts;
        this.files = files;
        this.runs = runs;
        this.expenses = expenses;
    }

    Prepared of(Preparation.Request request, Preparation.Planned planned, ToolBuild tool, Findings findings)
            throws IOException {
        Plan plan = planned.plan();
        List<Path> targets = planned.targets();
        List<Prepared.Target> found = new ArrayList<>();
        Set<String> standing = new HashSet<>();
        for (int i = 0; i < targets.size(); i++) {
            Plan.PlannedOutput output = plan.outputs().get(i);
            String made = request.afterMux().handled(output.mux());
            Optional<Receipts.Receipt> same = standing(made, targets.get(i));
            found.add(new Prepared.Target(output, targets.get(i), same, made));
            same.ifPresent(receipt -> standing.add(output.mux()));
            if (same.isEmpty() && Files.exists(targets.get(i), LinkOption.NOFOLLOW_LINKS)) {
                mayReplace(request, targets.get(i))
                        .ifPresent(why ->
                                findings.blocked("outputs[" + plan.outputs().indexOf(output) + "].path", why));
            }
        }
        // An output may stand while another with the same content is still to be made from the same mux.
        found.stream()
                .filter(t -> t.standing().isEmpty())
                .forEach(t -> standing.remove(t.output().mux()));
        Basis basis = basis(request, planned, tool);
        Map<String, Plan.Decision> decisions = explained(plan.decide(store::holds, standing), basis, request);
        List<String> notes = Stream.concat(
                        planned.assets().values().stream()
                                .flatMap(a -> a.info().notes().stream().map(note -> "'" + a.alias() + "': " + note)),
                        plan.steps().stream().flatMap(Reckoning::montage))
                .toList();
        Prepared prepared = new Prepared(planned.assets(), plan, decisions, found, tool.version(), notes, basis);
        expenses.check(request.spec(), prepared, findings);
        return prepared;
    }

    private static Stream<String> montage(Step step) {
        return step.recipe() instanceof MontageRecipe montage
                ? Stream.of(step.id() + ": " + montage.segments().size()
                        + " clips shorter than a second are encoded in one go, which is quicker than one by one")
                : Stream.of();
    }

    /** What the keys of a plan are made of. */
    Basis basis(Preparation.Request request, Preparation.Planned planned, ToolBuild tool) {
        JobSpec spec = request.spec();
        Map<String, Basis.Asset> named = new LinkedHashMap<>();
        planned.assets()
                .forEach((alias, asset) -> named.put(
                        alias,
                        new Basis.Asset(
                                spec.assets().get(alias).path().orElse(alias),
                                asset.source().sha256())));
        Map<String, String> all = settings.values();
        Map<String, String> shaping = new LinkedHashMap<>();
        List<Basis.KeyedStep> steps = new ArrayList<>();
        for (Step step : planned.plan().steps()) {
            String made = tool.id();
            if (step.recipe() instanceof SpeechRecipe speech) {
                made = Fingerprint.of(all, speech.provider());
                shaping.put("tts.provider", all.get("tts.provider"));
                shaping.putAll(Fingerprint.counted(all, speech.provider()));
            }
            steps.add(Basis.KeyedStep.of(step, made));
        }
        return new Basis(
                named,
                Map.of(tool.id(), ToolBuild.number(tool.version())),
                shaping,
                spec.audio().map(audio -> List.copyOf(audio.tracks().keySet())).orElse(List.of()),
                request.afterMux().files(),
                steps);
    }

    /** Says of each step that runs what changed since the last run of the same job. */
    private Map<String, Plan.Decision> explained(
            Map<String, Plan.Decision> decisions, Basis basis, Preparation.Request request) {
        if (decisions.values().stream().noneMatch(Plan.Decision::run)) {
            return decisions;
        }
        Optional<Lock> last = runs.of(request.spec(), request.specFile());
        if (last.isEmpty()) {
            return decisions;
        }
        Comparison comparison = new Comparison(last.get().basis(), basis);
        Map<String, Plan.Decision> explained = new LinkedHashMap<>();
        decisions.forEach((key, decision) -> explained.put(
                key,
                decision.run()
                        ? new Plan.Decision(
                                true,
                                comparison.reason(
                                        key,
                                        needed -> decisions.containsKey(needed)
                                                && decisions.get(needed).run()))
                        : decision));
        return explained;
    }

    private Optional<Receipts.Receipt> standing(String made, Path target) throws IOException {
        Optional<Receipts.Receipt> receipt = receipts.find(made);
        boolean same = receipt.isPresent()
                && Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)
                && Files.size(target) == receipt.get().bytes()
                && files.hash(target.toRealPath()).sha256().equals(receipt.get().sha256());
        return same ? receipt : Optional.empty();
    }

    private static Optional<String> mayReplace(Preparation.Request request, Path target) {
        if (!request.spec().job().force()) {
            return Optional.of(
                    target + " exists and is not what this job makes; move it away, choose another path, or set "
                            + "'force: true' under job: and run with --allow-overwrite");
        }
        return request.overwriteAllowed()
                ? Optional.empty()
                : Optional.of(
                        target + " exists, and replacing it ('force: true') needs the operator's consent: run with "
                                + "--allow-overwrite");
    }
}
