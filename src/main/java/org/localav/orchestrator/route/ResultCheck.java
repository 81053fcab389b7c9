package org.localav.orchestrator.route;

import java.time.Duration;
import java.util.Optional;
import org.localav.orchestrator.media.Probed;
import org.localav.orchestrator.plan.Expectation;

/** Holds what was made against what was planned. */
final class ResultCheck {
    private ResultCheck() {}

    /** What differs, as the end of a sentence; empty when nothing does. */
    static Optional<String> problem(Expectation expected, Probed found) {
        Optional<String> video = found.video().map(Probed.Stream::codec);
        if (!expected.videoCodec().equals(video)) {
            return Optional.of(differs("picture", expected.videoCodec(), video));
        }
        Optional<String> audio = found.audio().map(Probed.Stream::codec);
        if (!expected.audioCodec().equals(audio)) {
            return Optional.of(differs("sound", expected.audioCodec(), audio));
        }
        Optional<Long> frames = found.video().map(Probed.Stream::packets);
        if (expected.videoFrames().isPresent() && !expected.videoFrames().equals(frames)) {
            return Optional.of("it has " + frames.orElse(0L) + " pictures instead of "
                    + expected.videoFrames().get());
        }
        if (expected.duration().isPresent()) {
            Duration wanted = expected.duration().get();
            long allowed = Math.max(expected.tolerance().toMillis(), wanted.toMillis() / 100);
            if (Math.abs(found.duration().toMillis() - wanted.toMillis()) > allowed) {
                return Optional.of("it lasts " + found.duration().toMillis() / 1000.0 + " s instead of "
                        + wanted.toMillis() / 1000.0 + " s");
            }
        }
        return Optional.empty();
    }

    private static String differs(String what, Optional<String> expected, Optional<String> found) {
        return "its " + what + " is " + found.orElse("missing") + " instead of " + expected.orElse("none");
    }
}
