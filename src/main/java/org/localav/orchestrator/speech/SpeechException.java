package org.localav.orchestrator.speech;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A sentence was not spoken: which provider, what it said, and what would help. */
public final class SpeechException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean retryable;
    private final transient Optional<Duration> retryAfter;
    private final int status;

    public SpeechException(String message, boolean retryable, Optional<Duration> retryAfter, int status) {
        super(message);
        this.retryable = retryable;
        this.retryAfter = retryAfter;
        this.status = status;
    }

    /** The same request would fail again: a setting, the text or the voice must change. */
    public static SpeechException lasting(String message) {
        return new SpeechException(message, false, Optional.empty(), 0);
    }

    /** It may go otherwise the next time. */
    public static SpeechException passing(String message) {
        return new SpeechException(message, true, Optional.empty(), 0);
    }

    public boolean retryable() {
        return retryable;
    }

    /** How long the provider asked to be left alone. */
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }

    /** The HTTP status that was the answer; 0 when there was none or it was not to blame. */
    public int status() {
        return status;
    }
}
