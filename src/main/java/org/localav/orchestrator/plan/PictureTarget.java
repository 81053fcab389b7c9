package org.localav.orchestrator.plan;

import java.util.List;
import java.util.Optional;
import org.localav.orchestrator.ffmpeg.Filter;
import org.localav.orchestrator.ffmpeg.UserFilters;
import org.localav.orchestrator.plan.PictureProblem.Misfit;
import org.localav.orchestrator.plan.PictureProblem.Mistake;
import org.localav.orchestrator.preset.Preset;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

/**
 * Decides size, rate and fit of the piece: the spec's word first, then the preset's, then the first clip's. Clips of a spec
 * that says nothing of these have been compared before.
 */
final class PictureTarget {
    private static final List<Rational> RATES = List.of(
            new Rational(24000, 1001),
            new Rational(24, 1),
            new Rational(25, 1),
            new Rational(30000, 1001),
            new Rational(30, 1),
            new Rational(50, 1),
            new Rational(60000, 1001),
            new Rational(60, 1));

    private final JobSpec.Video video;
    private final Preset.Picture preset;
    private final List<PictureClip> clips;
    private final List<PictureProblem> problems;

    PictureTarget(JobSpec.Video video, Preset.Picture preset, List<PictureClip> clips, List<PictureProblem> problems) {
        this.video = video;
        this.preset = preset;
        this.clips = clips;
        this.problems = problems;
    }

    Frame frame() {
        String format =
                preset.options().getOrDefault("pix_fmt", preset.encoder().equals("gif") ? "rgb24" : "yuv420p");
        // A palette is chosen from pictures whose colour has not been thinned out.
        String pixelFormat = format.startsWith("yuv") && !format.startsWith("yuva") ? format : "yuv444p";
        Size size = even(size(), pixelFormat);
        for (PictureClip clip : clips) {
            if (video.fit().isEmpty() && !sameShape(clip.stream().shown(), size)) {
                problems.add(
                        new Misfit(
                                clip.path(),
                                clip.name() + " is " + clip.stream().shown() + " and the piece " + size
                                        + "; say how it fills the frame, as in fit: contain (or contain_blur, cover, stretch)"));
            }
        }
        for (Filter filter : filters()) {
            check(filter, size);
        }
        return new Frame(size, fps(), video.fit(), pixelFormat);
    }

    List<Filter> filters() {
        return video.filters().stream().map(UserFilters::parse).toList();
    }

    private Size size() {
        Size first = clips.get(0).stream().shown();
        Optional<Size> presets = preset.size().filter(size -> !video.asIs() || sameShape(first, size));
        return video.size().or(() -> presets).orElse(first);
    }

    private Rational fps() {
        return video.fps().or(preset::fps).orElseGet(this::commonRate);
    }

    private Rational commonRate() {
        List<PictureClip> moving =
                clips.stream().filter(clip -> !clip.stream().still()).toList();
        if (moving.isEmpty()) {
            return new Rational(25, 1);
        }
        Rational first = moving.get(0).stream().rate();
        return moving.get(0).stream().variableRate() ? standard(first) : first;
    }

    /** The least usual rate that shows all pictures of a variable one. */
    private static Rational standard(Rational rate) {
        return RATES.stream()
                .filter(usual -> usual.toDouble() >= rate.toDouble() - 0.01)
                .findFirst()
                .orElse(RATES.get(RATES.size() - 1));
    }

    private Size even(Size size, String pixelFormat) {
        boolean halved = pixelFormat.startsWith("yuv420");
        int width = size.width() - (halved || pixelFormat.startsWith("yuv422") ? size.width() % 2 : 0);
        int height = size.height() - (halved ? size.height() % 2 : 0);
        Size even = new Size(width, height);
        if (!even.equals(size) && video.size().isPresent()) {
            problems.add(new Mistake(
                    "video.size",
                    size + " can't be encoded as " + pixelFormat + ", which needs even numbers; the nearest is "
                            + even));
        }
        return even;
    }

    /** What the range of an option alone can't say, because it depends on the frame. */
    private void check(Filter filter, Size size) {
        if (filter.name().equals("crop")
                && (number(filter, "w") + number(filter, "x") > size.width()
                        || number(filter, "h") + number(filter, "y") > size.height())) {
            problems.add(new Mistake("video.filters", "'" + filter + "' reaches beyond the frame, which is " + size));
        }
        int most = Math.min(size.width(), size.height()) / 4;
        if (filter.name().equals("boxblur") && number(filter, "luma_radius") > most) {
            problems.add(new Mistake(
                    "video.filters", "'" + filter + "' is too wide for " + size + "; luma_radius is at most " + most));
        }
    }

    private static int number(Filter filter, String option) {
        return Integer.parseInt(filter.options().getOrDefault(option, "0"));
    }

    /** Whether one fills the other without bars, to 1 % or 2 px: codecs round sizes. */
    static boolean sameShape(Size a, Size b) {
        double scaled = (double) a.height() * b.width() / a.width();
        return Math.abs(scaled - b.height()) <= Math.max(2, b.height() * 0.01);
    }
}
