package org.localav.orchestrator.preset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.localav.orchestrator.spec.InvalidSpecException;

class PresetsTest {
    private static final String GOOD =
            """
        description: for a test
        format: mp4
        extensions: [mp4]
        video:
          size: 640x360
          fps: 29.97
          c:v: libx264
          crf: 23
        """;

    @TempDir
    Path folder;

    @Test
    void readsAPreset() throws IOException, InvalidSpecException {
        write(GOOD);

        Preset preset = Presets.load(folder).get("mine");

        assertEquals("for a test", preset.description());
        assertEquals(
                "640x360", preset.video().orElseThrow().size().orElseThrow().toString());
        assertEquals(
                "30000/1001", preset.video().orElseThrow().fps().orElseThrow().toString());
        assertTrue(preset.video().orElseThrow().copy());
        assertTrue(preset.audio().isEmpty());
    }

    @Test
    void namesTheNearestPresetForOneThatDoesNotExist() throws IOException, InvalidSpecException {
        write(GOOD);
        Presets presets = Presets.load(folder);

        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> presets.get("mime"));

        assertEquals("no preset 'mime'; did you mean 'mine'? known: mine", refusal.getMessage());
    }

    @Test
    void reportsEverythingWrongAtOnce() throws IOException {
        write(
                """
            description: for a test
            format: mp5
            extensions: [mp4]
            vidio: {}
            audio:
              b: 128k
            """);

        InvalidSpecException refusal = assertThrows(InvalidSpecException.class, () -> Presets.load(folder));

        String file = folder.resolve("mine.yaml").toString();
        assertEquals(4, refusal.violations().size(), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(file + ":2:9: format: 'mp5'"), refusal.getMessage());
        assertTrue(
                refusal.getMessage().contains(file + ":4:1: vidio: unknown key 'vidio'; did you mean 'video'?"),
                refusal.getMessage());
        assertTrue(
                refusal.getMessage().contains("audio.b: 'b' would count for picture and sound; write b:a"),
                refusal.getMessage());
        assertTrue(refusal.getMessage().contains("audio: c:a is missing"), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "i",
                "f",
                "map",
                "filter:v",
                "filter_complex",
                "filter_script:v",
                "vf",
                "af",
                "passlogfile",
                "pass",
                "attach",
                "dump_attachment",
                "report",
                "threads",
                "t",
                "ss",
                "to",
                "y",
                "init_hw_device",
                "vstats_file",
                "s",
                "r",
                "hwaccel_device",
                "Crf",
                "-crf",
                "crf;rm",
                "crf:s",
                "b:a",
                "stats",
                "metadata",
                "fpre",
                "b",
                "progress",
                "map_metadata",
                "sdp_file",
                "hls_key_info_file",
                "profile"
            })
    void refusesOptionsThatNameFilesOrAreThePlans(String option) throws IOException {
        write(GOOD + "  '" + option + "': 1\n");

        InvalidSpecException refusal = assertThrows(InvalidSpecException.class, () -> Presets.load(folder));

        assertEquals(1, refusal.violations().size(), refusal.getMessage());
        assertEquals(9, refusal.violations().get(0).line());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
        "a\\nb"                   | crf
        /etc/passwd               | crf
        http://example.org/x      | crf
        stats=/tmp/x              | x264-params
        open-gop=0:qpfile=x       | x264-params
        csv=x                     | x265-params
        "a'b"                     | crf
        """)
    void refusesValuesThatReachOut(String value, String option) throws IOException {
        write(GOOD.replace("  crf: 23\n", "") + "  " + option + ": " + value + "\n");

        InvalidSpecException refusal = assertThrows(InvalidSpecException.class, () -> Presets.load(folder));

        assertEquals(1, refusal.violations().size(), refusal.getMessage());
        assertEquals("video." + option, refusal.violations().get(0).path());
    }

    @Test
    void refusesAnEndingTwiceOrOfAnotherMuxer() throws IOException {
        write(GOOD.replace("[mp4]", "[mp4, mkv, mp4]"));

        InvalidSpecException refusal = assertThrows(InvalidSpecException.class, () -> Presets.load(folder));

        assertEquals(2, refusal.violations().size(), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("'mkv' is no ending of mp4 files"), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("'mp4' stands here twice"), refusal.getMessage());
    }

    @Test
    void refusesAnOddSizeWhereColourIsHalved() throws IOException {
        write(GOOD.replace("640x360", "641x360") + "  pix_fmt: yuv420p\n");

        InvalidSpecException refusal = assertThrows(InvalidSpecException.class, () -> Presets.load(folder));

        assertTrue(refusal.getMessage().contains("'641x360' must be even"), refusal.getMessage());
    }

    @Test
    void refusesAFolderThatIsNotThere() {
        InvalidSpecException refusal =
                assertThrows(InvalidSpecException.class, () -> Presets.load(folder.resolve("no")));

        assertTrue(refusal.getMessage().contains("there is no such folder"), refusal.getMessage());
    }

    private void write(String text) throws IOException {
        Files.writeString(folder.resolve("mine.yaml"), text);
    }
}
