package org.localav.orchestrator.ffmpeg;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What has another name in some versions of ffmpeg.
 *
 * @param graphFile the option that reads a filter graph from a file
 */
public record Dialect(String graphFile) {
    private static final Pattern VERSION = Pattern.compile("ffmpeg version n?(\\d+)\\.\\d.*");
    private static final int RENAMED = 7;

    /**
     * The one of an installed ffmpeg.
     *
     * @param version the first line it prints for {@code -version}; builds between versions count as new
     */
    public static Dialect of(String version) {
        Matcher matcher = VERSION.matcher(version);
        boolean old = matcher.matches() && Integer.parseInt(matcher.group(1)) < RENAMED;
        return new Dialect(old ? "-filter_complex_script" : "-/filter_complex");
    }
}
