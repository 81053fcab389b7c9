package org.localav.orchestrator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.media.LocalTools.make;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.cache.Digests;
import picocli.CommandLine;

/** {@code avo run}, and {@code plan}, {@code diff}, {@code explain} and {@code replay} on a job that has run. */
@Tag("tools")
class ChangesCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SPEC =
            """
            version: 1
            job: {id: film}
            assets: {a: a.mp4, b: b.mp4, music: bed.wav}
            audio: {tracks: {voice: [{tts: {text: Hello there., voice: en-us}}], bed: [{asset: music, gain: -12dB}]}}
            video: {clips: [{asset: a, audio: mute}, {asset: b, audio: mute}], size: 320x180, fps: 25, fit: contain}
            outputs: [{path: out/film.mp4, preset: web-720p}]
            """;

    @TempDir
    static Path folder;

    /** What a command said and how it ended. */
    private record Said(int code, String out, String err) {}

    @BeforeAll
    static void run() throws Exception {
        make(folder.resolve("a.mp4"), "-f lavfi -i testsrc2=s=160x90:r=25:d=1 -c:v libx264 -pix_fmt yuv420p");
        make(folder.resolve("b.mp4"), "-f lavfi -i testsrc=s=160x90:r=25:d=1 -c:v libx264 -pix_fmt yuv420p");
        make(folder.resolve("bed.wav"), "-f lavfi -i sine=330:r=48000:d=1 -ac 2");
        Files.writeString(folder.resolve("job.yaml"), SPEC);
        Said said = avo("run", "job.yaml");
        assertEquals(0, said.code(), said.err());
    }

    @Test
    void everyCommandOfAPlanMakesWhatTheRunMade() throws Exception {
        assertEquals(5, pasteCommands("job.yaml", archived()), "mix, two clips, their join, mux");
    }

    @Test
    void theCommandOfAMasterOfSeveralTriesIsTheLastOne() throws Exception {
        make(
                folder.resolve("drums.wav"),
                "-f lavfi -i aevalsrc=exprs=0.9*exp(-mod(t\\,0.4)*25)*sin(2*PI*(60+900*exp(-mod(t\\,0.4)*90))*t):s=48000:d=4");
        Files.writeString(
                folder.resolve("drums.yaml"),
                """
                version: 1
                job: {id: drums}
                assets: {drums: drums.wav}
                audio: {tracks: {drums: [{asset: drums}]}, loudness: {integrated: -14, true_peak: -1}}
                outputs: [{path: out/drums.mp3, preset: mp3}]
                """);
        assertTrue(avo("plan", "--commands", "drums.yaml").out().contains("# with estimates"));
        Said said = avo("run", "drums.yaml");
        assertEquals(0, said.code(), said.err());
        Path archive = archived("drums");
        JsonNode master = JSON.readTree(Files.readString(archive.resolve("report.json")))
                .path("steps")
                .path(1);
        assertTrue(master.path("commands").size() > 1, master::toString);

        assertEquals(3, pasteCommands("drums.yaml", archive), "mix, master, mux");
    }

    /** Runs the commands of the plan of a spec that has run, and compares; the number of results. */
    private static int pasteCommands(String spec, Path archive) throws Exception {
        Map<String, String> made = new HashMap<>();
        JSON.readTree(Files.readString(archive.resolve("lock.json")))
                .path("steps")
                .forEach(step -> made.put(
                        step.path("key").asText(),
                        step.path("result").path("sha256").asText()));
        Path pasted = Files.createDirectories(folder.resolve("pasted-" + spec));
        List<String> lines = new ArrayList<>();
        JsonNode steps = JSON.readTree(avo("plan", "--json", spec).out()).path("steps");
        steps.forEach(step -> step.path("commands").forEach(line -> lines.add(line.asText())));

        Process shell = new ProcessBuilder("sh", "-e", "-c", String.join("\n", lines))
                .directory(pasted.toFile())
                .redirectErrorStream(true)
                .start();
        String told = new String(shell.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);

        assertEquals(0, shell.waitFor(), told);
        int compared = 0;
        for (JsonNode step : steps) {
            if (!step.path("commands").isEmpty()) {
                Path result = only(pasted.resolve(step.path("step").asText().replace('/', '-')));
                assertEquals(
                        made.get(step.path("key").asText()),
                        Digests.sha256(result),
                        step.path("step").asText());
                compared++;
            }
        }
        return compared;
    }

    @Test
    void thePlanForPeopleSaysAllThatItsJsonSays() throws Exception {
        Files.writeString(
                folder.resolve("edited.yaml"), SPEC.replace("there", "you").replace("film.mp4", "other.mp4"));
        JsonNode json = JSON.readTree(avo("plan", "--json", "edited.yaml").out());

        String text = avo("plan", "--commands", "edited.yaml").out();

        for (JsonNode step : json.path("steps")) {
            for (String field : List.of("step", "stage", "key", "reason")) {
                assertTrue(text.contains(step.path(field).asText()), field + " of " + step);
            }
            step.path("commands").forEach(line -> assertTrue(text.contains(line.asText()), line.asText()));
            step.path("request").forEach(value -> assertTrue(text.contains(value.asText()), step::toString));
        }
        json.path("inputs")
                .forEach(input -> assertTrue(text.contains(input.path("sha256").asText()), text));
        assertTrue(text.contains("local: 10 characters in 1 sentence at 0 USD a million: 0.0000 USD"), text);
        assertTrue(
                text.contains(json.path("to_run").asInt() + " to run, "
                        + json.path("to_reuse").asInt()),
                text);
        assertTrue(
                text.contains("judging by " + json.path("time").path("samples").asInt() + " run"), text);
        assertTrue(text.contains("must stay so"), text);
        assertEquals("10", json.path("speech_characters").asText());
        assertEquals("10", json.path("speech").path(0).path("characters").asText());
    }

    @Test
    void diffTellsWhatChangedSinceTheLastRunAndWhatThatRunsAgain() throws Exception {
        Files.writeString(
                folder.resolve("edited.yaml"),
                SPEC.replace("Hello there.", "Hello.").replace("{asset: b, audio", "{asset: b, in: 200ms, audio"));

        Said said = avo("diff", "edited.yaml");

        assertEquals(0, said.code(), said.err());
        assertEquals(
                List.of(
                        "against " + archived(),
                        "  audio.tracks.voice[0].tts.text: Hello there. -> Hello.",
                        "  video.clips[1].in added: 200ms",
                        "runs 5 of 6 steps again",
                        "  tts/voice-1: text changed",
                        "  audio_mix/mix: video.clips[1].in changed: 0s -> 0.2s",
                        "  video_concat/web-720p-2: in changed: 0s -> 0.2s; length changed: 25 frames -> 20 frames",
                        "  video_concat/web-720p: needs video_concat/web-720p-2",
                        "  mux/film.mp4: needs video_concat/web-720p and 1 more"),
                said.out().lines().toList());
    }

    @Test
    void diffHoldsTwoSpecsAgainstEachOther() throws Exception {
        Files.writeString(folder.resolve("loud.yaml"), SPEC.replace("-12dB", "-6dB"));
        Files.writeString(folder.resolve("same.yaml"), SPEC.replace("-12dB", "-12.0dB"));

        JsonNode loud =
                JSON.readTree(avo("diff", "--json", "job.yaml", "loud.yaml").out());
        String same = avo("diff", "job.yaml", "same.yaml").out();

        assertEquals("-6dB", loud.path("changes").path(0).path("after").asText());
        assertEquals("audio_mix/mix", loud.path("steps").path(0).path("step").asText());
        assertEquals(
                "audio.tracks.bed[0].gain changed: -12dB -> -6dB",
                loud.path("steps").path(0).path("reason").asText());
        assertTrue(same.contains("the specs mean the same in other words"), same);
        assertTrue(same.contains("runs 0 of 6 steps again"), same);
        Files.writeString(folder.resolve("new.yaml"), SPEC.replace("id: film", "id: new"));
        assertEquals(2, avo("diff", "new.yaml").code());
    }

    @Test
    void explainShowsWhatMadeAKeyFieldByField() throws Exception {
        Files.writeString(folder.resolve("edited.yaml"), SPEC.replace("-12dB", "-6dB"));

        List<String> lines =
                avo("explain", "edited.yaml", "audio_mix/mix").out().lines().toList();
        JsonNode json = JSON.readTree(avo("explain", "--json", "edited.yaml").out());

        assertTrue(lines.contains("* tracks[1][0].gain: -12dB -> -6dB"), lines::toString);
        assertTrue(lines.contains("  tracks[1][0].source: music"), lines::toString);
        assertTrue(lines.contains("  tracks[0][0].source: tts/voice-1"), lines::toString);
        JsonNode mix = json.path("explanation").path("steps").path(1);
        assertFalse(mix.path("was").equals(mix.path("key")));
        assertEquals(
                "audio.tracks.bed[0].gain changed: -12dB -> -6dB",
                mix.path("reason").asText());
        assertTrue(avo("explain", "film").out().contains("new      "), "of the archived job, which had no run before");
        assertTrue(avo("explain", "edited.yaml", "audio_mix/mx").err().contains("did you mean 'audio_mix/mix'?"));
    }

    @Test
    void replayMakesTheSameFileElsewhere() throws Exception {
        Path to = folder.resolve("again");

        Said said = avo("replay", "--to", to.toString(), archived().toString());

        assertEquals(0, said.code(), said.out() + said.err());
        assertTrue(said.out().contains("out/film.mp4: identical (sha256 "), said.out());
        assertEquals(-1, Files.mismatch(folder.resolve("out/film.mp4"), to.resolve("out/film.mp4")));
        assertEquals(1, avo("replay", folder.toString()).code());
    }

    @Test
    void runDrawsTheReportsPicturesAtOnceWhenAsked() throws Exception {
        Files.writeString(
                folder.resolve("sound.yaml"),
                "version: 1\njob: {id: sound}\nassets: {music: bed.wav}\n"
                        + "audio: {tracks: {bed: [{asset: music}]}}\noutputs: [{path: out/bed.wav, preset: wav-master}]\n");

        Said said = avo("run", "--report", "sound.yaml");

        assertEquals(0, said.code(), said.err());
        Path asked = only(folder.resolve("state/archive/sound"));
        assertTrue(Files.readString(asked.resolve("report.html")).contains("class=\"wave\""));
        assertFalse(Files.readString(archived().resolve("report.html")).contains("class=\"wave\""));
    }

    private static Path archived() throws IOException {
        return archived("film");
    }

    private static Path archived(String job) throws IOException {
        return only(folder.resolve("state/archive").resolve(job));
    }

    private static Path only(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.filter(f -> !f.toString().matches(".*\\.(ffconcat|txt)"))
                    .toList();
            assertEquals(1, found.size(), found::toString);
            return found.get(0);
        }
    }

    /** A command in this process; files are named from the folder, as a user there would. */
    private static Said avo(String... arguments) {
        CommandLine line = Avo.commandLine();
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        List<String> all = new ArrayList<>(List.of(arguments[0]));
        all.addAll(List.of("--set", "state.folder=" + folder.resolve("state")));
        for (String argument : List.of(arguments).subList(1, arguments.length)) {
            all.add(argument.endsWith(".yaml") ? folder.resolve(argument).toString() : argument);
        }
        int code = line.execute(all.toArray(String[]::new));
        return new Said(code, out.toString(), err.toString());
    }
}
