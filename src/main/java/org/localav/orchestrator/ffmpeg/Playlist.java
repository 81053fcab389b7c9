package org.localav.orchestrator.ffmpeg;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * Files that ffmpeg reads one after the other as if they were one (its concat demuxer). The list itself is a file of ours
 * in the step's folder; it repeats the safety options for every entry, because the concat demuxer would else allow its
 * entries to be such lists too.
 *
 * @param fileName the list's name within the step's folder
 */
public record Playlist(String fileName, List<Source> entries) {
    /** Before the list's own {@code -i}; {@code -safe 0} because the entries lie elsewhere, under names of ours. */
    static final List<String> INPUT_OPTIONS = List.of(
            "-protocol_whitelist",
            "file",
            "-format_whitelist",
            "concat," + Safety.FORMATS,
            "-f",
            "concat",
            "-safe",
            "0");

    public Playlist {
        entries = List.copyOf(entries);
    }

    /** What the list's file must hold. */
    public String text(Function<Source, Path> file, Dialect dialect) {
        StringBuilder text = new StringBuilder("ffconcat version 1.0\n");
        for (Source entry : entries) {
            String url = "file:" + file.apply(entry);
            if (url.indexOf('\n') >= 0) {
                throw new IllegalArgumentException("a list can't hold the path '" + url + "', which has a line break");
            }
            text.append("file '").append(url.replace("'", "'\\''")).append("'\n");
            if (dialect.listOptions()) {
                text.append("option format_whitelist ").append(Safety.FORMATS).append('\n');
                text.append("option protocol_whitelist file\n");
            }
        }
        return text.toString();
    }
}
