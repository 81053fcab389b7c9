package org.localav.orchestrator.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.Expense;
import org.localav.orchestrator.job.MediaWords;
import org.localav.orchestrator.job.PlanView;
import org.localav.orchestrator.job.Prepared;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.spec.SpecReader;

/** Prints plans, for people or as JSON of the same content. */
final class PlanPrinter {
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean json;
    private final boolean commands;

    PlanPrinter(PrintWriter out, PrintWriter err, boolean json, boolean commands) {
        this.out = out;
        this.err = err;
        this.json = json;
        this.commands = commands;
    }

    int plan(Settings settings, List<Path> specs) throws Exception {
        Workshop workshop = new Workshop(settings, System.getenv());
        workshop.places().makeState();
        int exit = ExitCode.OK;
        for (Path spec : specs) {
            try {
                Parsed parsed = SpecReader.read(spec);
                parsed.warnings().forEach(w -> err.println("warning: " + w));
                Prepared prepared = workshop.plan(parsed, spec, new Cancellation());
                String id = parsed.spec().job().id().orElse(spec.getFileName().toString());
                print(PlanView.of(id, prepared, workshop));
            } catch (InvalidSpecException | BlockedException e) {
                int code = Failures.report(e, err);
                exit = exit == ExitCode.OK ? code : exit;
            }
        }
        out.flush();
        err.flush();
        return exit;
    }

    private void print(PlanView plan) throws Exception {
        if (json) {
            out.println(Report.JSON.writeValueAsString(plan));
            return;
        }
        out.println("job " + plan.jobId());
        for (PlanView.Input input : plan.inputs()) {
            out.printf(
                    "  %-12s %s (%s, %s)%n",
                    input.alias(),
                    ProgressDisplay.shortened(input.path()),
                    MediaWords.size(input.bytes()),
                    input.facts());
            if (commands) {
                out.println("        sha256 " + input.sha256());
            }
        }
        plan.notes().forEach(note -> out.println("  note: " + note));
        String stage = "";
        for (PlanView.Item item : plan.steps()) {
            if (!item.stage().equals(stage)) {
                stage = item.stage();
                out.println(stage);
            }
            print(item);
        }
        out.println("outputs");
        for (PlanView.Output output : plan.outputs()) {
            out.printf(
                    "  %s (%s)%s%n",
                    ProgressDisplay.shortened(output.path()),
                    output.preset(),
                    output.standing() ? ", already there" : "");
        }
        out.printf(
                "%d to run, %d to reuse; %d characters of speech to ask for%n",
                plan.toRun(), plan.toReuse(), plan.speechCharacters());
        plan.speech().forEach(speech -> out.println("  " + told(speech, plan.currency())));
        plan.time()
                .ifPresent(time -> out.printf(
                        Locale.ROOT,
                        "about %.1f to %.1f s, judging by %d %s of such steps on this machine%n",
                        time.low().toMillis() / 1000.0,
                        time.high().toMillis() / 1000.0,
                        time.samples(),
                        time.samples() == 1 ? "run" : "runs"));
        out.printf(
                "about %s of disk in %s, where %s are free and %s must stay so%n",
                MediaWords.size(plan.disk().needed()),
                plan.disk().folder(),
                MediaWords.size(plan.disk().free()),
                MediaWords.size(plan.disk().reserve()));
    }

    private static String told(Expense.Speech speech, String currency) {
        String asked = speech.provider() + ": " + speech.characters() + " characters in "
                + (speech.sentences() == 1 ? "1 sentence" : speech.sentences() + " sentences");
        return asked
                + speech.price()
                        .map(price -> " at " + price.toPlainString() + " " + currency + " a million: "
                                + speech.cost().orElseThrow().toPlainString() + " " + currency)
                        .orElse(", at a price that isn't known (tts.price." + speech.provider() + ")");
    }

    private void print(PlanView.Item item) {
        String length = item.length()
                .map(d -> String.format(Locale.ROOT, " (%.1f s)", d.toMillis() / 1000.0))
                .orElse("");
        String what = item.request()
                .map(r -> " \"" + abbreviated(r.get("text").toString()) + "\"")
                .orElse("");
        out.printf("  %-5s %s%s%s: %s%n", item.run() ? "run" : "reuse", item.step(), what, length, item.reason());
        if (commands) {
            out.println("        key " + item.key());
            item.request().ifPresent(request -> out.println("        " + request));
            if (item.estimated()) {
                out.println("        # with estimates of what only a run can tell");
            }
            item.commands().forEach(line -> out.println("        " + line));
        }
    }

    private static String abbreviated(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() <= 48 ? line : line.substring(0, 47) + "…";
    }
}
