package org.localav.orchestrator.process;

import java.util.concurrent.CancellationException;

/** Work that ended because it was cancelled; the message is the reason. */
public final class CancelledException extends CancellationException {
    private static final long serialVersionUID = 1L;

    public CancelledException(String reason) {
        super(reason);
    }
}
