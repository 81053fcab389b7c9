package org.localav.orchestrator.job;

import java.util.List;

/**
 * A job that is right in itself but may not start: the operator's policy or what already exists forbids it. Nothing was
 * spent and nothing changed; each sentence says what would lift it.
 */
public final class BlockedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient List<String> sentences;

    public BlockedException(List<String> sentences) {
        super(String.join("\n", sentences));
        this.sentences = List.copyOf(sentences);
    }

    public List<String> sentences() {
        return sentences;
    }
}
