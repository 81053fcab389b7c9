package org.localav.orchestrator.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.media.LocalTools.make;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.plan.Plan;
import org.localav.orchestrator.plan.Stage;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.SpecReader;

/** A clip told by one node, and what another makes of that before it encodes anything. */
@Tag("tools")
@Timeout(60)
class ErrandTest {
    @TempDir
    Path home;

    private Path media;
    private Step clip;
    private Errand errand;

    @BeforeEach
    void told() throws Exception {
        media = Files.createDirectories(home.resolve("media")).resolve("clip.mp4");
        make(media, "-f lavfi -i testsrc2=s=160x90:r=25:d=1 -c:v libx264 -bf 0");
        String spec = "version: 1\nassets: {clip: " + media + "}\n"
                + "video: {clips: [{asset: clip}], filters: [\"eq=contrast=1.05\"]}\n"
                + "outputs: [{path: film.mp4, preset: web-720p}]\n";
        Prepared prepared =
                node().plan(SpecReader.read("film.yaml", spec, false), home.resolve("film.yaml"), new Cancellation());
        clip = prepared.plan().of(Stage.VIDEO_CONCAT).get(0);
        errand = Errand.read(Errand.of(clip, prepared).orElseThrow().json());
    }

    private Workshop node(String... settings) throws Exception {
        Map<String, String> all = new HashMap<>(Map.of(
                "state.folder", home.resolve("state").toString(),
                "media.roots", media.getParent().toString()));
        for (String setting : settings) {
            all.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
        }
        return new Workshop(Settings.read(Map.of(), all), Map.of());
    }

    private Prepared prepare(Workshop node) throws Exception {
        return errand.prepare(clip.key(), home.resolve("jobs"), node);
    }

    private String refusal(Workshop node) {
        return assertThrows(Exception.class, () -> prepare(node)).getMessage();
    }

    /** Another file in the place of the first, with its time. */
    private void replace(String bytes) throws Exception {
        FileTime time = Files.getLastModifiedTime(media);
        Path other = Files.writeString(home.resolve("other"), bytes, StandardCharsets.ISO_8859_1);
        Files.move(other, media, StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(media, time);
    }

    private String bytes() throws Exception {
        return Files.readString(media, StandardCharsets.ISO_8859_1);
    }

    @Test
    void isTheSameStepWithTheSameKey() throws Exception {
        Prepared here = prepare(node());

        assertEquals(Map.of(clip.key(), new Plan.Decision(true, "for another node")), here.decisions());
        assertEquals(clip, here.plan().step(clip.key()).orElseThrow());
    }

    @Test
    void isRefusedWhereAnotherBuildOfFfmpegWouldMakeIt() throws Exception {
        Path foreign = Files.writeString(
                home.resolve("ffmpeg"),
                "#!/bin/sh\n[ \"$1\" = -version ] && echo ffmpeg version 99 && exit\nexec ffmpeg \"$@\"\n");
        assertTrue(foreign.toFile().setExecutable(true));
        Workshop other = node("ffmpeg.program=" + foreign);

        assertEquals(
                clip.id() + " can't be made here: another version of the program or of ffmpeg wants it",
                refusal(other));
        assertNotEquals(node().site(), other.site());
    }

    @Test
    void isRefusedWhereTheSourceIsAnotherFileOfEqualSizeAndTime() throws Exception {
        replace(bytes().replace("mdat", "MDAT"));

        assertEquals(media + " is another file here than where the job runs", refusal(node()));
    }

    @Test
    void isTakenWhereTheSourceIsACopy() throws Exception {
        replace(bytes());

        assertEquals(
                errand.assets().get(0).hashed().sha256(),
                prepare(node()).assets().get("clip").hashed().sha256());
    }

    @Test
    void isRefusedWhereTheSourceIsNot() throws Exception {
        Files.delete(media);

        assertEquals(media + " is not here, but where the job runs", refusal(node()));
    }

    @Test
    void isRefusedWhereTheSourceMayNotBeRead() throws Exception {
        String refusal = refusal(node("media.roots=" + Files.createDirectories(home.resolve("elsewhere"))));

        assertTrue(refusal.contains(media + " lies outside the allowed folders"), refusal);
    }
}
