package org.localav.orchestrator.job;

import java.net.UnknownHostException;

/**
 * A host that the operator's policy does not let messages go to. It is thrown where a name is looked up, and to whoever
 * connects such a host is as good as unknown.
 */
public final class RefusedHostException extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    RefusedHostException(String message) {
        super(message);
    }
}
