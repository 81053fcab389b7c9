package org.localav.orchestrator.stage;

import java.time.Duration;

/** How a time-out is told from a person's cancelling: by the reason its cancellation carries. */
public final class TimedOut {
    private static final String MARK = "took longer than its time limit of ";

    private TimedOut() {}

    /** A sentence for what ran too long: {@code tts} or {@code the job}. */
    public static String reason(String what, Duration limit) {
        return what + " " + MARK + limit.toMillis() / 1000.0 + " s";
    }

    static boolean is(String reason) {
        return reason.contains(MARK);
    }
}
