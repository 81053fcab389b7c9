package org.localav.orchestrator.process;

import java.io.IOException;
import java.time.Duration;

/** A program that took longer than it may; it was ended with its whole process tree. */
public final class ToolTimedOutException extends IOException {
    private static final long serialVersionUID = 1L;

    public ToolTimedOutException(String tool, Duration limit) {
        super(tool + " was ended: it took longer than its limit of " + limit.toMillis() / 1000.0 + " s");
    }
}
