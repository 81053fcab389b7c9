package org.localav.orchestrator.plan;

import java.util.List;
import java.util.stream.Collectors;

/** The picture can't be made as the spec asks, for one or more reasons. */
public final class ImpossiblePictureException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<PictureProblem> problems;

    public ImpossiblePictureException(List<PictureProblem> problems) {
        super(problems.stream().map(PictureProblem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<PictureProblem> problems() {
        return problems;
    }
}
