package org.localav.orchestrator.speech;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.localav.orchestrator.process.Cancellation;

/** Requests as tests need them. */
public final class Requests {
    private Requests() {}

    public static SpeechRequest of(String text, String id, Path folder) {
        return new SpeechRequest(
                text,
                Optional.of("nova"),
                Optional.empty(),
                1.25,
                "wav",
                id,
                folder,
                Duration.ofSeconds(20),
                100_000,
                new Cancellation());
    }

    public static SpeechRequest withLimit(SpeechRequest request, Duration limit) {
        return new SpeechRequest(
                request.text(),
                request.voice(),
                request.language(),
                request.speed(),
                request.format(),
                request.requestId(),
                request.folder(),
                limit,
                request.largest(),
                request.cancellation());
    }

    public static SpeechRequest in(SpeechRequest request, Optional<String> voice, Optional<String> language) {
        return new SpeechRequest(
                request.text(),
                voice,
                language,
                request.speed(),
                request.format(),
                request.requestId(),
                request.folder(),
                request.limit(),
                request.largest(),
                request.cancellation());
    }
}
