package org.localav.orchestrator.route;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.media.UnreadableMediaException;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.plan.Measured;
import org.localav.orchestrator.plan.SpeechRecipe;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.speech.SpeechAnswer;
import org.localav.orchestrator.speech.SpeechException;
import org.localav.orchestrator.speech.SpeechRequest;
import org.localav.orchestrator.stage.StageLifecycle;
import org.localav.orchestrator.trace.Caller;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the routes call {@code speech}: the two ends of having one sentence spoken, whoever the provider is. */
public final class SpeechBeans implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SpeechBeans.class);
    private static final String ASKED = "speechAsked";

    private final Workshop workshop;
    private final Probes probes;
    private final SpeechServer server;
    private final SpeechProviders providers;
    private final Map<String, Object> serverBeans;

    SpeechBeans(Workshop workshop, Probes probes, Map<String, String> environment) {
        this.workshop = workshop;
        this.probes = probes;
        Settings settings = workshop.settings();
        var local = new SpeechServer.Settings(
                settings.integer("speech.port"),
                settings.integer("tts.parallel.local"),
                settings.text("speech.program"));
        this.server = new SpeechServer(
                () -> RouteFolder.read(workshop.places().routes()).doors(), workshop.processes(), local);
        // The server binds its own; these are for checking its routes, which happens without it.
        this.serverBeans = SpeechServer.beans(workshop.processes(), local, new Cancellation());
        this.providers = new SpeechProviders(settings.values(), environment, server);
    }

    /** A sentence that has been asked for. */
    private record Asked(Step step, SpeechRequest request, Instant began) {}

    /** All that the routes of the providers, the stage and the server refer to by name. */
    Map<String, Object> beans() {
        Map<String, Object> beans = new HashMap<>(serverBeans);
        beans.putAll(providers.beans());
        beans.put("speech", this);
        return beans;
    }

    /** Turns the step in the body into a request. */
    public void ask(Exchange exchange) throws IOException {
        Step step = exchange.getMessage().getBody(Step.class);
        Job job = StageLifecycle.job(exchange);
        SpeechRecipe recipe = (SpeechRecipe) step.recipe();
        Settings settings = workshop.settings();
        Path folder =
                Files.createTempDirectory(Files.createDirectories(job.work().resolve("steps")), "t");
        SpeechRequest request = new SpeechRequest(
                recipe.text(),
                recipe.voice(),
                recipe.language(),
                recipe.speed(),
                recipe.format(),
                UUID.randomUUID().toString(),
                folder,
                settings.duration("tts.timeout"),
                settings.bytes("tts.limit"),
                StageLifecycle.cancellation(exchange));
        exchange.setProperty(ASKED, new Asked(step, request, Instant.now()));
        exchange.getMessage().setBody(request);
    }

    /**
     * The endpoint of the provider's route; none when another job has had the sentence spoken meanwhile, so that nothing
     * is bought twice.
     *
     * @throws SpeechException when there is no such route
     */
    public String provider(Exchange exchange) throws SpeechException {
        Asked asked = exchange.getProperty(ASKED, Asked.class);
        String endpoint = SpeechProviders.endpoint(
                exchange.getContext(), ((SpeechRecipe) asked.step().recipe()).provider());
        return workshop.store().holds(asked.step().key()) ? null : endpoint;
    }

    /** Checks that the answer is sound that can be decoded, and puts it into the step store. */
    public void keep(Exchange exchange) throws IOException {
        Asked asked = exchange.getProperty(ASKED, Asked.class);
        Job job = StageLifecycle.job(exchange);
        Optional<StepStore.Entry> there = workshop.store().find(asked.step().key());
        StepStore.Entry entry = there.isPresent() ? there.get() : taken(exchange, asked);
        StepStore.remove(asked.request().folder());
        job.reported(new StepReport(
                asked.step().id(),
                asked.step().stage().id(),
                asked.step().key(),
                there.isPresent(),
                List.of(),
                Optional.of(asked.began()),
                Duration.between(asked.began(), Instant.now()),
                Optional.of(entry.sha256()),
                entry.bytes(),
                Optional.of(entry.measured()),
                entry.facts()));
        Steps.progressed(job, asked.step(), 1, 0);
    }

    private StepStore.Entry taken(Exchange exchange, Asked asked) throws IOException {
        SpeechRecipe recipe = (SpeechRecipe) asked.step().recipe();
        if (!(exchange.getMessage().getBody() instanceof SpeechAnswer answer)) {
            throw SpeechException.lasting("the route tts-" + recipe.provider()
                    + " ends without a spoken answer; its last step must be the method 'answer' of its bean");
        }
        Map<String, String> facts = new HashMap<>();
        facts.put("provider", recipe.provider());
        facts.put("request_id", asked.request().requestId());
        facts.put("text_sha256", Keys.sha256(recipe.text()));
        facts.put("characters", String.valueOf(recipe.characters()));
        answer.vendorResponseId().ifPresent(id -> facts.put("vendor_response_id", id));
        bought(StageLifecycle.job(exchange), asked, recipe, facts);
        return workshop.store()
                .put(asked.step().key(), recipe.kind(), answer.file(), measure(exchange, recipe, answer), facts);
    }

    /** What was answered was paid for, even if it turns out to be no sound. */
    private void bought(Job job, Asked asked, SpeechRecipe recipe, Map<String, String> facts) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("run", job.run());
        details.putAll(new TreeMap<>(facts));
        details.put("characters", recipe.characters());
        recipe.voice().ifPresent(voice -> details.put("voice", voice));
        Caller call = new Caller(
                job.caller().who(), asked.request().requestId(), job.caller().trace());
        try (Caller.Scope scope = call.enter()) {
            LOG.info("{} has spoken a sentence of job {}", recipe.provider(), job.id());
            workshop.audit().wrote("speech_bought", job.id(), details);
        }
    }

    private Measured measure(Exchange exchange, SpeechRecipe recipe, SpeechAnswer answer) throws SpeechException {
        try {
            Duration length = probes.prober(exchange)
                    .probe(answer.file(), "the answer")
                    .audio()
                    .map(MediaInfo.AudioStream::duration)
                    .orElse(Duration.ZERO);
            if (length.isZero()) {
                throw SpeechException.passing(
                        "the speech provider '" + recipe.provider() + "' sent a file without sound");
            }
            return new Measured(length, Optional.empty(), Optional.empty());
        } catch (UnreadableMediaException e) {
            StageLifecycle.cancellation(exchange).throwIfCancelled();
            throw SpeechException.passing("the speech provider '" + recipe.provider() + "' sent " + answer.contentType()
                    + " that is no sound: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
