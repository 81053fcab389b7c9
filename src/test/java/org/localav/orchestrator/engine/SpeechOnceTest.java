package org.localav.orchestrator.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.cache.Digests;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.media.LocalTools;
import org.localav.orchestrator.stage.FailureReason;

/** Which sentences a speech server is asked for, by the requests that reach it. */
@Tag("tools")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SpeechOnceTest {
    private static final int SENTENCES = 40;

    @TempDir
    Path home;

    private final BlockingQueue<String> bought = new LinkedBlockingQueue<>();
    private HttpServer server;
    private byte[] sound;
    private Studio studio;

    @BeforeEach
    void open() throws Exception {
        sound = Files.readAllBytes(
                LocalTools.make(home.resolve("said.wav"), "-f lavfi -i sine=220:r=16000:d=0.05 -bitexact"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 50);
        server.createContext("/say", this::say);
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/say";
        studio = new Studio(home, Map.of("tts.provider", "http", "tts.http.url", url), Map.of());
    }

    private void say(HttpExchange call) throws IOException {
        bought.add(new ObjectMapper()
                .readTree(call.getRequestBody().readAllBytes())
                .path("text")
                .asText());
        call.getResponseHeaders().set("Content-Type", "audio/wav");
        call.sendResponseHeaders(200, sound.length);
        call.getResponseBody().write(sound);
        call.close();
    }

    @AfterEach
    void close() {
        studio.close();
        server.stop(0);
    }

    private static List<String> sentences() {
        return new ArrayList<>(IntStream.rangeClosed(1, SENTENCES)
                .mapToObj(i -> "Sentence " + i + ".")
                .toList());
    }

    private static String item(String sentence, String more) {
        return "      - {tts: {text: \"" + sentence + "\", voice: anna}, start: auto" + more + "}\n";
    }

    private static String talk(String id, String track, List<String> items) {
        return "job: {id: " + id + "}\naudio:\n  tracks:\n    " + track + ":\n" + String.join("", items)
                + "outputs: [{path: out/" + id + ".wav, preset: wav-master}]\n";
    }

    private static List<String> items(List<String> sentences) {
        return sentences.stream().map(s -> item(s, "")).toList();
    }

    /** Runs the spec and returns the sentences that were asked for. */
    private List<String> buys(String spec) throws Exception {
        bought.clear();
        Files.deleteIfExists(studio.output("out/talk.wav"));
        Job job = studio.run(spec);
        assertEquals(JobStatus.SUCCEEDED, job.status(), () -> job.failure()
                .map(FailureReason::sentence)
                .orElse(""));
        return List.copyOf(bought);
    }

    @Test
    void aChangedSentenceOfFortyIsTheOnlyOneThatIsBought() throws Exception {
        List<String> sentences = sentences();
        assertEquals(
                SENTENCES,
                buys(talk("talk", "voice", items(sentences))).stream()
                        .distinct()
                        .count());
        String before = Digests.sha256(studio.output("out/talk.wav"));

        sentences.set(17, "Another sentence.");

        assertEquals(List.of("Another sentence."), buys(talk("talk", "voice", items(sentences))));
        sentences.add(5, "One more.");
        assertEquals(List.of("One more."), buys(talk("talk", "voice", items(sentences))));
        sentences.set(18, "Sentence 18.");
        sentences.remove(5);
        assertEquals(List.of(), buys(talk("talk", "voice", items(sentences))));
        assertEquals(before, Digests.sha256(studio.output("out/talk.wav")), "as it was at first");
    }

    @Test
    void whatIsAroundASentenceBuysNone() throws Exception {
        List<String> sentences = sentences();
        assertEquals(SENTENCES, buys(talk("talk", "voice", items(sentences))).size());
        String before = Digests.sha256(studio.output("out/talk.wav"));

        List<String> changed = new ArrayList<>(items(sentences));
        changed.set(3, item(sentences.get(3), ", gain: -12dB"));
        changed.set(7, item(sentences.get(7), ", gap: 300ms, fade_in: 10ms"));
        changed.set(11, item(sentences.get(11), "").replace("auto", "1.5s"));
        assertEquals(List.of(), buys(talk("talk", "voice", changed)), "gain, gap, fade and start");
        assertNotEquals(before, Digests.sha256(studio.output("out/talk.wav")), "the change is heard");
        assertEquals(List.of(), buys(talk("talk", "narrator", items(sentences))), "the track's name");
        Collections.swap(sentences, 2, 30);
        assertEquals(List.of(), buys(talk("talk", "voice", items(sentences))), "the order");
        assertEquals(List.of(), buys(talk("other", "voice", items(sentences.subList(10, 20)))), "another job");
    }

    @Test
    void equalSentencesOfAJobAreBoughtOnceAndHeardAsOftenAsTheyStandThere() throws Exception {
        String spec = talk("talk", "voice", items(List.of("Again.", "Again.", "Again.")))
                .replace("outputs:", "    echo:\n" + item("Again.", ", gain: -6dB") + "outputs:");

        assertEquals(List.of("Again."), buys(spec));

        double seconds = Double.parseDouble(LocalTools.FFPROBE
                .run(List.of(
                        "-v",
                        "error",
                        "-show_entries",
                        "format=duration",
                        "-of",
                        "csv=p=0",
                        "file:" + studio.output("out/talk.wav")))
                .strip());
        assertEquals(0.15, seconds, 0.01);
    }
}
