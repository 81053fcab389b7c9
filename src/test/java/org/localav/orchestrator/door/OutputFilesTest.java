package org.localav.orchestrator.door;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.engine.Studio;

/** Outputs of jobs over HTTP, and pictures of them by the real ffmpeg. */
@Timeout(90)
class OutputFilesTest {
    @TempDir
    static Path home;

    private static Lobby lobby;

    @BeforeAll
    static void makeAFilmAndASound() throws Exception {
        lobby = new Lobby(home, Map.of());
        Studio.draw(lobby.hall.studio.jobs);
        lobby.hall.service.start();
        film("film");
        film("other");
        lobby.hall.awaitStatus("film", "succeeded");
        lobby.hall.awaitStatus("other", "succeeded");
    }

    private static void film(String id) throws Exception {
        lobby.hall.accept(
                """
                job: {id: %1$s}
                assets: {one: one.mp4, voice: voice.wav}
                audio: {tracks: {a: [{asset: voice}]}}
                video: {clips: [{asset: one, audio: mute}]}
                outputs: [{path: out/%1$s 片.mp4, preset: tiny}, {path: out/%1$s.wav, preset: wav-master}]
                """
                        .formatted(id));
    }

    @AfterAll
    static void close() {
        lobby.close();
    }

    private static HttpResponse<byte[]> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = lobby.request("/api/jobs/" + path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return lobby.client().send(request.build(), BodyHandlers.ofByteArray());
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    @Test
    void givesAFileWholeAndInAnyPart() throws Exception {
        byte[] file = Files.readAllBytes(lobby.hall.studio.output("out/film 片.mp4"));
        int size = file.length;

        HttpResponse<byte[]> whole = get("film/outputs/1");
        HttpResponse<byte[]> middle = get("film/outputs/1", "Range", "bytes=100-299");
        HttpResponse<byte[]> end = get("film/outputs/1", "Range", "bytes=-50");
        HttpResponse<byte[]> rest = get("film/outputs/1", "Range", "bytes=" + (size - 10) + "-99999999");
        HttpResponse<byte[]> beyond = get("film/outputs/1", "Range", "bytes=" + size + "-");
        HttpResponse<byte[]> changed = get("film/outputs/1", "Range", "bytes=0-9", "If-Range", "\"another\"");
        HttpResponse<byte[]> known = get("film/outputs/1", "If-None-Match", header(whole, "ETag"));

        assertArrayEquals(file, whole.body());
        assertEquals("video/mp4", header(whole, "Content-Type"));
        assertEquals("inline; filename*=UTF-8''film%20%E7%89%87.mp4", header(whole, "Content-Disposition"));
        assertEquals(206, middle.statusCode());
        assertEquals("bytes 100-299/" + size, header(middle, "Content-Range"));
        assertArrayEquals(Arrays.copyOfRange(file, 100, 300), middle.body());
        assertArrayEquals(Arrays.copyOfRange(file, size - 50, size), end.body());
        assertArrayEquals(Arrays.copyOfRange(file, size - 10, size), rest.body());
        assertEquals(416, beyond.statusCode());
        assertEquals("bytes */" + size, header(beyond, "Content-Range"));
        assertEquals(200, changed.statusCode());
        assertEquals(304, known.statusCode());
    }

    @Test
    void drawsPosterContactSheetAndWaveformOnce() throws Exception {
        HttpResponse<byte[]> poster = get("film/outputs/1/poster");
        HttpResponse<byte[]> sheet = get("film/outputs/1/contact-sheet");
        HttpResponse<byte[]> wave = get("film/outputs/2/waveform");
        HttpResponse<byte[]> known = get("film/outputs/1/poster", "If-None-Match", header(poster, "ETag"));

        assertEquals("160x90 image/jpeg", described(poster));
        assertEquals("1292x548 image/jpeg", described(sheet));
        assertEquals("1600x160 image/png", described(wave));
        assertEquals(304, known.statusCode());
        Path previews = home.resolve("state/previews");
        try (var kept = Files.walk(previews, 2)) {
            assertTrue(kept.filter(Files::isRegularFile).count() >= 3);
        }
    }

    private static String described(HttpResponse<byte[]> picture) throws Exception {
        assertEquals(200, picture.statusCode(), () -> new String(picture.body(), StandardCharsets.UTF_8));
        var image = ImageIO.read(new java.io.ByteArrayInputStream(picture.body()));
        return image.getWidth() + "x" + image.getHeight() + " " + header(picture, "Content-Type");
    }

    @Test
    void saysThatThereIsNothingToSee() throws Exception {
        HttpResponse<byte[]> poster = get("film/outputs/2/poster");
        HttpResponse<byte[]> third = get("film/outputs/3");
        HttpResponse<byte[]> zero = get("film/outputs/0");
        HttpResponse<byte[]> none = get("nobody/outputs/1");

        assertEquals(404, poster.statusCode());
        assertTrue(text(poster).contains("there is nothing in it to see"), text(poster));
        assertEquals(404, third.statusCode());
        assertTrue(text(third).contains("job 'film' has 2 outputs, so there is no output 3"), text(third));
        assertEquals(400, zero.statusCode());
        assertEquals(404, none.statusCode());
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    @Test
    void givesAwayNothingThatWasPutInAnOutputsPlace() throws Exception {
        Path sound = lobby.hall.studio.output("out/other.wav");
        byte[] bytes = Files.readAllBytes(sound);

        Files.setLastModifiedTime(sound, FileTime.from(Instant.now().plusSeconds(60)));
        HttpResponse<byte[]> rewritten = get("other/outputs/2");
        Files.write(sound, "secret".getBytes(StandardCharsets.UTF_8));
        HttpResponse<byte[]> replaced = get("other/outputs/2");
        Files.delete(sound);
        Path elsewhere = Files.write(home.resolve("elsewhere"), bytes);
        Files.setLastModifiedTime(elsewhere, FileTime.from(Instant.now().minusSeconds(60)));
        Files.createSymbolicLink(sound, elsewhere);
        HttpResponse<byte[]> linked = get("other/outputs/2");
        Files.delete(sound);
        HttpResponse<byte[]> gone = get("other/outputs/2/waveform");

        assertEquals(404, rewritten.statusCode());
        assertEquals(404, replaced.statusCode());
        assertTrue(text(replaced).contains("was replaced"), text(replaced));
        assertEquals(404, linked.statusCode());
        assertTrue(text(gone).contains("any more"), text(gone));
    }
}
