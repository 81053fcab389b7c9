package org.localav.orchestrator.cli;

/** How the program ends, for scripts. */
final class ExitCode {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int INVALID = 2;
    static final int BLOCKED = 3;
    static final int CANCELLED = 130;

    private ExitCode() {}
}
