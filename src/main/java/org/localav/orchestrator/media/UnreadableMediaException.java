package org.localav.orchestrator.media;

/** A file that can't be used as media; the message is one sentence that begins with the name its user gave it. */
public final class UnreadableMediaException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnreadableMediaException(String message) {
        super(message);
    }

    public UnreadableMediaException(String message, Throwable cause) {
        super(message, cause);
    }
}
