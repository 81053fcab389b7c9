package org.localav.orchestrator.cli;

import java.util.concurrent.Callable;
import org.localav.orchestrator.spec.SpecSchema;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code avo schema}: the JSON Schema of specs. */
@Command(
        name = "schema",
        description = "Prints the JSON Schema of specs, for editors that complete and check YAML while you type.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExample:%n",
        footer = {
            "  avo schema > job.schema.json",
            "  and as the first line of a spec:  # yaml-language-server: $schema=job.schema.json"
        })
final class SchemaCommand implements Callable<Integer> {
    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Override
    public Integer call() {
        command.commandLine().getOut().println(SpecSchema.text());
        return ExitCode.OK;
    }
}
