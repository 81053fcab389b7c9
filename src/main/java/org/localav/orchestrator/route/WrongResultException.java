package org.localav.orchestrator.route;

import java.util.List;

/** A program that ended well and yet made something else than was wanted: its exit code alone is no success. */
public final class WrongResultException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String command;
    private final transient List<String> lines;

    WrongResultException(String message, String command, List<String> lines) {
        super(message);
        this.command = command;
        this.lines = List.copyOf(lines);
    }

    public String command() {
        return command;
    }

    public List<String> lines() {
        return lines;
    }
}
