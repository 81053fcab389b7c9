package org.localav.orchestrator.plan;

import java.time.Duration;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.spec.Rational;

/**
 * Where one clip's pictures lie in the piece, so that its sound can be put beside them.
 *
 * @param in where it begins in the source, from the file's start
 * @param firstFrame number of its first picture in the piece
 * @param frames how many pictures it has; a clip is a whole number of them
 * @param fps pictures a second of the piece
 */
public record ClipSpan(Source.AssetFile source, Duration in, long firstFrame, long frames, Rational fps) {
    /** When it begins in the piece. */
    public Duration start() {
        return Times.of(firstFrame, fps);
    }

    /** How long it is; ends exactly where the next one starts. */
    public Duration length() {
        return Times.of(firstFrame + frames, fps).minus(start());
    }
}
