package org.localav.orchestrator.plan;

import java.util.ArrayList;
import java.util.List;
import org.localav.orchestrator.ffmpeg.Filter;
import org.localav.orchestrator.ffmpeg.FilterGraph;
import org.localav.orchestrator.media.MediaInfo.VideoStream;
import org.localav.orchestrator.spec.JobSpec.Fit;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

/**
 * The filters that bring one picture stream into the piece's {@link Frame}: alpha laid on black, square pixels, the fit,
 * high dynamic range tone-mapped, limited-range BT.709. Turning it the right way up is ffmpeg's own doing before them.
 */
final class Conform {
    /** The background of {@code contain_blur} is blurred at an eighth of the size: quicker, and smoother. */
    private static final int BLUR_SHRINK = 8;

    private final VideoStream stream;
    private final Frame frame;

    Conform(VideoStream stream, Frame frame) {
        this.stream = stream;
        this.frame = frame;
    }

    /** Appends the chains that lead from {@code before} (filters that come first) at label {@code from} to {@code to}. */
    void append(FilterGraph.Builder graph, String from, List<Filter> before, List<Filter> after, String to) {
        Size inner = inner();
        List<Filter> filters = new ArrayList<>(before);
        if (stream.alpha()) {
            filters.add(Filter.of("format", "pix_fmts", "gbrap"));
            filters.add(Filter.of("premultiply", "inplace", 1));
            filters.add(Filter.of("format", "pix_fmts", "gbrp"));
        }
        scale(inner, filters);
        if (frame.fit().equals(java.util.Optional.of(Fit.CONTAIN_BLUR)) && !inner.equals(frame.size())) {
            graph.chain(List.of(from), with(filters, Filter.of("split")), to + "front", to + "back");
            graph.chain(List.of(to + "back"), background(inner), to + "blurred");
            List<Filter> joined = new ArrayList<>();
            joined.add(Filter.of(
                    "overlay",
                    "x",
                    (frame.size().width() - inner.width()) / 2,
                    "y",
                    (frame.size().height() - inner.height()) / 2,
                    "format",
                    "auto"));
            // overlay tells its end one picture early, for which the fps filter at the end would drop the last one.
            joined.add(Filter.of("tpad", "stop", 1, "stop_mode", "clone"));
            joined.addAll(finish());
            joined.addAll(after);
            graph.chain(List.of(to + "blurred", to + "front"), joined, to);
            return;
        }
        frameIn(inner, filters);
        filters.addAll(finish());
        filters.addAll(after);
        graph.chain(List.of(from), filters, to);
    }

    /** The picture's size in the frame before it is padded or cut: even numbers, for chroma at half the resolution. */
    Size inner() {
        Size shown = stream.shown();
        Size target = frame.size();
        double across = (double) target.width() / shown.width();
        double down = (double) target.height() / shown.height();
        Fit fit = frame.fit().orElse(Fit.STRETCH);
        return switch (fit) {
            case STRETCH -> target;
            case CONTAIN, CONTAIN_BLUR -> scaled(shown, Math.min(across, down));
            case COVER -> scaled(shown, Math.max(across, down));
        };
    }

    private Size scaled(Size shown, double factor) {
        Size target = frame.size();
        int width = near(shown.width() * factor, target.width());
        int height = near(shown.height() * factor, target.height());
        return new Size(width, height);
    }

    /** An even number of px; the frame's own where a rounded ratio misses it by less than that. */
    private static int near(double length, int target) {
        int even = Math.max(2, 2 * (int) Math.round(length / 2));
        return Math.abs(even - target) <= 1 ? target : Math.min(even, 16384);
    }

    private void scale(Size inner, List<Filter> filters) {
        if (stream.hdr()) {
            filters.add(Filter.of("scale", "w", inner.width(), "h", inner.height()));
            filters.addAll(toneMapped());
            return;
        }
        boolean asIs = inner.equals(stream.shown())
                && stream.sar().equals(Rational.ONE)
                && matrix().equals("bt709")
                && !fullRange()
                && !rgb();
        if (asIs) {
            return;
        }
        Filter scale = Filter.of("scale", "w", inner.width(), "h", inner.height(), "flags", "bicubic");
        java.util.Map<String, String> options = new java.util.LinkedHashMap<>(scale.options());
        if (!rgb()) {
            options.put("in_color_matrix", matrix());
            options.put("in_range", fullRange() ? "pc" : "tv");
        }
        options.put("out_color_matrix", "bt709");
        options.put("out_range", "tv");
        filters.add(new Filter("scale", options));
        // Without a format of its own here, RGB would pass through and be converted later with the wrong matrix.
        filters.add(Filter.of("format", "pix_fmts", frame.pixelFormat()));
    }

