package org.localav.orchestrator.route;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.support.ExchangeHelper;
import org.apache.camel.support.SynchronizationAdapter;
import org.localav.orchestrator.spec.Suggestion;
import org.localav.orchestrator.speech.OpenAiProvider;
import org.localav.orchestrator.speech.Provider;
import org.localav.orchestrator.speech.Secrets;
import org.localav.orchestrator.speech.SpeechException;
import org.localav.orchestrator.speech.SpeechRequest;
import org.localav.orchestrator.speech.TemplateProvider;

/**
 * The beans of the provider routes. A provider's name is its route's id without {@code tts-}; it decides which settings
 * {@code tts.NAME.*} count, so a second server of a known kind needs a route file and settings, and no code.
 */
public final class SpeechProviders {
    private static final String PREFIX = "tts-";
    private static final String GROUP = "tts-provider";
    private static final String TURN = "speechTurn";

    private final Map<String, String> settings;
    private final Secrets secrets;
    private final SpeechCalls calls;
    private final Map<String, Slots> slots = new ConcurrentHashMap<>();
    private final Map<String, Object> beans = new HashMap<>();

    /** Makes a provider of one kind from the settings of that name. */
    private interface Kind {
        Provider named(String name);
    }

    /**
     * @param settings all settings by key
     * @param environment where keys are found by name
     * @param local where the local speech server is; asking may start it
     */
    public SpeechProviders(
            Map<String, String> settings, Map<String, String> environment, OpenAiProvider.Address local) {
        this.settings = Map.copyOf(settings);
        this.secrets = new Secrets(environment);
        this.calls = new SpeechCalls(secrets);
        beans.put("speechCalls", calls);
        beans.put("speechOpenai", new Bean(this::openAi));
        beans.put("speechHttp", new Bean(this::template));
        beans.put(
                "speechLocal",
                new Bean(name -> new OpenAiProvider(
                        name,
                        local,
                        new OpenAiProvider.Settings("espeak-ng", setting(name, "voice", "en-us"), Optional.empty()),
                        secrets)));
    }

    /** What provider routes refer to by name. */
    public Map<String, Object> beans() {
        return Map.copyOf(beans);
    }

    /** Names of the providers whose routes are in a context, sorted. */
    public static List<String> names(CamelContext context) {
        return context.getRoutes().stream()
                .filter(route -> GROUP.equals(route.getGroup()))
                .map(Route::getRouteId)
                .filter(id -> id.startsWith(PREFIX))
                .map(id -> id.substring(PREFIX.length()))
                .sorted()
                .toList();
    }

    /**
     * The endpoint of a provider's route.
     *
     * @throws SpeechException when there is none of that name, with those there are
     */
    public static String endpoint(CamelContext context, String provider) throws SpeechException {
        List<String> known = names(context);
        if (!known.contains(provider)) {
            throw SpeechException.lasting("there is no speech provider " + Suggestion.quote(provider)
                    + " (a route tts-NAME in the group " + GROUP + ")" + Suggestion.of(provider, known));
        }
        return "direct:" + PREFIX + provider;
    }

    /** What a provider route calls before and after its {@code http:} endpoint. */
    public final class Bean {
        private final Kind kind;

        private Bean(Kind kind) {
            this.kind = kind;
        }

        /** Waits for a turn, and turns the {@link SpeechRequest} in the body into an HTTP request. */
        public void ask(Exchange exchange) throws SpeechException, InterruptedException {
            String route = ExchangeHelper.getAtRouteId(exchange);
            if (route == null || !route.startsWith(PREFIX)) {
                throw SpeechException.lasting("the route " + route + " asks for speech, but is not called tts-NAME");
            }
            String name = route.substring(PREFIX.length());
            SpeechRequest request = exchange.getMessage().getBody(SpeechRequest.class);
            takeTurn(exchange, name, request);
            calls.lay(exchange, request, kind.named(name));
        }

        /** Leaves the {@link org.localav.orchestrator.speech.SpeechAnswer} in the body. */
        public void answer(Exchange exchange) throws IOException {
            Slots.Slot turn = (Slots.Slot) exchange.removeProperty(TURN);
            if (turn != null) {
                turn.close();
            }
            calls.fetch(exchange);
        }
    }

    private void takeTurn(Exchange exchange, String name, SpeechRequest request) throws InterruptedException {
        Slots.Slot turn = slots.computeIfAbsent(name, this::slotsOf).take(request.cancellation());
        exchange.setProperty(TURN, turn);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                if (done.removeProperty(TURN) != null) {
                    turn.close();
                }
            }
        });
    }

    private Slots slotsOf(String name) {
        String number = settings.getOrDefault("tts.parallel." + name, name.equals("local") ? "2" : "4");
        return new Slots(number.matches("[1-9]\\d{0,3}") ? Integer.parseInt(number) : 1);
    }

    private Provider openAi(String name) {
        return new OpenAiProvider(
                name,
                () -> setting(name, "base_url", "https://api.openai.com/v1"),
                new OpenAiProvider.Settings(
                        setting(name, "model", "gpt-4o-mini-tts"),
                        setting(name, "voice", "alloy"),
                        given(name, "key_env")),
                secrets);
    }

    private Provider template(String name) {
        return new TemplateProvider(
                new TemplateProvider.Settings(
                        name,
                        setting(name, "method", "POST"),
                        setting(name, "url", ""),
                        setting(name, "headers", "{}"),
                        setting(name, "body", "{\"text\": \"{text}\", \"voice\": \"{voice}\", \"speed\": \"{speed}\"}"),
                        given(name, "voice"),
                        given(name, "sound")),
                secrets);
    }

    private String setting(String name, String key, String otherwise) {
        return given(name, key).orElse(otherwise);
    }

    private Optional<String> given(String name, String key) {
        return Optional.ofNullable(settings.get("tts." + name + "." + key))
                .map(String::strip)
                .filter(text -> !text.isEmpty());
    }
}
