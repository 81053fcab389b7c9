package org.localav.orchestrator.stage;

import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.media.UnreadableMediaException;
import org.localav.orchestrator.process.ToolTimedOutException;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.speech.SpeechException;

/** Why a stage failed, as its metric says it. */
public enum FailureReason {
    TIMEOUT,
    CANCELLED,
    ERROR,
    INVALID_INPUT,
    UPSTREAM;

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static FailureReason of(Throwable failure) {
        Throwable cause = cause(failure);
        if (cause instanceof CancellationException) {
            return TimedOut.is(String.valueOf(cause.getMessage())) ? TIMEOUT : CANCELLED;
        }
        if (cause instanceof ToolTimedOutException) {
            return TIMEOUT;
        }
        if (cause instanceof SpeechException) {
            return UPSTREAM;
        }
        boolean input = cause instanceof InvalidSpecException
                || cause instanceof BlockedException
                || cause instanceof UnreadableMediaException;
        return input ? INVALID_INPUT : ERROR;
    }

    /** What went wrong below Camel's own wrappings. */
    public static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getClass().getName().startsWith("org.apache.camel.")) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** The sentence for the user. */
    public static String sentence(Throwable failure) {
        Throwable cause = cause(failure);
        String message = cause.getMessage();
        boolean said = message != null && !message.isBlank();
        boolean ours = cause.getClass().getName().startsWith("org.localav.");
        return ours && said ? message : cause.getClass().getSimpleName() + (said ? ": " + message : "");
    }
}
