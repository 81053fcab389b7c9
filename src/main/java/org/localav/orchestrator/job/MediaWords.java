package org.localav.orchestrator.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.localav.orchestrator.media.MediaInfo;

/** Says in a few words what a file is: {@code h264 1280x720 30 fps 5.0 s, aac 48000 Hz 2 ch}. */
public final class MediaWords {
    private MediaWords() {}

    public static String of(MediaInfo info) {
        List<String> parts = new ArrayList<>();
        info.video().ifPresent(v -> {
            String size = v.codec() + " " + v.shown();
            parts.add(
                    v.still()
                            ? size + " still"
                            : size
                                    + String.format(
                                            Locale.ROOT,
                                            " %.3g fps%s %.1f s",
                                            v.rate().toDouble(),
                                            v.variableRate() ? " (variable)" : "",
                                            v.duration().toMillis() / 1000.0));
        });
        info.audio()
                .ifPresent(a -> parts.add(String.format(
                        Locale.ROOT,
                        "%s %d Hz %d ch %.1f s",
                        a.codec(),
                        a.sampleRate(),
                        a.channels(),
                        a.duration().toMillis() / 1000.0)));
        return String.join(", ", parts);
    }

    /** {@code 12.5 MB}; 1 KB is 1024 B. */
    public static String size(long bytes) {
        String[] units = {"B", "KB", "MB", "GB", "TB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        long tenths = Math.round(value * 10);
        return unit == 0 ? bytes + " B" : tenths / 10 + "." + tenths % 10 + " " + units[unit];
    }
}
