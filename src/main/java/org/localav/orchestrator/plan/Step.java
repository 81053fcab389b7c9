package org.localav.orchestrator.plan;

import java.util.List;

/**
 * One external call of a stage: one ffmpeg command or one HTTP request.
 *
 * @param id its name within the job, for people: {@code video_concat/intro-1}
 * @param key SHA-256 (64 hex digits) of all that determines the result
 * @param needs keys of the steps whose results it reads
 */
public record Step(String id, Stage stage, String key, Recipe recipe, List<String> needs) {
    public Step {
        needs = List.copyOf(needs);
    }

    public org.localav.orchestrator.ffmpeg.Source.StepResult result() {
        return new org.localav.orchestrator.ffmpeg.Source.StepResult(key);
    }
}
