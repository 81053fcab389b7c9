package org.localav.orchestrator.speech;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.localav.orchestrator.process.Cancellation;

/**
 * One sentence to be spoken, and the bounds of the call.
 *
 * @param speed 1.0 is the voice's own
 * @param format what the answer should be, as a file name ending: {@code wav}
 * @param requestId goes with the call as {@code X-Request-Id}; unique
 * @param folder where the answer is written
 * @param limit longest time from sending to the last byte
 * @param largest most bytes that are accepted
 */
public record SpeechRequest(
        String text,
        Optional<String> voice,
        Optional<String> language,
        double speed,
        String format,
        String requestId,
        Path folder,
        Duration limit,
        long largest,
        Cancellation cancellation) {
    /** Never the text itself, which must not reach a log. */
    @Override
    public String toString() {
        return "SpeechRequest " + requestId;
    }
}
