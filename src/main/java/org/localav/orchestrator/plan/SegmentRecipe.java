package org.localav.orchestrator.plan;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Filter;
import org.localav.orchestrator.ffmpeg.FilterGraph;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.media.MediaInfo.VideoStream;
import org.localav.orchestrator.spec.Rational;

/**
 * Encodes some frames of one clip in the piece's frame. A long clip is cut into several of these that are encoded side by
 * side; their frames are those of the clip encoded in one go, because each numbers the frames from the clip's in point
 * and picks its own, wherever the seek landed.
 *
 * @param in where frame 0 of the clip lies in the source, from the file's start; zero for a still
 * @param filters the spec's own, in the conformed frame
 * @param timelineFrame where the clip's frame 0 lies in the piece, for filters that go by time; else 0
 * @param fromFrame the first frame of the clip to encode
 * @param toFrame the first frame not to encode any more
 */
public record SegmentRecipe(
        Source.AssetFile source,
        Duration in,
        Frame frame,
        List<Filter> filters,
        long timelineFrame,
        long fromFrame,
        long toFrame,
        Encoding encoding)
        implements Recipe.Ffmpeg {
    /** A stream that ends before the out point by no more than this has its last picture held. */
    static final Duration HOLD = Duration.ofMillis(500);

    /** Decoded before the first frame that is wanted, for deinterlacing, recovery points and filters with a memory. */
    private static final Duration PREROLL = Duration.ofSeconds(1);

    /** The same where a seek may land after the key frame it should find. */
    private static final Duration LONG_PREROLL = Duration.ofSeconds(10);

    private static final Set<String> INDEXED = Set.of("mov", "matroska", "avi", "dv", "mxf", "asf", "gif");

    private static final Set<String> WITH_MEMORY = Set.of("hqdn3d");
    private static final BigDecimal MICROS = BigDecimal.valueOf(1_000_000);

    /** In frames: keeps source frames off the point halfway between two slots, where rounding could fall either way. */
    private static final BigDecimal PHASE = new BigDecimal("0.2");

    public SegmentRecipe {
        filters = List.copyOf(filters);
        if (fromFrame < 0 || toFrame <= fromFrame) {
            throw new IllegalArgumentException("no frames from " + fromFrame + " to " + toFrame);
        }
    }

    @Override
    public String kind() {
        return "segment";
    }

    @Override
    public Map<String, Object> canonical() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("source", source.id());
        tree.put("in", Times.micros(in));
        tree.put("frame", frame.canonical());
        tree.put("filters", filters.stream().map(Filter::toString).toList());
        tree.put("timeline_frame", timelineFrame);
        tree.put("from_frame", fromFrame);
        tree.put("to_frame", toFrame);
        tree.put("encoding", encoding.canonical());
        return tree;
    }

    @Override
    public List<Source> sources() {
        return List.of(source);
    }

    @Override
    public String extension() {
        return encoding.extension();
    }

    @Override
    public Work work() {
        return encoding.work();
    }

    public long frames() {
        return toFrame - fromFrame;
    }

    @Override
    public Expectation expectation(Facts facts) {
        return encoding.expectation(frames(), frame.fps());
    }

    @Override
    public Command command(Facts facts) {
        FilterGraph.Builder graph = new FilterGraph.Builder();
        append(graph, facts, 0, encoding.opening());
        return encoding.command(List.of(input(facts)), graph, frames(), frame.fps(), fileName());
    }

    private VideoStream stream(Facts facts) {
        return facts.media(source)
                .video()
                .orElseThrow(() -> new IllegalArgumentException("'" + source.alias() + "' has no picture"));
    }

    private long seek(Facts facts) {
        return stream(facts).still() ? 0 : seek(facts.media(source), stream(facts));
    }

    /** The source, read from where this segment's pictures begin. */
    Command.Input input(Facts facts) {
        long seek = seek(facts);
        List<String> input = new ArrayList<>(List.of("-threads", Integer.toString(encoding.threads())));
        input.addAll(facts.media(source).inputOptions());
        if (seek > 0) {
            // From the key frame before: accurate seeking would drop the picture that is showing at the seek point.
            input.addAll(List.of("-noaccurate_seek", "-ss", Times.seconds(seek)));
        }
        return new Command.Input(source, input);
    }

    /** Appends the chains that lead from the {@code input}-th input to exactly this segment's frames at {@code to}. */
    void append(FilterGraph.Builder graph, Facts facts, int input, String to) {
        VideoStream stream = stream(facts);
        String from = input + ":" + stream.index();
        if (stream.still()) {
            new Conform(stream, frame).append(graph, from, List.of(), afterStill(), to);
        } else {
            new Conform(stream, frame).append(graph, from, slots(stream, seek(facts)), own(), to);
        }
    }

    /**
     * Whether a seek surely finds the key frame before a time. A transport stream has no index; and across a gap between
     * pictures of a variable rate the decoding time, by which ffmpeg seeks, lies far before the time of showing.
     */
    static boolean seeksExactly(MediaInfo info) {
        return INDEXED.contains(info.format())
                && info.video().filter(VideoStream::variableRate).isEmpty();
    }

    /** Where to seek in µs: a whole number of the stream's ticks, so that time stamps don't shift by a rounding. */
    private long seek(MediaInfo info, VideoStream stream) {
        BigDecimal first = inMicros().add(slotMicros().multiply(BigDecimal.valueOf(fromFrame)));
        Duration before = seeksExactly(info) ? PREROLL : LONG_PREROLL;
        BigDecimal wanted = first.subtract(BigDecimal.valueOf(Times.micros(before)));
        if (wanted.signum() <= 0) {
            return 0;
        }
        Rational base = stream.timeBase();
        BigDecimal numerator = MICROS.multiply(BigDecimal.valueOf(base.numerator()));
        BigDecimal denominator = BigDecimal.valueOf(base.denominator());
        BigDecimal ticks = wanted.multiply(denominator).divide(numerator, 0, RoundingMode.FLOOR);
        return ticks.multiply(numerator)
                .divide(denominator, 0, RoundingMode.HALF_UP)
                .longValueExact();
    }

    /** From the stream's own times to numbered slots of the clip, of which the wanted ones pass. */
    private List<Filter> slots(VideoStream stream, long seek) {
        BigDecimal shift = BigDecimal.valueOf(seek)
                .subtract(inMicros())
                .subtract(slotMicros().multiply(PHASE));
        String micros = shift.setScale(3, RoundingMode.HALF_UP).toPlainString();
        List<Filter> filters = new ArrayList<>();
        // Microseconds: an old AVI's tick is a whole frame, too coarse for in points and for the phase.
        filters.add(Filter.of("settb", "expr", "AVTB"));
        filters.add(Filter.of("setpts", "expr", "round(PTS+(" + micros + "))"));
        if (stream.interlaced()) {
            boolean fields = frame.fps().toDouble() > 1.5 * stream.rate().toDouble();
            filters.add(Filter.of("bwdif", "mode", fields ? "send_field" : "send_frame", "deint", "all"));
        }
        filters.add(Filter.of("fps", "fps", frame.fps(), "start_time", 0));
        long held = (long) Math.ceil(HOLD.toMillis() / 1000.0 * frame.fps().toDouble());
        filters.add(Filter.of("tpad", "stop", held, "stop_mode", "clone"));
        filters.add(Filter.of("trim", "start_pts", fromFrame - memory(), "end_pts", toFrame));
        return filters;
    }

    private List<Filter> afterStill() {
        Rational fps = frame.fps();
        List<Filter> filters = new ArrayList<>();
        filters.add(Filter.of("loop", "loop", -1, "size", 1));
        filters.add(Filter.of("settb", "expr", fps.denominator() + "/" + fps.numerator()));
        filters.add(Filter.of("setpts", "expr", "N"));
        filters.add(Filter.of("fps", "fps", fps));
        filters.add(Filter.of("trim", "start_pts", fromFrame - memory(), "end_pts", toFrame));
        filters.addAll(own());
        return filters;
    }

    /** The spec's filters, then time stamps from 0. */
    private List<Filter> own() {
        List<Filter> all = new ArrayList<>();
        if (timelineFrame > 0) {
            all.add(Filter.of("setpts", "expr", "PTS+" + timelineFrame));
        }
        all.addAll(filters);
        if (filters.stream().anyMatch(f -> f.name().equals("crop"))) {
            all.add(Filter.of(
                    "scale", "w", frame.size().width(), "h", frame.size().height()));
        }
        if (!filters.isEmpty()) {
            all.add(Filter.of("setsar", "sar", "1"));
            all.add(Filter.of("format", "pix_fmts", frame.pixelFormat()));
        }
        if (memory() > 0) {
            all.add(Filter.of("trim", "start_pts", timelineFrame + fromFrame));
        }
        all.add(Filter.of("setpts", "expr", "PTS-STARTPTS"));
        // Newer versions of setpts forget the frame rate; on these exact slots this changes nothing but that.
        all.add(Filter.of("fps", "fps", frame.fps()));
        return all;
    }

    /** Frames that filters with a memory see before the first that counts. */
    private long memory() {
        boolean needed = filters.stream().anyMatch(f -> WITH_MEMORY.contains(f.name()));
        return needed ? Math.min(fromFrame, Math.round(frame.fps().toDouble())) : 0;
    }

    private BigDecimal inMicros() {
        return BigDecimal.valueOf(Times.micros(in));
    }

    private BigDecimal slotMicros() {
        return MICROS.multiply(BigDecimal.valueOf(frame.fps().denominator()))
                .divide(BigDecimal.valueOf(frame.fps().numerator()), MathContext.DECIMAL64);
    }
}
