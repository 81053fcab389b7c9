package org.localav.orchestrator.preset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.localav.orchestrator.ffmpeg.FilterGraph;
import org.localav.orchestrator.media.LocalTools;
import org.localav.orchestrator.media.Probed;
import org.localav.orchestrator.media.Prober;
import org.localav.orchestrator.media.UnreadableMediaException;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.YamlTree;

class ShippedPresetsTest {
    private static final Path FOLDER = Path.of("presets");

    @TempDir
    Path folder;

    static Stream<Preset> presets() throws InvalidSpecException {
        return Presets.load(FOLDER).all().stream();
    }

    static Stream<Preset> encodedPictures() throws InvalidSpecException {
        return presets().filter(p -> p.expectedVideoCodec().isPresent());
    }

    @Test
    void areAllThere() throws InvalidSpecException {
        Presets presets = Presets.load(FOLDER);

        assertTrue(presets.names()
                .containsAll(Set.of(
                        "web-1080p",
                        "web-720p",
                        "reel-vertical",
                        "hevc-archive",
                        "av1-web",
                        "webm-vp9",
                        "gif-preview",
                        "podcast",
                        "mp3",
                        "wav-master",
                        "flac-master",
                        "copy")));
    }

    @Test
    void becomeArgumentsInFileOrder() throws InvalidSpecException {
        Preset web = Presets.load(FOLDER).get("web-720p");

        assertEquals(
                List.of(
                        "-c:v libx264 -preset veryfast -crf 23 -profile:v high -pix_fmt yuv420p -x264-params open-gop=0",
                        "-c:a aac -b:a 160k -ar 48000 -ac 2",
                        "-f mp4 -movflags +faststart"),
                Stream.of(web.videoArguments(), web.audioArguments(), web.muxerArguments())
                        .map(words -> String.join(" ", words))
                        .toList());
        assertEquals("h264", web.expectedVideoCodec().orElseThrow());
        assertEquals("aac", web.expectedAudioCodec().orElseThrow());
        assertTrue(web.holds("MP4") && !web.holds("mov"));
    }

    @Test
    void areDescribedInTheDocumentation() throws IOException, InvalidSpecException {
        String page = Files.readString(Path.of("docs", "presets.md"));

        for (String name : Presets.load(FOLDER).names()) {
            assertTrue(page.contains("| `" + name + "` |"), name);
        }
        String example = page.substring(page.indexOf("```yaml\ndescription:") + 8);
        Preset preset = PresetReader.read(
                "example", YamlTree.parse("docs/presets.md", example.substring(0, example.indexOf("```")), false));
        assertEquals(List.of("mp4", "m4v"), preset.extensions());
    }

    @ParameterizedTest
    @MethodSource("presets")
    @Tag("tools")
    void workWithTheInstalledFfmpeg(Preset preset) throws UnreadableMediaException {
        Path out = folder.resolve("trial." + preset.extensions().get(0));

        LocalTools.ffmpeg(PresetTrial.arguments(preset, out));

        Probed probed = new Prober(LocalTools.FFPROBE).result(out);
        assertEquals(preset.format().equals("gif"), probed.audio().isEmpty());
        assertEquals(preset.expectedAudioCodec(), probed.audio().map(Probed.Stream::codec));
        preset.expectedVideoCodec()
                .ifPresent(codec ->
                        assertEquals(codec, probed.video().orElseThrow().codec()));
        assertEquals(0.5, probed.duration().toNanos() / 1e9, 0.05);
    }

    /** Parts of one picture are encoded side by side and joined without encoding, whatever the preset. */
    @ParameterizedTest
    @MethodSource("encodedPictures")
    @Tag("tools")
    void encodePartsThatJoinByCopying(Preset preset) throws IOException, UnreadableMediaException {
        String ending = preset.extensions().get(0);
        Path first = encode(preset, "testsrc2=size=320x176:rate=25:duration=0.8", folder.resolve("1." + ending));
        Path second = encode(preset, "smptebars=size=320x176:rate=25:duration=1.2", folder.resolve("2." + ending));
        Path list = Files.writeString(folder.resolve("list.txt"), "file '" + first + "'\nfile '" + second + "'\n");
        Path joined = folder.resolve("joined." + ending);

        String complaints = LocalTools.ffmpeg(List.of(
                "-f", "concat", "-safe", "0", "-i", list.toString(), "-c", "copy", "-f", preset.format(), "" + joined));

        Probed.Stream video =
                new Prober(LocalTools.FFPROBE).result(joined).video().orElseThrow();
        assertEquals("", complaints);
        assertEquals(preset.expectedVideoCodec().orElseThrow(), video.codec());
        assertEquals(50, video.packets());
        assertEquals(2.0, video.duration().toNanos() / 1e9, 0.002);
        assertEquals(hashes(first, second), hashes(joined));
    }

    private static Path encode(Preset preset, String source, Path out) {
        List<String> arguments = new ArrayList<>(List.of("-f", "lavfi", "-i", source));
        List<FilterGraph.Chain> closing = preset.closingChains("0:v", "v");
        if (!closing.isEmpty()) {
            arguments.addAll(List.of("-filter_complex", new FilterGraph(closing).toString(), "-map", "[v]"));
        }
        arguments.addAll(preset.videoArguments());
        arguments.addAll(List.of("-threads", "1"));
        arguments.addAll(preset.muxerArguments());
        arguments.add(out.toString());
        LocalTools.ffmpeg(arguments);
        return out;
    }

    /** Of every decoded picture, in order; decoding must raise no complaint. */
    private List<String> hashes(Path... files) throws IOException {
        List<String> hashes = new ArrayList<>();
        for (Path file : files) {
            Path out = folder.resolve("hashes.txt");
            assertEquals("", LocalTools.ffmpeg(List.of("-xerror", "-i", "" + file, "-f", "framemd5", "" + out)));
            Files.readAllLines(out).stream()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.substring(line.lastIndexOf(',') + 1).trim())
                    .forEach(hashes::add);
        }
        return hashes;
    }
}
