package org.localav.orchestrator.route;

import java.io.IOException;
import org.apache.camel.component.exec.ExecCommand;
import org.apache.camel.component.exec.ExecCommandExecutor;
import org.apache.camel.component.exec.ExecResult;
import org.localav.orchestrator.process.CancelledException;
import org.localav.orchestrator.process.Invocation;
import org.localav.orchestrator.process.Outcome;
import org.localav.orchestrator.process.Processes;

/**
 * Runs what {@code exec:} endpoints call. Camel's own executor neither fails on a bad exit code or a time-out nor ends a
 * program's children.
 */
final class ProcessExecutor implements ExecCommandExecutor {
    private final Processes processes;

    ProcessExecutor(Processes processes) {
        this.processes = processes;
    }

    @Override
    public ExecResult execute(ExecCommand command) throws IOException {
        ToolCall call = ((ToolBinding.CalledCommand) command).call();
        Invocation invocation = Invocation.of(command.getExecutable(), command.getArgs(), call.limit())
                .listening(call.onOutput())
                .fedBy(call.feeder())
                .yielding(call.yielding());
        try (Slots.Slot turn = Slots.take(call.slots(), call.cancellation())) {
            Outcome outcome = processes.run(invocation, call.cancellation());
            return new ToolBinding.OutcomeResult(command, outcome);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException("the program is ending");
        }
    }
}
