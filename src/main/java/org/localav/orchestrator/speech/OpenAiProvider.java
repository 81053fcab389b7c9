package org.localav.orchestrator.speech;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Any server with OpenAI's {@code POST /audio/speech}, the orchestrator's own included. The protocol has no language: a
 * voice is asked for by the language's name where there is none, and the server decides.
 */
public final class OpenAiProvider implements Provider {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final String name;
    private final Address address;
    private final Settings settings;
    private final Secrets secrets;

    /** Where the server is; asked late, because the local one is started by asking. */
    @FunctionalInterface
    public interface Address {
        String baseUrl() throws SpeechException;
    }

    /**
     * @param voice spoken where the spec names none
     * @param keyVariable name of the environment variable that holds the key; empty: none is sent
     */
    public record Settings(String model, String voice, Optional<String> keyVariable) {}

    public OpenAiProvider(String name, Address address, Settings settings, Secrets secrets) {
        this.name = name;
        this.address = address;
        this.settings = settings;
        this.secrets = secrets;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public HttpCall call(SpeechRequest request) throws SpeechException {
        ObjectNode body = JSON.objectNode();
        body.put("model", settings.model());
        body.put("input", request.text());
        body.put("voice", request.voice().orElseGet(() -> request.language().orElse(settings.voice())));
        body.put("speed", request.speed());
        body.put("response_format", request.format());
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/json");
        headers.put("Accept", "audio/*");
        if (settings.keyVariable().isPresent()) {
            String key = secrets.named(settings.keyVariable().get(), "tts." + name + ".key_env");
            headers.put("Authorization", "Bearer " + key);
        }
        String base = address.baseUrl().replaceAll("/+$", "");
        return new HttpCall(
                "POST", Urls.checked(base + "/audio/speech", "tts." + name + ".base_url"), headers, Json.bytes(body));
    }
}
