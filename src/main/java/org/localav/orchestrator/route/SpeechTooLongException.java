package org.localav.orchestrator.route;

/** Speech that would be cut off by the end of the picture; the sentence says by how much and what would help. */
public final class SpeechTooLongException extends Exception {
    private static final long serialVersionUID = 1L;

    SpeechTooLongException(String message) {
        super(message);
    }
}
