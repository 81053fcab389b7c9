package org.localav.orchestrator.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobListener;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.SpecReader;

/** What is counted of jobs and routes. */
@Tag("tools")
class MetricsTest {
    @TempDir
    Path folder;

    @Test
    void countsStagesByHowTheyEndedAndNeverByJob() throws Exception {
        Studio.draw(folder);
        Map<String, String> overrides = Map.of(
                "state.folder", folder.resolve("state").toString(),
                "routes.folder", Path.of("routes").toAbsolutePath().toString(),
                "presets.folder", Path.of("presets").toAbsolutePath().toString());
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        Path good = spec("good.yaml", "bed.wav");
        Path bad = spec("bad.yaml", "bad.wav");
        Files.writeString(folder.resolve("bad.wav"), "no sound");
        try (Engine engine = new Engine(
                new Workshop(Settings.read(Map.of(), overrides), Map.of()),
                Map.of(),
                "test",
                meters,
                report -> {},
                Job::leave)) {
            engine.start();

            Job made = engine.run(SpecReader.read(good), good, new Cancellation(), JobListener.NONE);
            Job failed = engine.run(SpecReader.read(bad), bad, new Cancellation(), JobListener.NONE);

            assertEquals(List.of(JobStatus.SUCCEEDED, JobStatus.FAILED), List.of(made.status(), failed.status()));
            String name = "local_av_orchestrator_job_stage_duration";
            assertEquals(
                    1,
                    meters.get(name)
                            .tags("stage", "mux", "status", "success")
                            .timer()
                            .count());
            assertEquals(
                    1,
                    meters.get(name)
                            .tags("stage", "prepare", "status", "failure")
                            .timer()
                            .count());
            String failures = "local_av_orchestrator_job_stage_failures";
            assertEquals(
                    1,
                    meters.get(failures)
                            .tags("stage", "prepare", "reason", "invalid_input")
                            .counter()
                            .count());
            assertEquals(
                    0, meters.get("local_av_orchestrator_jobs_active").gauge().value());
            List<String> labels = meters.getMeters().stream()
                    .flatMap(m -> m.getId().getTags().stream())
                    .map(t -> t.getValue())
                    .toList();
            assertTrue(labels.contains("ffmpeg-step"), "Camel's own timers of routes");
            assertTrue(labels.stream().noneMatch(l -> l.contains(made.run())), labels::toString);
            assertTrue(meters.getMeters().stream().map(Meter::getId).allMatch(id -> id.getTag("job_id") == null));
        }
    }

    private Path spec(String name, String asset) throws Exception {
        return Files.writeString(
                folder.resolve(name),
                "version: 1\nassets: {a: " + asset + "}\naudio: {tracks: {one: [{asset: a}]}}\n" + "outputs: [{path: "
                        + name + ".mp3, preset: mp3}]\n");
    }
}
