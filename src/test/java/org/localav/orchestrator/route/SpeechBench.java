package org.localav.orchestrator.route;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.job.Crew;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.JobListener;
import org.localav.orchestrator.job.Tenure;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.plan.SpeechRecipe;
import org.localav.orchestrator.plan.Stage;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.Parsed;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.stage.FailureReason;

/** The shipped routes with their beans in a folder of their own, to have single sentences spoken. */
final class SpeechBench implements AutoCloseable {
    static final List<String> SHIPPED =
            List.of("stage-tts", "tools", "tts-local", "tts-openai", "tts-http", "speech-server");

    final Workshop workshop;
    final Cancellation cancellation = new Cancellation();
    final Job job;
    private final JobContext beans;
    private final Generation generation;

    /**
     * @param settings over the defaults
     * @param routes more route files: name to text
     */
    SpeechBench(Path folder, Map<String, String> settings, Map<String, String> environment, Map<String, String> routes)
            throws Exception {
        Path routeFolder = Files.createDirectories(folder.resolve("routes"));
        for (String name : SHIPPED) {
            Path file = Path.of("routes", name + RouteFolder.SUFFIX);
            Files.writeString(routeFolder.resolve(file.getFileName()), Files.readString(file));
        }
        for (Map.Entry<String, String> route : routes.entrySet()) {
            Files.writeString(routeFolder.resolve(route.getKey()), route.getValue());
        }
        Map<String, String> all = new HashMap<>(Map.of(
                "state.folder", folder.resolve("state").toString(),
                "routes.folder", routeFolder.toString(),
                "presets.folder", Path.of("presets").toAbsolutePath().toString()));
        all.putAll(settings);
        workshop = new Workshop(Settings.read(Map.of(), all), Map.of());
        beans = new JobContext(workshop, environment, "test", new SimpleMeterRegistry(), Job::leave);
        generation = RouteCheck.start(1, RouteFolder.read(routeFolder).work(), false, beans::prepare);
        job = job(folder);
    }

    private Job job(Path folder) throws Exception {
        Parsed spec = SpecReader.read(
                "job.yaml",
                "version: 1\naudio: {tracks: {a: [{tts: {text: Hello.}}]}}\noutputs: [{path: a.wav, preset: wav-master}]\n",
                false);
        return new Job(
                "bench",
                "run",
                spec,
                folder.resolve("job.yaml"),
                Files.createDirectories(folder.resolve("work")),
                false,
                StepStore.Pin.NONE,
                Tenure.ALONE,
                Crew.ALONE,
                cancellation,
                JobListener.NONE);
    }

    JobContext beans() {
        return beans;
    }

    static SpeechRecipe sentence(String provider, String text) {
        return new SpeechRecipe(provider, Optional.empty(), Optional.empty(), 1, text, "wav");
    }

    /** What the step store holds after the sentence was spoken. */
    StepStore.Entry speak(SpeechRecipe recipe) throws Exception {
        Step step = new Step("tts/1", Stage.TTS, Keys.of(recipe, ""), recipe, List.of());
        Exchange done = generation.template().send("direct:speech-step", exchange -> {
            exchange.setProperty("job", job);
            exchange.getMessage().setBody(step);
        });
        if (done.getException() != null) {
            Throwable cause = FailureReason.cause(done.getException());
            throw cause instanceof Exception known ? known : new IllegalStateException(cause);
        }
        return workshop.store().find(step.key()).orElseThrow();
    }

    @Override
    public void close() {
        generation.releaseAndWait();
        beans.close();
    }
}
