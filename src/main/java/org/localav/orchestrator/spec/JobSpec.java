package org.localav.orchestrator.spec;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a finished piece is made of, as its user wrote it (spec version 1). A field that may be left out is an
 * {@link Optional} or has its documented default here; the names are the YAML keys in camel case.
 */
public record JobSpec(
        int version,
        Job job,
        Map<String, Asset> assets,
        Optional<Audio> audio,
        Optional<Video> video,
        List<Output> outputs) {
    public JobSpec {
        assets = ordered(assets);
        outputs = List.copyOf(outputs);
    }

    /** Who the job is and how it is to be run. */
    public record Job(
            Optional<String> id,
            Optional<String> title,
            Map<String, String> tags,
            int priority,
            Set<String> labels,
            Optional<Duration> timeout,
            Map<String, Duration> stageTimeouts,
            Retry retry,
            Limits limits,
            boolean force,
            List<Webhook> webhooks) {
        public Job {
            tags = ordered(tags);
            labels = Set.copyOf(labels);
            stageTimeouts = ordered(stageTimeouts);
            webhooks = List.copyOf(webhooks);
        }

        public static final Job DEFAULT = new Job(
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                5,
                Set.of(),
                Optional.empty(),
                Map.of(),
                Retry.DEFAULT,
                Limits.NONE,
                false,
                List.of());
    }

    /** How often a failed stage is tried again: after {@code delay}, then {@code backoff} times longer each time. */
    public record Retry(int limit, Duration delay, double backoff) {
        public static final Retry DEFAULT = new Retry(2, Duration.ofSeconds(2), 2);
    }

    /**
     * What the job may take at most; it is blocked before anything is spent on it when it would take more.
     *
     * @param speechCharacters characters of speech that have to be asked for
     * @param cost what they cost, in the operator's currency
     */
    public record Limits(Optional<Integer> speechCharacters, Optional<Double> cost) {
        public static final Limits NONE = new Limits(Optional.empty(), Optional.empty());
    }

    /** Who is told how the job ended; {@code secretEnv} names the environment variable that holds the signing secret. */
    public record Webhook(String url, Set<String> events, Optional<String> secretEnv) {
        public Webhook {
            events = Set.copyOf(events);
        }
    }

    /** A source file: a path relative to the spec, or a URL on a host the operator allows. */
    public record Asset(Optional<String> path, Optional<String> url, Optional<String> sha256) {}

    public record Audio(Map<String, List<AudioItem>> tracks, Optional<Loudness> loudness) {
        public Audio {
            tracks = ordered(tracks);
        }
    }

    /**
     * One sound on a track: speech or an asset's sound. {@code start} empty means {@code auto}: at the end of the item
     * before it on its track (the first at 0) plus {@code gap}.
     */
    public record AudioItem(
            Optional<Tts> tts,
            Optional<String> asset,
            Optional<Duration> start,
            Duration gap,
            Duration in,
            Optional<Duration> out,
            boolean loop,
            double gainDb,
            Duration fadeIn,
            Duration fadeOut,
            Optional<Duck> duck) {}

    /** A sentence to be spoken; {@code speed} 1.0 is the voice's own. Empty: the provider's or the operator's default. */
    public record Tts(
            String text, Optional<String> voice, Optional<String> language, double speed, Optional<String> provider) {}

    /** Lowers this item by {@code amountDb} (positive, dB) while the track {@code by} sounds. */
    public record Duck(String by, double amountDb, Duration attack, Duration release) {}

    /** EBU R128 targets: integrated loudness (LUFS), highest true peak (dBTP), loudness range (LU). */
    public record Loudness(double integrated, double truePeak, Optional<Double> range) {}

    public record Video(
            List<Clip> clips, Optional<Size> size, Optional<Rational> fps, Optional<Fit> fit, List<String> filters) {
        public Video {
            clips = List.copyOf(clips);
            filters = List.copyOf(filters);
        }

        /** Whether the user asked for nothing that changes the pictures, so that clips must be compatible as they are. */
        public boolean asIs() {
            return size.isEmpty() && fps.isEmpty() && fit.isEmpty() && filters.isEmpty();
        }
    }

    /** A part of an asset's picture: {@code in} to {@code out} of a moving one, or {@code length} of a still. */
    public record Clip(String asset, Duration in, Optional<Duration> out, Optional<Duration> length, ClipSound audio) {}

    /** What becomes of a clip's own sound. */
    public sealed interface ClipSound {
        record Keep() implements ClipSound {}

        record Mute() implements ClipSound {}

        record Gain(double gainDb) implements ClipSound {}
    }

    /** How a picture of another shape fills the frame. */
    public enum Fit {
        CONTAIN,
        CONTAIN_BLUR,
        COVER,
        STRETCH
    }

    /** A finished file: where (relative to the spec), in which preset, and whether the sources' metadata go with it. */
    public record Output(String path, String preset, boolean keepMetadata) {}

    private static <V> Map<String, V> ordered(Map<String, V> map) {
        return java.util.Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
