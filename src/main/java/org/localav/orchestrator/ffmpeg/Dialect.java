package org.localav.orchestrator.ffmpeg;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What has another name in some versions of ffmpeg.
 *
 * @param graphFile the option that reads a filter graph from a file
 * @param frameMode the option that says which frames are written
 * @param listOptions whether a list of files may hold options; without them its entries are read under the list's own, which
 *     allow lists too: then it counts that every source was probed under stricter ones
 */
public record Dialect(String graphFile, String frameMode, boolean listOptions) {
    /** What recipes call {@link #frameMode}. */
    public static final String FRAME_MODE = "-fps_mode";

    private static final Pattern VERSION = Pattern.compile("ffmpeg version n?(\\d+)\\.(\\d+).*");

    /**
     * The one of an installed ffmpeg.
     *
     * @param version the first line it prints for {@code -version}; builds between versions count as new
     */
    public static Dialect of(String version) {
        Matcher matcher = VERSION.matcher(version);
        int number = matcher.matches()
                ? 1000 * Integer.parseInt(matcher.group(1)) + Integer.parseInt(matcher.group(2))
                : Integer.MAX_VALUE;
        return new Dialect(
                number < 7000 ? "-filter_complex_script" : "-/filter_complex",
                number < 5001 ? "-vsync" : FRAME_MODE,
                number >= 5000);
    }

    /** An option as this version calls it. */
    String name(String option) {
        return option.equals(FRAME_MODE) ? frameMode : option;
    }
}
