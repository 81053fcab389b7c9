package org.localav.orchestrator.plan;

import java.util.Locale;

/** The stages of a job, in the order of its path; each is a Camel route of the same (lower-case) id. */
public enum Stage {
    PREPARE,
    TTS,
    AUDIO_MIX,
    VIDEO_CONCAT,
    MUX,
    FINISH;

    /** The name in routes, specs, metrics and reports: {@code audio_mix}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
