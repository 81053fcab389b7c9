package org.localav.orchestrator.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.localav.orchestrator.media.Compatibility;
import org.localav.orchestrator.media.MediaInfo.VideoStream;
import org.localav.orchestrator.plan.PictureProblem.Misfit;
import org.localav.orchestrator.plan.PictureProblem.Mistake;
import org.localav.orchestrator.preset.Preset;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

/**
 * Whether the clips can be joined as they are coded: whether they are what the spec and the preset ask for, and whether
 * they are alike. Equal size and rate are not enough: parameters kept outside the packets, hidden pictures and points
 * between key frames break a copy that ffmpeg reports as a success.
 */
final class CopyCheck {
    /** ffmpeg's message would come at the end of the job, and name a muxer's tag. */
    private static final Map<String, Set<String>> HELD = Map.of(
            "mp4", Set.of("h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video", "mpeg1video"),
            "webm", Set.of("vp8", "vp9", "av1"));

    private final JobSpec.Video video;
    private final Preset preset;
    private final Optional<Frame> encoded;
    private final Keyframes keyframes;
    private final List<PictureProblem> problems = new ArrayList<>();

    /** @param encoded what the preset would make of them; empty for a preset that never encodes */
    CopyCheck(JobSpec.Video video, Preset preset, Optional<Frame> encoded, Keyframes keyframes) {
        this.video = video;
        this.preset = preset;
        this.encoded = encoded;
        this.keyframes = keyframes;
    }

    /** Why not; empty when they can. */
    List<PictureProblem> problems(List<PictureClip> clips) {
        if (!video.filters().isEmpty()) {
            problems.add(new Mistake("video.filters", "filters need encoding; take them out"));
        }
        Size size = size().orElse(clips.get(0).stream().shown());
        if (video.fit().isPresent()
                && clips.stream().anyMatch(c -> !c.stream().shown().equals(size))) {
            problems.add(new Misfit("video.fit", "fitting a picture needs encoding; take it out"));
        }
        clips.forEach(this::check);
        List<Compatibility.Clip> compared = clips.stream()
                .map(clip -> new Compatibility.Clip(clip.name(), clip.info(), false))
                .toList();
        Compatibility.obstaclesToCopying(compared).forEach(why -> problems.add(new Misfit("video.clips", why)));
        if (problems.isEmpty()) {
            // last, because it reads whole files
            clips.forEach(this::checkPoints);
        }
        return problems;
    }

    private Optional<Size> size() {
        return video.size().or(() -> encoded.map(Frame::size));
    }

    private void check(PictureClip clip) {
        VideoStream stream = clip.stream();
        if (stream.still()) {
            return;
        }
        size().ifPresent(size -> differs(clip, "size", stream.shown(), size));
        Optional<Rational> fps = video.fps().or(() -> encoded.map(Frame::fps));
        fps.ifPresent(rate -> differs(clip, "rate", stream.rate(), rate));
        if (fps.isPresent() && stream.variableRate()) {
            problems.add(new Misfit(clip.path(), clip.name() + " has a variable frame rate"));
        }
        encoded.ifPresent(frame -> checkAgainstPreset(clip, frame));
        if (!HELD.getOrDefault(preset.format(), Set.of(stream.codec())).contains(stream.codec())) {
            problems.add(new Misfit(
                    clip.path(),
                    clip.name() + " has " + stream.codec() + " pictures, which " + preset.format()
                            + " can't hold well"));
        }
    }

    private void checkAgainstPreset(PictureClip clip, Frame frame) {
        VideoStream stream = clip.stream();
        preset.expectedVideoCodec().ifPresent(codec -> differs(clip, "codec", stream.codec(), codec));
        differs(clip, "pixel format", stream.pixelFormat(), frame.pixelFormat());
        differs(clip, "sample aspect ratio", stream.sar(), Rational.ONE);
        differs(clip, "rotation", stream.rotation(), 0);
        if (stream.interlaced() || stream.hdr() || stream.colorRange().equals("pc")) {
            problems.add(new Misfit(
                    clip.path(), clip.name() + " is interlaced, of high dynamic range or of full colour range"));
        }
    }

    private void checkPoints(PictureClip clip) {
        if (clip.whole()) {
            return;
        }
        if (clip.stream().variableRate()) {
            problems.add(new Misfit(
                    clip.path(), clip.name() + " has a variable frame rate, so a part of it can't be counted out"));
            return;
        }
        List<Duration> all = keyframes.of(clip.source());
        checkPoint(clip, "in", clip.in(), all);
        if (clip.endsEarly()) {
            checkPoint(clip, "out", clip.out(), all);
        }
    }

    private void checkPoint(PictureClip clip, String field, Duration point, List<Duration> all) {
        Duration near = all.stream()
                .min(Comparator.comparing(k -> k.minus(point).abs()))
                .orElse(Duration.ZERO);
        Duration tolerance = Times.of(1, clip.stream().rate()).dividedBy(4);
        if (near.minus(point).abs().compareTo(tolerance) > 0) {
            problems.add(new Misfit(
                    clip.path() + "." + field,
                    PictureClip.shown(point) + " lies between key frames; the nearest is at "
                            + PictureClip.shown(near)));
        }
    }

    private void differs(PictureClip clip, String what, Object is, Object wanted) {
        if (!is.equals(wanted)) {
            problems.add(new Misfit(
                    clip.path(), clip.name() + " has the " + what + " " + said(is) + ", not " + said(wanted)));
        }
    }

    private static String said(Object value) {
        return value.toString().isEmpty() ? "unknown" : value.toString();
    }
}
