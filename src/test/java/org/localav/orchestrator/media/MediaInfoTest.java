package org.localav.orchestrator.media;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

class MediaInfoTest {
    private static final MediaInfo.VideoStream VIDEO = new MediaInfo.VideoStream(
            1,
            "h264",
            "High",
            new Size(720, 576),
            90,
            true,
            new Rational(16, 15),
            "yuv420p",
            "tv",
            "bt709",
            "bt709",
            "arib-std-b67",
            "tt",
            false,
            false,
            true,
            new Rational(30000, 1001),
            new Rational(1, 90000),
            Duration.ofNanos(2_380_000_000L),
            Duration.ofMillis(23),
            "aa",
            true);

    @Test
    void survivesJson() throws IOException {
        JsonMapper mapper = JsonMapper.builder()
                .addModule(new Jdk8Module())
                .addModule(new JavaTimeModule())
                .build();
        MediaInfo info = new MediaInfo(
                "mov",
                Optional.of(VIDEO),
                Optional.of(new MediaInfo.AudioStream(
                        0, "aac", "LC", 48000, 2, "stereo", Duration.ofSeconds(2), Duration.ZERO, "bb")),
                List.of("a note"));
        MediaInfo silent = new MediaInfo("mov", Optional.of(VIDEO), Optional.empty(), List.of());

        assertEquals(info, mapper.readValue(mapper.writeValueAsString(info), MediaInfo.class));
        assertEquals(silent, mapper.readValue(mapper.writeValueAsString(silent), MediaInfo.class));
    }

    @Test
    void widensBeforeItTurns() {
        assertEquals(new Size(576, 768), VIDEO.shown());
    }
}
