package org.localav.orchestrator.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.report.ReportFiles;

/** The page that real runs leave, and the pictures in it. */
@Tag("tools")
@Timeout(120)
class ReportPicturesTest {
    private static final String FILM =
            """
            job: {id: film}
            assets: {one: one.mp4, bed: bed.wav}
            audio: {tracks: {bed: [{asset: bed, loop: true}]}, loudness: {integrated: -20, true_peak: -2}}
            video: {clips: [{asset: one, audio: mute}], fit: contain}
            outputs: [{path: out/film.mp4, preset: tiny}]
            """;

    @TempDir
    static Path media;

    @TempDir
    Path home;

    @BeforeAll
    static void draw() {
        Studio.draw(media);
    }

    private Studio studio(Map<String, String> settings) throws Exception {
        Studio studio = new Studio(home, settings, Map.of());
        for (String name : new String[] {"one.mp4", "bed.wav"}) {
            Files.copy(media.resolve(name), studio.jobs.resolve(name));
        }
        return studio;
    }

    @Test
    void areDrawnWhenAskedForAndKept() throws Exception {
        try (Studio studio = studio(Map.of());
                ReportFiles reports = new ReportFiles(studio.workshop)) {
            Job job = studio.run(FILM);
            assertEquals(JobStatus.SUCCEEDED, job.status(), () -> job.failure().toString());
            Path run = studio.engine.archive(job);
            String left = Files.readString(run.resolve("report.html"));

            String drawn = Files.readString(reports.drawn(run));
            Files.delete(studio.output("out/film.mp4"));
            String again = Files.readString(reports.drawn(run));

            assertFalse(left.contains("data:image/jpeg"));
            assertTrue(left.contains("\u221220.0 LUFS: "), "loudness against its target");
            assertEquals(12, drawn.split("data:image/jpeg", -1).length - 1);
            assertTrue(drawn.contains("class=\"wave\""));
            assertEquals(heard(run), drawnPeak(drawn), 0.02);
            assertTrue(drawn.length() < 300_000, () -> drawn.length() + " characters");
            assertEquals(drawn, again);
        }
    }

    /** The highest sample that was measured, 1 being full scale. */
    private static double heard(Path run) throws Exception {
        double peak = Report.JSON
                .readTree(run.resolve("report.json").toFile())
                .at("/outputs/0/measured/loudness/true_peak")
                .asDouble();
        return Math.pow(10, peak / 20);
    }

    /** How far the waveform goes from its middle to its edge. */
    private static double drawnPeak(String page) {
        Matcher wave = Pattern.compile("class=\"wave\" d=\"M44 55([^\"]*)Z").matcher(page);
        assertTrue(wave.find(), page);
        return Pattern.compile("L\\S+ (\\S+?)(?=L|$)")
                .matcher(wave.group(1))
                .results()
                .mapToDouble(point -> Math.abs(Double.parseDouble(point.group(1)) - 55) / 55)
                .max()
                .orElseThrow();
    }

    @Test
    void areNotDrawnOfWhatTheRunDidNotMake() throws Exception {
        try (Studio studio = studio(Map.of());
                ReportFiles reports = new ReportFiles(studio.workshop)) {
            Job job = studio.run(FILM);
            Files.write(studio.output("out/film.mp4"), new byte[1], StandardOpenOption.APPEND);

            String drawn = Files.readString(reports.drawn(studio.engine.archive(job)));

            assertFalse(drawn.contains("data:image/jpeg"));
            assertFalse(drawn.contains("class=\"wave\""));
        }
    }

    @Test
    void areDrawnAtTheEndOfARunWhereTheOperatorWantsIt() throws Exception {
        try (Studio studio = studio(Map.of("report.pictures", "end"))) {
            Job job = studio.run(FILM);

            assertTrue(Files.readString(studio.engine.archive(job).resolve("report.html"))
                    .contains("data:image/jpeg"));
        }
    }
}
