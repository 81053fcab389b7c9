package org.localav.orchestrator.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.localav.orchestrator.route.RouteCheck;
import org.localav.orchestrator.route.RouteListing;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Violation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code avo routes}: looks at the routes of a folder, running none. */
@Command(name = "routes", description = "Checks or lists the routes of the program.")
public final class RoutesCommand implements Callable<Integer> {
    private static final int VALID = 0;
    private static final int INVALID = 2;

    private final Consumer<CamelContext> beans;

    @Spec
    private CommandSpec command;

    /** @param beans binds what routes may name: beans, settings, policies */
    public RoutesCommand(Consumer<CamelContext> beans) {
        this.beans = beans;
    }

    @Override
    public Integer call() {
        command.commandLine().usage(command.commandLine().getErr());
        return INVALID;
    }

    @Command(name = "validate", description = "Says with file, line and column what in the routes can't run.")
    int validate(
            @Parameters(
                            index = "0",
                            arity = "0..1",
                            paramLabel = "FOLDER",
                            description = "Default: the program's routes.")
                    Path folder) {
        RouteCheck.Findings findings = RouteCheck.check(chosen(folder), beans);
        PrintWriter out = command.commandLine().getOut();
        findings.faults().forEach(out::println);
        findings.warnings().forEach(warning -> out.println(asWarning(warning)));
        out.println(findings.files() + " files, " + findings.routes() + " routes: "
                + (findings.valid() ? "valid" : count(findings.faults().size(), "fault"))
                + (findings.warnings().isEmpty()
                        ? ""
                        : ", " + count(findings.warnings().size(), "warning")));
        out.flush();
        return findings.valid() ? VALID : INVALID;
    }

    @Command(name = "list", description = "Shows every route: its id, what it begins with, where it stands.")
    int list(
            @Parameters(
                            index = "0",
                            arity = "0..1",
                            paramLabel = "FOLDER",
                            description = "Default: the program's routes.")
                    Path folder) {
        try {
            List<RouteListing> routes = RouteListing.of(chosen(folder));
            int ids = routes.stream().mapToInt(r -> r.id().length()).max().orElse(0);
            int froms = routes.stream().mapToInt(r -> r.from().length()).max().orElse(0);
            PrintWriter out = command.commandLine().getOut();
            for (RouteListing route : routes) {
                out.println(pad(route.id(), ids) + "  " + pad(route.from(), froms) + "  " + route.file() + ":"
                        + route.line() + (route.description().isEmpty() ? "" : "  " + route.description()));
            }
            out.flush();
            return VALID;
        } catch (InvalidSpecException e) {
            PrintWriter err = command.commandLine().getErr();
            e.violations().forEach(err::println);
            err.flush();
            return INVALID;
        }
    }

    /** As short as it can be from here: places in messages should be easy to read and to paste. */
    private static Path chosen(Path folder) {
        Path here = Path.of("").toAbsolutePath();
        Path wanted = folder != null ? folder : Path.of(System.getProperty("avo.home", "."), "routes");
        Path whole = wanted.toAbsolutePath().normalize();
        return whole.startsWith(here) && !whole.equals(here) ? here.relativize(whole) : wanted;
    }

    private static String asWarning(Violation v) {
        return new Violation(v.file(), v.line(), v.column(), v.path(), "warning: " + v.message()).toString();
    }

    private static String count(int n, String what) {
        return n + " " + what + (n == 1 ? "" : "s");
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(width - text.length());
    }
}
