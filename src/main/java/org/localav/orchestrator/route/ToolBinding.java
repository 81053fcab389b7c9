package org.localav.orchestrator.route;

import org.apache.camel.Exchange;
import org.apache.camel.component.exec.ExecCommand;
import org.apache.camel.component.exec.ExecEndpoint;
import org.apache.camel.component.exec.ExecResult;
import org.apache.camel.component.exec.impl.DefaultExecBinding;
import org.localav.orchestrator.process.Outcome;

/**
 * Carries a {@link ToolCall} to the executor, which Camel does not show the exchange, and its {@link Outcome} back as the
 * body. The stock binding would feed the body to the program's standard input.
 */
final class ToolBinding extends DefaultExecBinding {
    /** A command that knows its call. */
    static final class CalledCommand extends ExecCommand {
        private static final long serialVersionUID = 1L;
        private final transient ToolCall call;

        CalledCommand(ExecCommand command, ToolCall call) {
            super(
                    command.getExecutable(),
                    command.getArgs(),
                    command.getWorkingDir(),
                    call.limit().toMillis(),
                    command.getExitValues(),
                    null,
                    null,
                    false,
                    command.getCommandLogLevel());
            this.call = call;
        }

        ToolCall call() {
            return call;
        }
    }

    /** A result that is an outcome. */
    static final class OutcomeResult extends ExecResult {
        private static final long serialVersionUID = 1L;
        private final transient Outcome outcome;

        OutcomeResult(ExecCommand command, Outcome outcome) {
            super(command, null, null, 0);
            this.outcome = outcome;
        }
    }

    @Override
    public ExecCommand readInput(Exchange exchange, ExecEndpoint endpoint) {
        return new CalledCommand(super.readInput(exchange, endpoint), ToolCall.from(exchange));
    }

    @Override
    public void writeOutput(Exchange exchange, ExecResult result) {
        exchange.getMessage().setBody(((OutcomeResult) result).outcome);
    }
}
