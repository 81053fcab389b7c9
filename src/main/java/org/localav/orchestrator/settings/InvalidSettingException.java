package org.localav.orchestrator.settings;

/** A setting that can't be used; the sentence names the place it was read from, the key and what would be right. */
public final class InvalidSettingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvalidSettingException(String message) {
        super(message);
    }
}
