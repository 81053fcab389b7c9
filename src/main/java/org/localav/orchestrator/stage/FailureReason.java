package org.localav.orchestrator.stage;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
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
        if (cause instanceof FileSystemException file) {
            return sentence(file);
        }
        String message = cause.getMessage();
        if (cause.getClass() == IOException.class && message != null) {
            return message.contains(" ") ? message : "reading or writing failed: " + message;
        }
        boolean said = message != null && !message.isBlank();
        boolean ours = cause.getClass().getName().startsWith("org.localav.");
        return ours && said ? message : cause.getClass().getSimpleName() + (said ? ": " + message : "");
    }

    private static String sentence(FileSystemException failure) {
        String file = failure.getOtherFile() == null ? failure.getFile() : failure.getOtherFile();
        if (failure instanceof AccessDeniedException) {
            return file + " can't be read or written: permission denied";
        }
        if (failure instanceof NoSuchFileException) {
            return file + " is not there";
        }
        return file + " can't be written: " + (failure.getReason() == null ? "unknown reason" : failure.getReason());
    }
}
