package org.localav.orchestrator.plan;

import java.util.Locale;

/**
 * What the program must know of a sound encoder.
 *
 * @param name ffprobe's name of what it makes
 * @param extension of a file that keeps its exact length (the priming samples counted) and can be copied from
 * @param gainDb what must be added because the encoder lowers the level
 * @param overshootDb how far below the true-peak limit the limiter stands for it
 */
record AudioCodec(String name, String extension, double gainDb, double overshootDb) {
    private static final double LOSSY = 1.0;
    private static final double LOSSLESS = 0.3;

    /** The codec an ffmpeg encoder makes. LAME multiplies by 0.95 before it encodes. */
    static AudioCodec of(String encoder) {
        if (encoder.startsWith("pcm_")) {
            return new AudioCodec(encoder, "wav", 0, LOSSLESS);
        }
        return switch (encoder.toLowerCase(Locale.ROOT)) {
            case "aac", "libfdk_aac", "aac_at", "aac_mf" -> new AudioCodec("aac", "m4a", 0, LOSSY);
            case "alac", "alac_at" -> new AudioCodec("alac", "m4a", 0, LOSSLESS);
            case "libmp3lame" -> new AudioCodec("mp3", "mp3", 0.45, LOSSY);
            case "libopus", "opus" -> new AudioCodec("opus", "ogg", 0, LOSSY);
            case "libvorbis", "vorbis" -> new AudioCodec("vorbis", "ogg", 0, LOSSY);
            case "flac" -> new AudioCodec("flac", "flac", 0, LOSSLESS);
            default -> new AudioCodec(encoder.startsWith("lib") ? encoder.substring(3) : encoder, "mka", 0, LOSSY);
        };
    }
}
