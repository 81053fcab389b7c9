package org.localav.orchestrator.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read from indexes without ffprobe, held against ffprobe on files of every kind that results have. */
@Tag("tools")
class IndexTest {
    private static final String CLIP = "-f lavfi -i testsrc2=s=128x96:r=30000/1001:d=2 ";
    private static final String TONE = "-f lavfi -i sine=r=48000:d=2 ";
    private static final String AV = CLIP + TONE + "-c:v libx264 -pix_fmt yuv420p -c:a aac ";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mp4|" + CLIP + "-c:v libx264 -pix_fmt yuv420p -bf 3 -fflags +bitexact",
                "mp4|" + CLIP + "-c:v libx264 -pix_fmt yuv420p -bf 0 -movflags +faststart",
                "mp4|" + CLIP + "-c:v libx265 -x265-params log-level=none -tag:v hvc1",
                "mp4|" + CLIP + "-c:v libaom-av1 -cpu-used 8 -row-mt 1 -frames:v 5",
                "mp4|" + CLIP + "-c:v libvpx-vp9 -deadline realtime -cpu-used 8",
                "mp4|" + CLIP + "-c:v mpeg4",
                "mp4|" + AV,
                "mp4|" + AV + "-movflags +faststart -fflags +bitexact",
                "mov|" + CLIP + "-c:v libx264 -pix_fmt yuv420p",
                "m4a|" + TONE + "-c:a aac -ac 2 -b:a 160k",
                "m4a|" + TONE + "-c:a alac",
                "mp4|" + TONE + "-c:a libmp3lame",
                "mp4|" + TONE + "-c:a libopus",
                "mp4|" + TONE + "-c:a flac -strict experimental",
                "wav|" + TONE + "-c:a pcm_s16le",
                "wav|" + TONE + "-c:a pcm_s24le -ac 2 -fflags +bitexact",
                "wav|" + TONE + "-c:a pcm_f32le -ac 6",
                "wav|" + TONE + "-c:a pcm_u8 -ar 8000"
            })
    void tellsWhatFfprobeTells(String ending, String options) throws Exception {
        Path file = LocalTools.make(folder.resolve("result." + ending), options);

        Probed read = read(file).orElseThrow();

        JsonNode asked = new JsonMapper()
                .readTree(LocalTools.FFPROBE.run(
                        List.of("-v", "error", "-of", "json", "-count_packets", "-show_streams", file.toString())))
                .path("streams");
        assertEquals(asked.size(), read.streams().size());
        for (int i = 0; i < asked.size(); i++) {
            JsonNode theirs = asked.get(i);
            Probed.Stream ours = read.streams().get(i);
            assertEquals(theirs.path("codec_type").asText(), ours.type());
            assertEquals(theirs.path("codec_name").asText(), ours.codec());
            assertEquals(theirs.path("width").asInt(), ours.width());
            assertEquals(theirs.path("height").asInt(), ours.height());
            assertEquals(theirs.path("duration").asDouble(), ours.duration().toNanos() / 1e9, 0.0011);
            assertEquals(
                    ending.equals("wav")
                            ? theirs.path("duration_ts").asLong()
                            : theirs.path("nb_read_packets").asLong(),
                    ours.packets());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mp4|" + AV + "-movflags +faststart",
                "mp4|" + AV,
                "mp4|" + AV + "-movflags +frag_keyframe",
                "wav|" + TONE
            })
    void leavesWhatIsCutShortOrUnusualToFfprobe(String ending, String options) throws IOException {
        Path file = LocalTools.make(folder.resolve("result." + ending), options);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(options.contains("frag") ? channel.size() : channel.size() - 1000);
        }

        assertTrue(read(file).isEmpty());
    }

    @Test
    void isNotMisledByWhatOnlyLooksLikeAnIndex() throws IOException {
        Path file = LocalTools.make(folder.resolve("result.mp4"), AV);
        byte[] bytes = Files.readAllBytes(file);
        int told = 0;

        // Every byte of the index changed once: it answers or it doesn't, but never fails.
        int moov = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("moov");
        for (int at = moov; at < bytes.length; at += 3) {
            byte kept = bytes[at];
            bytes[at] = (byte) ~kept;
            Files.write(file, bytes);
            told += read(file).isPresent() ? 1 : 0;
            bytes[at] = kept;
        }

        Files.write(file, bytes);
        assertFalse(read(file).isEmpty());
        assertTrue(told > 0);
    }

    private static Optional<Probed> read(Path file) throws IOException {
        return file.toString().endsWith(".wav") ? WavHeader.read(file) : Mp4Index.read(file);
    }
}
