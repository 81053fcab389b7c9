package org.localav.orchestrator.media;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a file that this program made really holds. */
public record Probed(String format, List<Stream> streams) {
    public Probed {
        streams = List.copyOf(streams);
    }

    /**
     * @param type {@code video}, {@code audio} or another of ffprobe's
     * @param codec ffprobe's name
     * @param duration from its first packet's to its last one's end
     * @param packets counted; for pictures one packet is one frame, for PCM sound one sample
     * @param width px, 0 for sound
     */
    public record Stream(
            int index, String type, String codec, Duration duration, long packets, int width, int height) {}

    public Optional<Stream> video() {
        return streams.stream().filter(s -> s.type().equals("video")).findFirst();
    }

    public Optional<Stream> audio() {
        return streams.stream().filter(s -> s.type().equals("audio")).findFirst();
    }

    /** That of the longest stream. */
    public Duration duration() {
        return streams.stream().map(Stream::duration).max(Duration::compareTo).orElse(Duration.ZERO);
    }
}
