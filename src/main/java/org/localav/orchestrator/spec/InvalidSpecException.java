package org.localav.orchestrator.spec;

import java.util.List;
import java.util.stream.Collectors;

/** A spec (or preset, or settings file) that can't be used; carries every violation found, in file order. */
public final class InvalidSpecException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient List<Violation> violations;

    public InvalidSpecException(List<Violation> violations) {
        super(violations.stream().map(Violation::toString).collect(Collectors.joining("\n")));
        this.violations = List.copyOf(violations);
    }

    public List<Violation> violations() {
        return violations;
    }
}
