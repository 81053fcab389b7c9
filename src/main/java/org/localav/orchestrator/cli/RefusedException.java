package org.localav.orchestrator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.localav.orchestrator.spec.Violation;

/** The service did not do what it was asked for, and said why in a problem (RFC 9457). */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;
    private final transient List<Violation> violations;

    private RefusedException(int status, String detail, List<Violation> violations) {
        super(detail);
        this.status = status;
        this.violations = violations;
    }

    RefusedException(int status, String detail) {
        this(status, detail, List.of());
    }

    static RefusedException of(int status, JsonNode problem) {
        List<Violation> violations = new ArrayList<>();
        for (JsonNode v : problem.path("violations")) {
            violations.add(new Violation(
                    JobView.plain(v.path("file").asText()),
                    v.path("line").asInt(),
                    v.path("column").asInt(),
                    JobView.plain(v.path("path").asText()),
                    JobView.plain(v.path("message").asText())));
        }
        String title = problem.path("title").asText("it answered " + status);
        return new RefusedException(status, JobView.plain(problem.path("detail").asText(title)), violations);
    }

    /** The same about a file by the name that the user gave it: the service knows only the last part of it. */
    RefusedException about(String file) {
        return new RefusedException(
                status,
                getMessage(),
                violations.stream()
                        .map(v -> new Violation(file, v.line(), v.column(), v.path(), v.message()))
                        .toList());
    }

    int status() {
        return status;
    }

    /** What is wrong, a sentence each, as a run in this process would say it. */
    List<String> sentences() {
        if (!violations.isEmpty()) {
            return violations.stream().map(Violation::toString).toList();
        }
        return List.of((status == 403 ? "blocked: " : "avo: ") + getMessage());
    }

    int exitCode() {
        return switch (status) {
            case 403 -> ExitCode.BLOCKED;
            // What was asked for can't be read, names nothing, or is too large: as an argument that is wrong.
            case 400, 404, 413, 422 -> ExitCode.INVALID;
            default -> ExitCode.FAILED;
        };
    }
}
