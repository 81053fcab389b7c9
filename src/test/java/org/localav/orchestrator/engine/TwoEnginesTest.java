package org.localav.orchestrator.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.cache.Digests;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.stage.FailureReason;

/** Two engines with one state folder, as when two people start the program at the same time. */
@Tag("tools")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TwoEnginesTest {
    @TempDir
    Path folder;

    private Studio one;
    private Studio two;
    private final ExecutorService people = Executors.newFixedThreadPool(2);

    @BeforeEach
    void open() throws Exception {
        Studio.draw(folder);
        Map<String, String> shared = Map.of(
                "state.folder",
                folder.resolve("state").toString(),
                "media.roots",
                folder.toString(),
                "output.roots",
                folder.toString());
        one = new Studio(folder.resolve("one"), shared, Map.of());
        two = new Studio(folder.resolve("two"), shared, Map.of());
    }

    @AfterEach
    void close() {
        people.shutdownNow();
        one.close();
        two.close();
    }

    private String film(String id, String clip, Path output) {
        return "job: {id: " + id + "}\nassets: {clip: \"" + folder.resolve(clip) + "\"}\n"
                + "video: {clips: [{asset: clip}], fit: contain}\n"
                + "outputs: [{path: \"" + output + "\", preset: tiny}]\n";
    }

    /** Both at the same moment; a job that was refused before it began is null. */
    private List<Job> together(String first, String second) throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        List<Future<Job>> running =
                List.of(people.submit(started(start, one, first)), people.submit(started(start, two, second)));
        List<Job> jobs = new ArrayList<>();
        for (Future<Job> job : running) {
            jobs.add(job.get());
        }
        return jobs;
    }

    private static Callable<Job> started(CyclicBarrier start, Studio studio, String spec) {
        return () -> {
            start.await();
            try {
                return studio.run(spec);
            } catch (BlockedException e) {
                assertTrue(e.getMessage().contains("is running already"), e.getMessage());
                return null;
            }
        };
    }

    private static boolean succeeded(Job job) {
        return job != null && job.status() == JobStatus.SUCCEEDED;
    }

    private static String why(Job job) {
        return job.status() + " " + job.failure().map(FailureReason::sentence).orElse("");
    }

    private List<String> work() throws Exception {
        try (var left = Files.list(folder.resolve("state/work"))) {
            return left.map(Path::toString).toList();
        }
    }

    @Test
    void makeDifferentJobsOfTheSameClipSideBySide() throws Exception {
        List<Job> jobs = together(
                film("a", "one.mp4", folder.resolve("out/a.mp4")), film("b", "one.mp4", folder.resolve("out/b.mp4")));

        jobs.forEach(job -> assertTrue(succeeded(job), () -> why(job)));
        assertEquals(-1, Files.mismatch(folder.resolve("out/a.mp4"), folder.resolve("out/b.mp4")));
        assertEquals(List.of(), work());
        Job again = two.run(film("c", "one.mp4", folder.resolve("out/c.mp4")));
        assertTrue(again.steps().stream()
                .filter(step -> step.stage().equals("video_concat"))
                .allMatch(StepReport::reused));
    }

    @Test
    void runAJobOfOneIdOnce() throws Exception {
        List<Job> jobs = together(
                film("same", "one.mp4", folder.resolve("out/a.mp4")),
                film("same", "one.mp4", folder.resolve("out/a.mp4")));

        assertTrue(jobs.stream().anyMatch(TwoEnginesTest::succeeded));
        assertTrue(jobs.stream().allMatch(job -> job == null || succeeded(job)));
        assertEquals(List.of(), work());
    }

    @Test
    void giveAnOutputToOneOfTheJobsThatWantIt() throws Exception {
        Path wanted = folder.resolve("out/a.mp4");

        List<Job> jobs = together(film("a", "one.mp4", wanted), film("b", "two.mp4", wanted));

        List<Job> winners = jobs.stream().filter(TwoEnginesTest::succeeded).toList();
        assertEquals(
                1,
                winners.size(),
                () -> jobs.stream().map(TwoEnginesTest::why).toList().toString());
        assertEquals(winners.get(0).published().get(0).sha256(), Digests.sha256(wanted));
        Job other = jobs.stream().filter(job -> !succeeded(job)).findFirst().orElseThrow();
        assertTrue(other.failure().orElseThrow() instanceof BlockedException, () -> why(other));
        assertEquals(List.of(), work());
        try (var published = Files.list(wanted.getParent())) {
            assertEquals(List.of(wanted), published.toList());
        }
    }
}
