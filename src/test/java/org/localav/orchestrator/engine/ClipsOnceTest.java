package org.localav.orchestrator.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.media.LocalTools;
import org.localav.orchestrator.stage.FailureReason;

/** Which clips a changed film of twenty encodes again, by the commands that ran. */
@Tag("tools")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ClipsOnceTest {
    private static final int CLIPS = 20;

    @TempDir
    Path home;

    private Studio studio;

    @BeforeEach
    void open() throws Exception {
        studio = new Studio(home, Map.of("encoders", "2"), Map.of());
        LocalTools.make(
                studio.jobs.resolve("long.mp4"),
                "-f lavfi -i testsrc2=s=192x108:r=25:d=24 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50");
    }

    @AfterEach
    void close() {
        studio.close();
    }

    /** Clips of a second, each from its own second of the source. */
    private static List<String> clips() {
        return new ArrayList<>(IntStream.range(0, CLIPS)
                .mapToObj(second -> clip(second * 1000))
                .toList());
    }

    private static String clip(int fromMillis) {
        return "{asset: long, in: " + fromMillis + "ms, out: " + (fromMillis + 1000) + "ms}";
    }

    /** Runs the film and returns how many clips it encoded; the join and the mux are all that may run beside them. */
    private long encodes(List<String> clips) throws Exception {
        Job job = film(clips, 25 * clips.size());
        List<String> ran = ran(job);
        long encoded = encoded(ran);
        assertEquals(encoded + 2, ran.size(), "commands");
        return encoded;
    }

    private static List<String> ran(Job job) {
        return job.steps().stream()
                .filter(step -> !step.reused())
                .flatMap(step -> step.commands().stream())
                .toList();
    }

    private static long encoded(List<String> commands) {
        return commands.stream().filter(command -> command.contains("libx264")).count();
    }

    private Job film(List<String> clips, int frames) throws Exception {
        Files.deleteIfExists(studio.output("out/film.mp4"));
        Job job = studio.run("job: {id: film}\nassets: {long: long.mp4}\nvideo: {clips: [" + String.join(", ", clips)
                + "], fit: contain}\noutputs: [{path: out/film.mp4, preset: tiny}]\n");
        assertEquals(JobStatus.SUCCEEDED, job.status(), () -> job.failure()
                .map(FailureReason::sentence)
                .orElse(""));
        assertEquals(
                Integer.toString(frames),
                LocalTools.FFPROBE
                        .run(List.of(
                                "-v",
                                "error",
                                "-count_packets",
                                "-show_entries",
                                "stream=nb_read_packets",
                                "-of",
                                "csv=p=0",
                                "file:" + studio.output("out/film.mp4")))
                        .strip());
        return job;
    }

    @Test
    void onlyTheChangedOrAddedClipOfTwentyIsEncoded() throws Exception {
        List<String> clips = clips();
        assertEquals(CLIPS, encodes(clips));

        clips.set(11, clip(11_400));
        assertEquals(1, encodes(clips), "changed");
        clips.add(0, clip(21_000));
        assertEquals(1, encodes(clips), "added before all others");
        clips.remove(7);
        assertEquals(0, encodes(clips), "removed");
        clips.add(2, clips.remove(15));
        assertEquals(0, encodes(clips), "moved");
        Collections.reverse(clips);
        assertEquals(0, encodes(clips), "every one moved");
    }

    @Test
    void veryShortClipsAreEncodedInOneGoAndThePlanSaysSo() throws Exception {
        List<String> clips = IntStream.range(0, 5)
                .mapToObj(i -> "{asset: long, in: " + (3 * i) + "s, out: " + (3 * i) + ".4s}")
                .toList();

        Job job = film(clips, 50);

        assertEquals(1, encoded(ran(job)));
        assertTrue(
                job.prepared().orElseThrow().notes().stream()
                        .anyMatch(note -> note.contains("5 clips shorter than a second are encoded in one go")),
                () -> job.prepared().orElseThrow().notes().toString());
    }
}
