package org.localav.orchestrator.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.ffmpeg.Safety;

/** What is made of ffprobe's answers that are hard to provoke; no tool runs. */
class RecordedProbeTest {
    private static final String TS_WITHOUT_SIZE =
            """
        {"packets": [
          {"stream_index": 1, "pts": 126000, "dts": 126000, "duration": 1920, "flags": "K_"},
          {"stream_index": 1, "pts": 127920, "dts": 127920, "duration": 1920, "flags": "K_"}],
         "streams": [
          {"index": 0, "codec_name": "h264", "codec_type": "video", "width": 0, "height": 0,
           "r_frame_rate": "25/1", "avg_frame_rate": "0/0", "time_base": "1/90000", "disposition": {"attached_pic": 0}},
          {"index": 1, "codec_name": "mp2", "codec_type": "audio", "sample_rate": "48000", "channels": 1,
           "time_base": "1/90000", "start_time": "1.400000", "disposition": {"attached_pic": 0}}],
         "format": {"format_name": "mpegts", "start_time": "1.400000", "duration": "0.042667", "probe_score": 50}}
        """;

    @TempDir
    Path folder;

    private final List<List<String>> calls = new ArrayList<>();

    @Test
    void leavesAPictureWithoutSizeAside() throws IOException, UnreadableMediaException {
        MediaInfo info = answering(TS_WITHOUT_SIZE).probe(transportStream(), "camera.ts");

        assertTrue(info.video().isEmpty());
        assertEquals(Duration.ofNanos(42_667_000), info.audio().orElseThrow().duration());
        assertEquals(Duration.ZERO, info.audio().orElseThrow().startOffset());
        assertEquals(List.of("stream 0 (h264 0x0) is left aside: its size is unknown"), info.notes());
    }

    @Test
    void asksOnceWithTheSafetyOptionsAndTheDemuxer() throws IOException, UnreadableMediaException {
        answering(TS_WITHOUT_SIZE).probe(transportStream(), "camera.ts");

        assertEquals(1, calls.size());
        List<String> call = calls.get(0);
        assertTrue(String.join(" ", call).contains(String.join(" ", Safety.INPUT_OPTIONS) + " -f mpegts"), "" + call);
        assertEquals("file:" + folder.resolve("camera.ts"), call.get(call.size() - 1));
    }

    @Test
    void readsAllPacketsWhenTheEndCouldNotBeSought() throws IOException, UnreadableMediaException {
        String head = packets(240);
        String all = packets(1000);
        Prober prober = new Prober(arguments -> {
            calls.add(arguments);
            return calls.size() == 1 ? head : all;
        });

        MediaInfo info = prober.probe(transportStream(), "camera.ts");

        assertEquals(2, calls.size());
        assertTrue(calls.get(0).contains("-read_intervals") && !calls.get(1).contains("-read_intervals"));
        assertEquals(Duration.ofSeconds(40), info.duration());
    }

    @Test
    void tellsWhatStoppedFfprobe() throws IOException {
        Path file = transportStream();
        Prober prober = new Prober(arguments -> {
            throw new IOException("ffprobe took longer than 10 s");
        });

        UnreadableMediaException refusal =
                assertThrows(UnreadableMediaException.class, () -> prober.probe(file, "camera.ts"));

        assertEquals("camera.ts could not be looked at: ffprobe took longer than 10 s", refusal.getMessage());
    }

    @Test
    void refusesWhatFfprobeGivesUpOn() throws IOException {
        Path file = transportStream();

        UnreadableMediaException refusal = assertThrows(
                UnreadableMediaException.class, () -> answering("{\n").probe(file, "camera.ts"));

        assertEquals("camera.ts is damaged: ffprobe gave up on it without a word", refusal.getMessage());
    }

    @Test
    void refusesWhatHoldsNoStream() throws IOException {
        Path file = transportStream();
        Prober prober = answering("{\"streams\": [], \"format\": {\"format_name\": \"mpegts\"}}");

        UnreadableMediaException refusal =
                assertThrows(UnreadableMediaException.class, () -> prober.probe(file, "camera.ts"));

        assertEquals("camera.ts holds no picture or sound that can be used", refusal.getMessage());
    }

    private Prober answering(String json) {
        return new Prober(arguments -> {
            calls.add(arguments);
            return json;
        });
    }

    private Path transportStream() throws IOException {
        byte[] bytes = new byte[564];
        bytes[0] = 0x47;
        bytes[188] = 0x47;
        bytes[376] = 0x47;
        return Files.write(folder.resolve("camera.ts"), bytes);
    }

    private static String packets(int count) {
        String packets = IntStream.range(0, count)
                .mapToObj(i -> "{\"stream_index\":0,\"pts\":" + i * 3600 + ",\"dts\":" + i * 3600
                        + ",\"duration\":3600,\"flags\":\"K_\"}")
                .collect(Collectors.joining(","));
        return "{\"packets\":[" + packets + "],\"streams\":[{\"index\":0,\"codec_name\":\"mpeg2video\","
                + "\"codec_type\":\"video\",\"width\":720,\"height\":576,\"r_frame_rate\":\"25/1\","
                + "\"avg_frame_rate\":\"25/1\",\"time_base\":\"1/90000\"}],"
                + "\"format\":{\"format_name\":\"mpegts\",\"start_time\":\"0.000000\"}}";
    }
}
