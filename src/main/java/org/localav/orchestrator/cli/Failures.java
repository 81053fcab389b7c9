package org.localav.orchestrator.cli;

import java.util.concurrent.CancellationException;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.settings.InvalidSettingException;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.store.StoreException;
import picocli.CommandLine;

/** Turns what went wrong into sentences on standard error and an exit code; a stack trace is for faults of ours only. */
final class Failures implements CommandLine.IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception failure, CommandLine line, CommandLine.ParseResult result) {
        return report(failure, line.getErr());
    }

    static int report(Throwable failure, java.io.PrintWriter err) {
        if (failure instanceof InvalidSpecException || failure instanceof InvalidSettingException) {
            err.println(failure.getMessage());
            return ExitCode.INVALID;
        }
        if (failure instanceof BlockedException blocked) {
            blocked.sentences().forEach(s -> err.println("blocked: " + s));
            return ExitCode.BLOCKED;
        }
        if (failure instanceof RefusedException refused) {
            refused.sentences().forEach(err::println);
            return refused.exitCode();
        }
        if (failure instanceof CancellationException) {
            err.println("cancelled: " + failure.getMessage());
            return ExitCode.CANCELLED;
        }
        if (failure instanceof StoreException
                || failure instanceof java.io.IOException
                || failure instanceof java.io.UncheckedIOException) {
            err.println("avo: " + failure.getMessage());
            return ExitCode.FAILED;
        }
        err.println("avo: this is a fault of the program, please report it:");
        failure.printStackTrace(err);
        return ExitCode.FAILED;
    }
}
