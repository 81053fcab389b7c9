package org.localav.orchestrator.ffmpeg;

import java.util.List;

/**
 * Options without which ffmpeg would open what a media file tells it to. They count for one input only, so they are
 * repeated before each. {@code -protocol_whitelist} alone is not enough: playlists named {@code .mp4} read other files.
 */
public final class Safety {
    /** Demuxers that read one file and nothing beside it. */
    public static final String FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,wav,w64,mp3,flac,ogg,aac,aiff,caf,avi,"
            + "mpegts,mpeg,dv,gif,flv,asf,mxf,h264,hevc,ivf,amr,png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe";

    /** A picture of more pixels than this is refused before it takes memory for them. */
    public static final int MAX_PIXELS = 40_000_000;

    public static final List<String> INPUT_OPTIONS = List.of(
            "-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-max_pixels", Integer.toString(MAX_PIXELS));

    private Safety() {}
}
