package org.localav.orchestrator.plan;

/** Why a picture can't be made as the spec asks: where in the spec that is, and a sentence that says what would be right. */
public sealed interface PictureProblem {
    /** As in {@code video.clips[0].out}. */
    String path();

    String sentence();

    /** What is asked for can't be, whatever else the spec allowed: its writer has to mend it. */
    record Mistake(String path, String sentence) implements PictureProblem {
        @Override
        public String toString() {
            return path + ": " + sentence;
        }
    }

    /** What is asked for could be, but the clips don't fit it as they are, and the spec or the preset allows no change. */
    record Misfit(String path, String sentence) implements PictureProblem {
        @Override
        public String toString() {
            return path + ": " + sentence;
        }
    }
}
