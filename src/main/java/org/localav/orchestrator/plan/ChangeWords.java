package org.localav.orchestrator.plan;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.localav.orchestrator.plan.Basis.KeyedStep;
import org.localav.orchestrator.plan.Difference.Kind;

/** Says a difference between two recipes in the words of the spec and the presets. */
public final class ChangeWords {
    private static final Pattern SOUND = Pattern.compile("tracks\\[(\\d+)](.*)");
    private static final Pattern OPTION = Pattern.compile("(?:encoding\\.)?(?:options|muxer)\\.(.+)");
    private static final Set<String> TIMES =
            Set.of("in", "out", "start", "gap", "fade_in", "fade_out", "attack", "release");
    private static final int LONGEST = 40;

    private ChangeWords() {}

    /** @param tracks names of the sound's tracks in their order */
    static String of(KeyedStep step, Difference difference, List<String> tracks) {
        Matcher option = OPTION.matcher(difference.path());
        if (option.matches()) {
            return "preset changed: " + option.group(1) + " " + values(difference, option.group(1));
        }
        if (step.kind().equals("mux") && difference.path().equals("format")) {
            return "preset changed: format " + values(difference, "format");
        }
        if (difference.path().equals("text")) {
            return "text changed";
        }
        if (difference.path().startsWith("parts[")) {
            return part(difference);
        }
        return told(path(step, difference.path(), tracks), difference);
    }

    private static String part(Difference difference) {
        return switch (difference.kind()) {
            case ADDED -> "clip added: " + difference.after();
            case REMOVED -> "clip removed: " + difference.before();
            case MOVED -> "clips in another order";
            case CHANGED -> "clip changed: " + difference.before() + " -> " + difference.after();
        };
    }

    private static String told(String path, Difference difference) {
        String name = last(difference.path());
        return switch (difference.kind()) {
            case ADDED -> path + " added" + (plain(difference.after()) ? ": " + shown(name, difference.after()) : "");
            case REMOVED -> path + " removed";
            case MOVED -> path + " moved";
            case CHANGED -> path + " changed: " + values(difference, name);
        };
    }

    /** The place in a recipe as the spec's writer knows it. */
    private static String path(KeyedStep step, String path, List<String> tracks) {
        Matcher sound = SOUND.matcher(path);
        if (sound.matches()) {
            int place = Integer.parseInt(sound.group(1));
            String track = place < tracks.size() ? tracks.get(place) : Integer.toString(place);
            return "audio.tracks." + track + sound.group(2).replace(".source", ".asset");
        }
        if (path.startsWith("clips[")) {
            return "video."
                    + path.replace(".span.frames", " length")
                            .replace(".span.source", ".asset")
                            .replace(".span.", ".")
                            .replaceAll("\\.sound(\\.gain)?$", ".audio")
                            .replace(".sound.", ".");
        }
        if (step.kind().equals("master")
                && Set.of("integrated", "true_peak", "range").contains(path)) {
            return "loudness." + path;
        }
        return switch (path) {
            case "source" -> "asset";
            case "mix" -> "the mix";
            case "to_frame", "frames" -> "length";
            case "from_frame" -> "cut into parts";
            case "timeline_frame" -> "place in the piece";
            case "encoding.threads" -> "encoder threads";
            case "video", "audio" -> step.kind().equals("mux") ? path + " of the output" : path;
            default -> path.startsWith("frame.") ? path.substring("frame.".length()) : path;
        };
    }

    private static String values(Difference difference, String name) {
        if (difference.kind() == Kind.ADDED) {
            return "added: " + shown(name, difference.after());
        }
        return difference.kind() == Kind.REMOVED
                ? "removed"
                : shown(name, difference.before()) + " -> " + shown(name, difference.after());
    }

    private static boolean plain(Object value) {
        return !(value instanceof Map) && !(value instanceof List);
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** A recipe's value as a spec writes it; {@code name} of its field. */
    public static String shown(String name, Object value) {
        String text = String.valueOf(value);
        if (TIMES.contains(name) && text.matches("\\d+")) {
            return new BigDecimal(text).movePointLeft(6).stripTrailingZeros().toPlainString() + "s";
        }
        if ((name.equals("gain") || name.equals("amount")) && text.matches("-?[0-9.]+")) {
            return text + "dB";
        }
        if (name.endsWith("frames") || name.endsWith("_frame")) {
            return text + " frames";
        }
        if (text.isEmpty()) {
            return "none";
        }
        String one = name.equals("fit") ? text.toLowerCase(Locale.ROOT) : text.replaceAll("\\s+", " ");
        return one.length() <= LONGEST ? one : one.substring(0, LONGEST - 1) + "…";
    }
}
