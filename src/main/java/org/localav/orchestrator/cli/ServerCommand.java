package org.localav.orchestrator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** What the commands that ask the running service have in common. */
abstract class ServerCommand implements Callable<Integer> {
    @Mixin
    private ServerOptions options;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    /** Something that is asked for each argument; gives an exit code. */
    interface Request<T> {
        int make(T argument) throws IOException, InterruptedException, RefusedException;
    }

    final PrintWriter out() {
        return command.commandLine().getOut();
    }

    final PrintWriter err() {
        return command.commandLine().getErr();
    }

    final Server server() {
        return options.server();
    }

    /** Goes on when one is refused; the exit code is that of the first that did not go well. */
    final <T> int each(List<T> arguments, Request<T> request) throws IOException, InterruptedException {
        int exit = ExitCode.OK;
        for (T argument : arguments) {
            int code;
            try {
                code = request.make(argument);
            } catch (RefusedException e) {
                code = Failures.report(e, err());
            }
            exit = exit == ExitCode.OK ? code : exit;
            out().flush();
            err().flush();
        }
        return exit;
    }

    /** Has the service do something to each job, and prints how it stands then. */
    final int change(List<String> ids, String act) throws IOException, InterruptedException {
        Server server = server();
        return each(ids, id -> {
            JobView job = new JobView(server.post(Server.job(id, act)));
            out().println(job.id() + ": " + job.state());
            return ExitCode.OK;
        });
    }
}
