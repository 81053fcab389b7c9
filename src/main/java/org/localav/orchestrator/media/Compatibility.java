package org.localav.orchestrator.media;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.localav.orchestrator.media.MediaInfo.AudioStream;
import org.localav.orchestrator.media.MediaInfo.VideoStream;

/**
 * Whether clips can be joined as they are. ffmpeg joins anything without complaint: equal size and frame rate with sound
 * of 44.1 and 48 kHz ended 2.9 s out of sync. Moving clips are compared in codec, profile, pixel format, colour range,
 * size, sample aspect ratio, rotation, frame rate and its mode, scan and time base, and where sound is kept in its
 * presence, codec, rate and channels. Stills are encoded anyway and compared by shown size only.
 */
public final class Compatibility {
    /** A start so late after the file's own leaves a gap where clips are joined by copying. */
    private static final Duration LATE = Duration.ofMillis(1);

    private static final String FIT = "add 'fit: contain' under 'video:'";

    private Compatibility() {}

    /**
     * A clip to be joined.
     *
     * @param name what the user calls it
     * @param keepsSound whether its own sound is to be heard
     */
    public record Clip(String name, MediaInfo info, boolean keepsSound) {
        private boolean still() {
            return info.video().filter(VideoStream::still).isPresent();
        }

        private VideoStream video() {
            return info.video().orElseThrow();
        }
    }

    /**
     * Every difference that forbids joining the clips as they are: a sentence for each clip and property that is unlike
     * the most clips', with both values and the line to add. Empty: nothing forbids it.
     */
    public static List<String> differences(List<Clip> clips) {
        List<Clip> pictures = distinct(clips).stream()
                .filter(c -> c.info().video().isPresent())
                .toList();
        List<Clip> moving = pictures.stream().filter(c -> !c.still()).toList();
        List<String> sentences = new ArrayList<>();
        pictureProperties().forEach((property, value) -> {
            String advice = property.startsWith("frame rate") ? frameRateAdvice(moving) : FIT;
            sentences.addAll(unlike(property, moving, c -> value.apply(c.video()), advice));
        });
        if (moving.size() < pictures.size()) {
            sentences.addAll(unlikeStills(pictures, moving));
        }
        sentences.addAll(soundDifferences(moving));
        return List.copyOf(new LinkedHashSet<>(sentences));
    }

    /**
     * Why the pictures of the clips can't be joined with {@code -c copy}: what they differ in, and what of each only
     * encoding would settle. Empty: copying is right. A clip's in and out points are to be checked against its key frames
     * beside this.
     */
    public static List<String> obstaclesToCopying(List<Clip> clips) {
        List<String> sentences = new ArrayList<>();
        List<Clip> moving = new ArrayList<>();
        for (Clip clip : distinct(clips)) {
            if (clip.info().video().isEmpty()) {
                sentences.add(clip.name() + " has no picture");
            } else if (clip.still()) {
                sentences.add(clip.name() + " is a still picture, which has to be encoded");
            } else {
                moving.add(clip);
            }
        }
        Map<String, Function<VideoStream, String>> properties = pictureProperties();
        // Encoding settles these without a word from the user; packets carry them from clip to clip.
        properties.put("colour space", v -> known(v.colorSpace()));
        properties.put("transfer", v -> known(v.transfer()));
        properties.put("parameter set of the encoder", Compatibility::parameterSet);
        properties.forEach((property, value) ->
                sentences.addAll(unlike(property, moving, c -> value.apply(c.video()), "they have to be encoded")));
        for (Clip clip : moving) {
            VideoStream video = clip.video();
            if (video.edited()) {
                sentences.add(clip.name() + " hides pictures by an edit list, which copying would bring back");
            }
            if (video.startOffset().compareTo(LATE) > 0 && clips.size() > 1) {
                sentences.add(clip.name() + " begins " + video.startOffset().toMillis()
                        + " ms late, which would be a gap where it is joined");
            }
            if (video.rotation() != 0 && clips.size() > 1) {
                sentences.add(clip.name() + " is stored turned by " + video.rotation()
                        + " degrees, which joining would forget");
            }
        }
        return List.copyOf(new LinkedHashSet<>(sentences));
    }

    private static String parameterSet(VideoStream video) {
        return video.extradata().isEmpty()
                ? "kept in the pictures"
                : video.extradata().substring(0, Math.min(8, video.extradata().length()));
    }