    /**
     * Reference white is 203 cd/m2 (ITU-R BT.2408). Measured on bars turned to HLG and PQ and back: mobius gives 101 for 102
     * and 182 for 190, hable at the often copied 100 cd/m2 90 and 157.
     */
    private List<Filter> toneMapped() {
        return List.of(
                Filter.of(
                        "zscale",
                        "transferin",
                        stream.transfer(),
                        "matrixin",
                        "bt2020nc",
                        "primariesin",
                        "bt2020",
                        "rangein",
                        fullRange() ? "pc" : "tv",
                        "transfer",
                        "linear",
                        "npl",
                        "203"),
                Filter.of("format", "pix_fmts", "gbrpf32le"),
                Filter.of("zscale", "primaries", "bt709"),
                Filter.of("tonemap", "tonemap", "mobius", "desat", "0"),
                Filter.of("zscale", "transfer", "bt709", "matrix", "bt709", "range", "tv"),
                Filter.of("format", "pix_fmts", frame.pixelFormat()));
    }

    private void frameIn(Size inner, List<Filter> filters) {
        Size target = frame.size();
        if (inner.equals(target)) {
            return;
        }
        int x = (target.width() - inner.width()) / 2;
        int y = (target.height() - inner.height()) / 2;
        filters.add(
                x >= 0 && y >= 0
                        ? Filter.of("pad", "w", target.width(), "h", target.height(), "x", x, "y", y, "color", "black")
                        : Filter.of("crop", "w", target.width(), "h", target.height(), "x", -x, "y", -y));
    }

    private List<Filter> background(Size inner) {
        Size target = frame.size();
        double factor = Math.min((double) inner.width() / target.width(), (double) inner.height() / target.height());
        int width = Math.min(inner.width(), 2 * (int) Math.round(target.width() * factor / 2));
        int height = Math.min(inner.height(), 2 * (int) Math.round(target.height() * factor / 2));
        return List.of(
                Filter.of("crop", "w", width, "h", height),
                Filter.of(
                        "scale",
                        "w",
                        Math.max(2, target.width() / BLUR_SHRINK),
                        "h",
                        Math.max(2, target.height() / BLUR_SHRINK),
                        "flags",
                        "area"),
                Filter.of("gblur", "sigma", "3", "steps", "2"),
                Filter.of("scale", "w", target.width(), "h", target.height(), "flags", "bicubic"));
    }

    private List<Filter> finish() {
        return List.of(
                Filter.of("setsar", "sar", "1"),
                Filter.of("format", "pix_fmts", frame.pixelFormat()),
                Filter.of(
                        "setparams",
                        "field_mode",
                        "prog",
                        "range",
                        "tv",
                        "color_primaries",
                        "bt709",
                        "color_trc",
                        "bt709",
                        "colorspace",
                        "bt709"));
    }

    private boolean fullRange() {
        return stream.colorRange().equals("pc") || stream.pixelFormat().startsWith("yuvj");
    }

    private boolean rgb() {
        String format = stream.pixelFormat();
        return stream.alpha()
                || format.contains("rgb")
                || format.contains("bgr")
                || format.startsWith("gbr")
                || format.startsWith("pal");
    }

    /** The source's matrix by the name the scale filter knows; untagged pictures are taken as players take them. */
    private String matrix() {
        return switch (stream.colorSpace()) {
            case "bt709" -> "bt709";
            case "bt470bg", "smpte170m" -> "bt601";
            case "smpte240m" -> "smpte240m";
            case "fcc" -> "fcc";
            case "bt2020nc", "bt2020c" -> "bt2020";
            default -> {
                boolean jpeg = stream.still() || stream.pixelFormat().startsWith("yuvj");
                boolean large = stream.coded().width() >= 1280 || stream.coded().height() > 576;
                yield large && !jpeg ? "bt709" : "bt601";
            }
        };
    }

    private static List<Filter> with(List<Filter> filters, Filter last) {
        List<Filter> all = new ArrayList<>(filters);
        all.add(last);
        return all;
    }
}
