package org.localav.orchestrator.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.report.ReportFiles;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.spec.Violation;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code avo report}: a run's report as a page, with its pictures. */
@Command(
        name = "report",
        description = "Draws the report of a job's last run as one HTML file for people, and prints where it lies.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  avo report tour-001", "  avo report job.yaml", "  xdg-open \"$(avo report tour-001)\""})
final class ReportCommand implements Callable<Integer> {
    @Mixin
    private SettingOptions options;

    @Parameters(
            paramLabel = "JOB",
            description = "The id of a job in the archive, its spec, or the folder of a run in the archive.")
    private String job;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Override
    public Integer call() throws Exception {
        Workshop workshop = new Workshop(options.settings(), System.getenv());
        try (ReportFiles reports = new ReportFiles(workshop)) {
            command.commandLine().getOut().println(reports.drawn(run(workshop)));
        }
        return ExitCode.OK;
    }

    private Path run(Workshop workshop) throws Exception {
        Path place = Path.of(job);
        Optional<Path> run;
        if (Files.isRegularFile(place)) {
            run = workshop.runs().folder(SpecReader.read(place).spec(), place);
        } else if (Files.isRegularFile(place.resolve("report.json"))) {
            run = Optional.of(place);
        } else {
            run = ReportFiles.latest(workshop.places().archive(), job);
        }
        return run.orElseThrow(() -> new InvalidSpecException(List.of(new Violation(
                job,
                0,
                0,
                "",
                "has no report in " + workshop.places().archive() + "; name a job, a spec or the folder of a run"))));
    }
}
