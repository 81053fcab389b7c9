package org.localav.orchestrator.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.localav.orchestrator.ffmpeg.Filter;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.preset.Preset;
import org.localav.orchestrator.spec.JobSpec;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

/**
 * How the picture of one output is made: parts that run side by side, and one step that joins them. A clip becomes a
 * whole number of frames on its own, so that the sum of clips never drifts from what each is.
 *
 * @param size of the piece in px
 * @param fps pictures a second
 * @param clips where each clip lies in the piece
 * @param parts steps that make the parts in order; equal ones (a still's) are one step. None: the join reads the assets
 * @param encodes whether the pictures are encoded anew; else they are copied
 * @param notCopied why not, where the preset would rather copy
 * @param joinAssets the join from the assets themselves, when there are no parts
 * @param codec ffprobe's name of the pictures' codec
 * @param extension of the joined picture's file
 */
public record PicturePlan(
        Size size,
        Rational fps,
        List<ClipSpan> clips,
        List<Recipe.Ffmpeg> parts,
        boolean encodes,
        List<String> notCopied,
        Optional<JoinRecipe> joinAssets,
        String codec,
        String extension) {
    private static final Duration PART = Duration.ofSeconds(10);

    /** Each part is a program and a file, and waits for its turn with a thread: a day's film is cut into longer ones. */
    private static final long MOST_PARTS = 100;

    /** Starting ffmpeg and one more key frame cost about a sixth of encoding so long a clip. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    /** Each clip of a montage is an input with a decoder of its own. */
    private static final int MOST_TOGETHER = 12;

    private static final int MOST_THREADS = 16;

    public PicturePlan {
        clips = List.copyOf(clips);
        parts = List.copyOf(parts);
        notCopied = List.copyOf(notCopied);
    }

    public long frames() {
        return clips.stream().mapToLong(ClipSpan::frames).sum();
    }

    /** The piece's length. */
    public Duration length() {
        return Times.of(frames(), fps);
    }

    /**
     * The step that joins the parts' results; empty when there is one part, which then is the picture.
     *
     * @param results of {@link #parts}, in their order
     */
    public Optional<JoinRecipe> join(List<Source.StepResult> results) {
        if (joinAssets.isPresent()) {
            return joinAssets;
        }
        return results.size() == 1
                ? Optional.empty()
                : Optional.of(JoinRecipe.ofSteps(results, codec, extension, fps, frames()));
    }

    /**
     * Plans the picture.
     *
     * @param assets an alias's file
     * @param preset one that makes a picture
     * @param infos facts of an asset's file
     * @param slots how many encoders may run at a time on this machine
     * @throws ImpossiblePictureException with every reason why it can't be made as asked
     */
    public static PicturePlan of(
            JobSpec.Video video,
            Function<String, Source.AssetFile> assets,
            Function<Source.AssetFile, MediaInfo> infos,
            Preset preset,
            Keyframes keyframes,
            int slots)
            throws ImpossiblePictureException {
        List<PictureProblem> problems = new ArrayList<>();
        List<PictureClip> clips = settle(video, assets, infos, problems);
        refuse(problems);
        Preset.Picture picture = preset.video().orElseThrow();
        if (picture.neverEncodes()) {
            List<PictureProblem> not = new CopyCheck(video, preset, Optional.empty(), keyframes).problems(clips);
            if (!not.isEmpty()) {
                not.add(new PictureProblem.Misfit(
                        "video",
                        "preset '" + preset.name() + "' never encodes; choose another preset, such as web-720p"));
            }
            refuse(not);
            return copied(clips);
        }
        PictureTarget target = new PictureTarget(video, picture, clips, problems);
        Frame frame = target.frame();
        refuse(problems);
        List<String> not = picture.copy()
                ? new CopyCheck(video, preset, Optional.of(frame), keyframes)
                        .problems(clips).stream().map(PictureProblem::toString).toList()
                : List.of("preset '" + preset.name() + "' always encodes");
        return not.isEmpty() ? copied(clips) : encoded(clips, frame, target.filters(), preset, slots, not);
    }

    /** Settles which part of its file each clip is; those that can't be are left out and told to {@code problems}. */
    static List<PictureClip> settle(
            JobSpec.Video video,
            Function<String, Source.AssetFile> assets,
            Function<Source.AssetFile, MediaInfo> infos,
            List<PictureProblem> problems) {
        List<PictureClip> clips = new ArrayList<>();
        for (int i = 0; i < video.clips().size(); i++) {
            JobSpec.Clip clip = video.clips().get(i);
            Source.AssetFile source = assets.apply(clip.asset());
            PictureClip settled = PictureClip.of(i, clip, source, infos.apply(source), problems);
            if (settled != null) {
                clips.add(settled);
            }
        }
        return clips;
    }

    private static void refuse(List<PictureProblem> problems) throws ImpossiblePictureException {
        if (!problems.isEmpty()) {
            throw new ImpossiblePictureException(problems.stream().distinct().toList());
        }
    }

    private static PicturePlan copied(List<PictureClip> clips) {
        PictureClip first = clips.get(0);
        Rational fps = first.stream().rate();
        List<ClipSpan> spans = spans(clips, fps);
        String codec = first.stream().codec();
        String extension = Encoding.extension(codec);
        Optional<Rational> grid = first.stream().variableRate() ? Optional.empty() : Optional.of(fps);
        boolean asTheyAre = clips.stream()
                .allMatch(c -> c.whole() && c.stream().index() == first.stream().index());
        Size size = first.stream().shown();
        if (asTheyAre) {
            Duration length = clips.stream().map(c -> c.stream().duration()).reduce(Duration.ZERO, Duration::plus);
            List<Source> sources = clips.stream().map(c -> (Source) c.source()).toList();
            JoinRecipe join = new JoinRecipe(
                    sources, first.stream().index(), codec, grid, extension, frames(grid, spans), length);
            return new PicturePlan(size, fps, spans, List.of(), false, List.of(), Optional.of(join), codec, extension);
        }
        List<Recipe.Ffmpeg> parts = new ArrayList<>();
        for (int i = 0; i < clips.size(); i++) {
            PictureClip clip = clips.get(i);
            ClipSpan span = spans.get(i);
            parts.add(
                    clip.whole()
                            ? new JoinRecipe(
                                    List.of(clip.source()),
                                    clip.stream().index(),
                                    codec,
                                    grid,
                                    extension,
                                    frames(grid, List.of(span)),
                                    clip.stream().duration())
                            : new CutRecipe(clip.source(), clip.in(), span.frames(), span.length(), extension));
        }
        return new PicturePlan(size, fps, spans, parts, false, List.of(), Optional.empty(), codec, extension);
    }

    private static Optional<Long> frames(Optional<Rational> grid, List<ClipSpan> spans) {
        return grid.map(fps -> spans.stream().mapToLong(ClipSpan::frames).sum());
    }

    private static PicturePlan encoded(
            List<PictureClip> clips, Frame frame, List<Filter> filters, Preset preset, int slots, List<String> not) {
        List<ClipSpan> spans = spans(clips, frame.fps());
        Encoding encoding = Encoding.of(preset, 1);
        List<Recipe.Ffmpeg> parts = montages(segments(clips, spans, frame, filters, encoding));
        if (parts.size() < slots) {
            encoding = Encoding.of(preset, Math.min(MOST_THREADS, slots));
            parts = montages(segments(clips, spans, frame, filters, encoding));
        }
        return new PicturePlan(
                frame.size(),
                frame.fps(),
                spans,
                parts,
                true,
                not,
                Optional.empty(),
                encoding.codec(),
                encoding.extension());
    }

    private static List<SegmentRecipe> segments(
            List<PictureClip> clips, List<ClipSpan> spans, Frame frame, List<Filter> filters, Encoding encoding) {
        List<SegmentRecipe> segments = new ArrayList<>();
        for (int i = 0; i < clips.size(); i++) {
            List<Long> cuts = cuts(clips.get(i), spans.get(i));
            for (int part = 0; part + 1 < cuts.size(); part++) {
                segments.add(segment(
                        clips.get(i), spans.get(i), cuts.get(part), cuts.get(part + 1), frame, filters, encoding));
            }
        }
        return segments;
    }

    /** Very short clips that follow each other become one part, up to the length of a part. */
    private static List<Recipe.Ffmpeg> montages(List<SegmentRecipe> segments) {
        List<Recipe.Ffmpeg> parts = new ArrayList<>();
        List<SegmentRecipe> together = new ArrayList<>();
        for (SegmentRecipe segment : segments) {
            if (!together.isEmpty() && !(isShort(segment) && isShort(together.get(0)) && fits(together, segment))) {
                parts.add(part(together));
                together.clear();
            }
            together.add(segment);
        }
        parts.add(part(together));
        return parts;
    }

    private static boolean isShort(SegmentRecipe segment) {
        return segment.frames() < Times.frames(SHORT, segment.frame().fps());
    }

    private static boolean fits(List<SegmentRecipe> together, SegmentRecipe next) {
        long frames = together.stream().mapToLong(SegmentRecipe::frames).sum() + next.frames();
        return frames <= Times.frames(PART, next.frame().fps()) && together.size() < MOST_TOGETHER;
    }

    private static Recipe.Ffmpeg part(List<SegmentRecipe> together) {
        return together.size() == 1 ? together.get(0) : new MontageRecipe(together);
    }

    private static SegmentRecipe segment(
            PictureClip clip, ClipSpan span, long from, long to, Frame frame, List<Filter> filters, Encoding encoding) {
        long start = span.firstFrame() + from;
        List<Filter> own = filters.stream()
                .filter(f -> fades(f, start, span.firstFrame() + to, frame.fps()))
                .toList();
        boolean timed = own.stream().anyMatch(f -> f.name().equals("fade"));
        if (clip.stream().still()) {
            // Any part of a still is like another: counted from 0 they are one step.
            return new SegmentRecipe(
                    clip.source(), Duration.ZERO, frame, own, timed ? start : 0, 0, to - from, encoding);
        }
        return new SegmentRecipe(
                clip.source(), clip.in(), frame, own, timed ? span.firstFrame() : 0, from, to, encoding);
    }

    /** False for a fade that leaves these frames of the piece alone; so moving a clip re-encodes only what it touches. */
    private static boolean fades(Filter filter, long from, long to, Rational fps) {
        if (!filter.name().equals("fade")) {
            return true;
        }
        double start = Double.parseDouble(filter.options().getOrDefault("start_time", "0"));
        double end = start + Double.parseDouble(filter.options().get("duration"));
        return filter.options().get("type").equals("in")
                ? from / fps.toDouble() < end + 1
                : to / fps.toDouble() > start - 1;
    }

    /**
     * Frames at which a clip is cut into parts, from 0 to its end: multiples of ten seconds or more. The last part is no
     * shorter, as each costs half a second beyond its encoding.
     */
    private static List<Long> cuts(PictureClip clip, ClipSpan span) {
        long shortest = Times.frames(PART, span.fps());
        long part = (1 + span.frames() / (MOST_PARTS * shortest)) * shortest;
        List<Long> cuts = new ArrayList<>(List.of(0L));
        if (clip.stream().still() || SegmentRecipe.seeksExactly(clip.info())) {
            for (long at = part; at + part <= span.frames(); at += part) {
                cuts.add(at);
            }
        }
        if (cuts.get(cuts.size() - 1) < span.frames()) {
            cuts.add(span.frames());
        }
        return cuts;
    }

    private static List<ClipSpan> spans(List<PictureClip> clips, Rational fps) {
        List<ClipSpan> spans = new ArrayList<>();
        long first = 0;
        for (PictureClip clip : clips) {
            long frames = Math.max(1, Times.frames(clip.length(), fps));
            spans.add(new ClipSpan(clip.source(), clip.in(), first, frames, fps));
            first += frames;
        }
        return spans;
    }
}
