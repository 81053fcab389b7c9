package org.localav.orchestrator.plan;

import java.util.List;

/** The picture can't be made as the spec asks; each reason is a sentence that names the clip and what would be right. */
public final class BlockedPictureException extends Exception {
    private static final long serialVersionUID = 1L;

    private final List<String> reasons;

    public BlockedPictureException(List<String> reasons) {
        super(String.join("\n", reasons));
        this.reasons = List.copyOf(reasons);
    }

    public List<String> reasons() {
        return reasons;
    }
}