    private static Map<String, Function<VideoStream, String>> pictureProperties() {
        Map<String, Function<VideoStream, String>> properties = new LinkedHashMap<>();
        properties.put("codec", VideoStream::codec);
        properties.put("profile", v -> known(v.profile()));
        properties.put("pixel format", VideoStream::pixelFormat);
        properties.put("colour range", v -> known(v.colorRange()));
        properties.put("size", v -> v.coded().toString());
        properties.put(
                "sample aspect ratio", v -> v.sar().numerator() + ":" + v.sar().denominator());
        properties.put("rotation", v -> v.rotation() + " degrees" + (v.mirrored() ? ", mirrored" : ""));
        properties.put("frame rate mode", v -> v.variableRate() ? "variable" : "constant");
        properties.put(
                "frame rate", v -> v.variableRate() ? "variable" : v.rate().toString());
        properties.put("scan", v -> v.interlaced() ? "interlaced" : "progressive");
        properties.put("time base", v -> v.timeBase().toString());
        return properties;
    }

    private static String known(String value) {
        return value.isEmpty() ? "not stated" : value;
    }

    private static String frameRateAdvice(List<Clip> moving) {
        List<Clip> constant =
                moving.stream().filter(c -> !c.video().variableRate()).toList();
        return constant.isEmpty()
                ? "add 'fps: 30' under 'video:'"
                : "add 'fps: " + most(constant, c -> c.video().rate().toString()) + "' under 'video:'";
    }

    private static List<String> unlikeStills(List<Clip> pictures, List<Clip> moving) {
        Function<Clip, String> shown = c -> c.video().shown().toString();
        List<Clip> stills = pictures.stream().filter(Clip::still).toList();
        if (moving.isEmpty()) {
            return unlike("size", stills, shown, FIT);
        }
        String size = most(moving, shown);
        return stills.stream()
                .filter(still -> !shown.apply(still).equals(size))
                .map(still -> sentence(still, "size", shown.apply(still), size, named(moving, shown, size), FIT))
                .toList();
    }

    private static List<String> soundDifferences(List<Clip> moving) {
        List<Clip> kept = moving.stream().filter(Clip::keepsSound).toList();
        List<Clip> sounding =
                kept.stream().filter(c -> c.info().audio().isPresent()).toList();
        String mute = "add 'audio: mute' to that clip, or 'fit: contain' under 'video:'";
        List<String> sentences = new ArrayList<>();
        if (!sounding.isEmpty()) {
            sentences.addAll(unlike("sound", kept, c -> c.info().audio().isPresent() ? "there" : "missing", mute));
        }
        Map<String, Function<AudioStream, String>> properties = new LinkedHashMap<>();
        properties.put("sound codec", AudioStream::codec);
        properties.put("sound rate", a -> a.sampleRate() + " Hz");
        properties.put("number of sound channels", a -> Integer.toString(a.channels()));
        properties.forEach((property, value) -> sentences.addAll(
                unlike(property, sounding, c -> value.apply(c.info().audio().orElseThrow()), mute)));
        return sentences;
    }

    private static List<String> unlike(String property, List<Clip> clips, Function<Clip, String> value, String advice) {
        if (clips.size() < 2) {
            return List.of();
        }
        String usual = most(clips, value);
        return clips.stream()
                .filter(clip -> !value.apply(clip).equals(usual))
                .filter(clip ->
                        !property.equals("frame rate") || !value.apply(clip).equals("variable"))
                .map(clip -> sentence(clip, property, value.apply(clip), usual, named(clips, value, usual), advice))
                .toList();
    }

    private static String sentence(Clip clip, String property, String own, String usual, String others, String advice) {
        return clip.name() + ": " + property + " is " + own + ", but " + usual + " in " + others + "; " + advice;
    }

    /** The value that most clips have; of equally many, the first clip's. */
    private static String most(List<Clip> clips, Function<Clip, String> value) {
        Map<String, Long> counts =
                clips.stream().collect(Collectors.groupingBy(value, LinkedHashMap::new, Collectors.counting()));
        String best = null;
        for (Map.Entry<String, Long> entry : counts.entrySet()) {
            if (best == null || entry.getValue() > counts.get(best)) {
                best = entry.getKey();
            }
        }
        return best;
    }

    private static String named(List<Clip> clips, Function<Clip, String> value, String usual) {
        List<String> names = clips.stream()
                .filter(c -> value.apply(c).equals(usual))
                .map(Clip::name)
                .toList();
        String shown = names.stream().limit(3).collect(Collectors.joining(", "));
        return names.size() <= 3 ? shown : shown + " and " + (names.size() - 3) + " more";
    }

    /** One clip an asset: the same file used twice differs in nothing, unless its sound is kept once. */
    private static List<Clip> distinct(List<Clip> clips) {
        Map<String, Clip> byName = new LinkedHashMap<>();
        Set<String> sounding =
                clips.stream().filter(Clip::keepsSound).map(Clip::name).collect(Collectors.toSet());
        clips.forEach(c -> byName.putIfAbsent(c.name(), new Clip(c.name(), c.info(), sounding.contains(c.name()))));
        return List.copyOf(byName.values());
    }
}
