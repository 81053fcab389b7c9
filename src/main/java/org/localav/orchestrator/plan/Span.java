package org.localav.orchestrator.plan;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.ffmpeg.Source;

/**
 * One clip's stretch of the picture's time line.
 *
 * @param frames how many frames of the finished picture it fills
 * @param untilEnd set where that number follows from a file's length, which a probe measured: then this and not the
 *     number counts for keys
 */
public record Span(long frames, Optional<Rest> untilEnd) {
    /** A moving picture from {@code in} to its end. */
    public record Rest(Source.AssetFile source, Duration in) {}

    public Span {
        if (frames < 0) {
            throw new IllegalArgumentException("a clip can't have " + frames + " frames");
        }
    }

    /** A stretch whose length the spec says: a still, or a part with in and out. */
    public static Span of(long frames) {
        return new Span(frames, Optional.empty());
    }

    /** The rest of a file's picture from {@code in} on. */
    public static Span untilEnd(long frames, Source.AssetFile source, Duration in) {
        return new Span(frames, Optional.of(new Rest(source, in)));
    }

    Map<String, Object> canonical() {
        return untilEnd.<Map<String, Object>>map(
                        r -> Map.of("source", r.source().id(), "in", MixRecipe.micros(r.in())))
                .orElseGet(() -> Map.of("frames", frames));
    }
}
