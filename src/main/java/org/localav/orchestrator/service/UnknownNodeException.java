package org.localav.orchestrator.service;

import java.util.List;

/** There is no such node, or no longer. */
public final class UnknownNodeException extends Exception {
    private static final long serialVersionUID = 1;

    public UnknownNodeException(String name, List<String> known) {
        super("there is no node '" + name + "'; known: " + String.join(", ", known));
    }
}
