package org.localav.orchestrator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.localav.orchestrator.spec.Violation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code avo submit}: gives specs to the running service. */
@Command(
        name = "submit",
        description =
                "Gives specs to the running service, which makes what they describe. Prints the id of each job as soon "
                        + "as it is safely in the queue. Paths in a spec start from its own folder, which the service must allow "
                        + "(submit.roots).",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo submit job.yaml                     into the queue; prints the job's id",
            "  avo submit --wait job.yaml && echo made when it has ended, with the exit code of 'avo run'",
            "  avo submit --watch job.yaml             shows how it goes",
            "  avo submit chapter-*.yaml               goes on when one is refused"
        })
final class SubmitCommand extends ServerCommand {
    @Option(
            names = {"-w", "--wait"},
            description = "Ends when the jobs have, and as 'avo run' would.")
    private boolean wait;

    @Option(names = "--watch", description = "Shows how the jobs go, one after the other, until they have ended.")
    private boolean watch;

    @Option(names = "--json", description = "Prints each job as JSON: as it was accepted or, with --wait, as it ended.")
    private boolean json;

    @Parameters(paramLabel = "SPEC", arity = "1..*", description = "Specs, YAML or JSON.")
    private List<Path> specs;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Server server = server();
        List<String> accepted = new ArrayList<>();
        int exit = each(specs, spec -> submit(server, spec, accepted));
        if (!wait && !watch) {
            return exit;
        }
        Watch jobs = new Watch(server, out(), err(), json);
        int end = each(accepted, id -> watch ? jobs.live(id) : jobs.silent(id));
        return exit == ExitCode.OK ? end : exit;
    }

    private int submit(Server server, Path spec, List<String> accepted)
            throws IOException, InterruptedException, RefusedException {
        byte[] text;
        try {
            text = Files.readAllBytes(spec);
        } catch (IOException e) {
            String why =
                    e instanceof NoSuchFileException ? "there is no such file" : "can't be read: " + e.getMessage();
            err().println(new Violation(spec.toString(), 0, 0, "", why));
            return ExitCode.INVALID;
        }
        Path whole = spec.toRealPath();
        boolean isJson = whole.toString().endsWith(".json");
        String path = "/api/jobs?name=" + Server.encoded(whole.getFileName().toString()) + "&folder="
                + Server.encoded(whole.getParent().toString());
        try {
            JsonNode job = server.postOnce(
                    path,
                    isJson ? "application/json" : "application/yaml",
                    text,
                    UUID.randomUUID().toString());
            accepted.add(new JobView(job).id());
            if (!json) {
                out().println(new JobView(job).id());
            } else if (!wait && !watch) {
                out().println(job);
            }
            return ExitCode.OK;
        } catch (RefusedException e) {
            throw e.about(spec.toString());
        }
    }
}
