package org.localav.orchestrator.plan;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.media.MediaInfo.VideoStream;
import org.localav.orchestrator.spec.JobSpec;

/** One clip of the spec beside the facts of its file, with in and out point settled. */
record PictureClip(int number, Source.AssetFile source, MediaInfo info, VideoStream stream, Duration in, Duration out) {
    /** Settles a clip, or adds to {@code problems} why it can't be shown and returns null. */
    static PictureClip of(
            int number, JobSpec.Clip clip, Source.AssetFile source, MediaInfo info, List<PictureProblem> problems) {
        String name = name(source);
        String path = path(number);
        if (info.video().isEmpty()) {
            problems.add(new PictureProblem.Mistake(
                    path + ".asset", name + " has no picture; a clip needs a video or a photo"));
            return null;
        }
        VideoStream stream = info.video().get();
        if (stream.still()) {
            if (clip.length().isEmpty()) {
                problems.add(new PictureProblem.Mistake(
                        path, name + " is a still picture; say how long it is shown, as in length: 5s"));
                return null;
            }
            return new PictureClip(
                    number, source, info, stream, Duration.ZERO, clip.length().get());
        }
        Duration end = stream.startOffset().plus(stream.duration());
        Duration out = clip.out().or(() -> clip.length().map(clip.in()::plus)).orElse(end);
        if (clip.in().compareTo(end) >= 0 || clip.in().compareTo(out) >= 0) {
            problems.add(new PictureProblem.Mistake(
                    path + ".in",
                    name + " has pictures until " + shown(end) + "; 'in' " + shown(clip.in())
                            + " must lie before that and before 'out'"));
            return null;
        }
        if (out.compareTo(end.plus(SegmentRecipe.HOLD)) > 0) {
            String field = clip.out().isPresent() ? "out" : "length";
            String asked = clip.out().isPresent() ? "'out' " + shown(out) : "its end at " + shown(out);
            problems.add(new PictureProblem.Mistake(
                    path + "." + field,
                    name + " has pictures until " + shown(end) + " only; " + asked + " is too late"));
            return null;
        }
        return new PictureClip(number, source, info, stream, clip.in(), out);
    }

    String name() {
        return name(source);
    }

    Duration length() {
        return out.minus(in);
    }

    /** Whether it is all of its file's picture, to the frame. */
    boolean whole() {
        return !stream.still() && in.isZero() && !endsEarly();
    }

    boolean endsEarly() {
        Duration frame = Times.of(1, stream.rate());
        Duration end = stream.startOffset().plus(stream.duration());
        return out.compareTo(end.minus(frame.dividedBy(2))) < 0;
    }

    static String shown(Duration duration) {
        BigDecimal seconds =
                BigDecimal.valueOf(Times.micros(duration) / 1000, 3).stripTrailingZeros();
        return (seconds.scale() < 0 ? seconds.setScale(0) : seconds).toPlainString() + "s";
    }

    /** Where the spec has it. */
    String path() {
        return path(number);
    }

    private static String path(int number) {
        return "video.clips[" + number + "]";
    }

    private static String name(Source.AssetFile source) {
        return "'" + source.alias() + "'";
    }
}
