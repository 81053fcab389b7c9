package org.localav.orchestrator.preset;

import java.util.Map;
import java.util.regex.Pattern;

/** What ffprobe calls the codec that an ffmpeg encoder makes. */
final class Encoders {
    private static final Map<String, String> CODECS = Map.ofEntries(
            Map.entry("libx264", "h264"),
            Map.entry("libx265", "hevc"),
            Map.entry("libsvtav1", "av1"),
            Map.entry("libaom-av1", "av1"),
            Map.entry("librav1e", "av1"),
            Map.entry("libvpx", "vp8"),
            Map.entry("libvpx-vp9", "vp9"),
            Map.entry("libopenh264", "h264"),
            Map.entry("libxvid", "mpeg4"),
            Map.entry("prores_ks", "prores"),
            Map.entry("prores_aw", "prores"),
            Map.entry("libopus", "opus"),
            Map.entry("libvorbis", "vorbis"),
            Map.entry("libmp3lame", "mp3"),
            Map.entry("libshine", "mp3"),
            Map.entry("libfdk_aac", "aac"),
            Map.entry("libtwolame", "mp2"));

    private static final Pattern HARDWARE = Pattern.compile("_(nvenc|qsv|vaapi|videotoolbox|amf|v4l2m2m|mf)$");

    private Encoders() {}

    /** Whether it runs on a graphics processor or the like. */
    static boolean hardware(String encoder) {
        return HARDWARE.matcher(encoder).find();
    }

    /** Hardware encoders are named {@code h264_nvenc}; most others as their codec. */
    static String codec(String encoder) {
        String known = CODECS.get(encoder);
        return known != null ? known : HARDWARE.matcher(encoder).replaceFirst("");
    }
}
