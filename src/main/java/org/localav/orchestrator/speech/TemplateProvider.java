package org.localav.orchestrator.speech;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server with a protocol of its own, described by settings: address, headers, a JSON body with holes, and where in the
 * answer the sound is. Holes are filled in the parsed tree, so no text can break out of its string.
 */
public final class TemplateProvider implements Provider {
    private static final Pattern HOLE = Pattern.compile("\\{(text|voice|language|speed|format)}");
    private static final int NAME_LIMIT = 100;

    private final Settings settings;
    private final Secrets secrets;

    /**
     * @param method POST or PUT
     * @param headers a JSON object; values may hold {@code ${ENV:NAME}}
     * @param body JSON; a string that is one hole becomes that value, and its field is left out when there is none
     * @param voice spoken where the spec names none; empty: the server's own
     * @param sound JSON pointer to the base64 text in the answer; empty: the answer is the sound
     */
    public record Settings(
            String name,
            String method,
            String url,
            String headers,
            String body,
            Optional<String> voice,
            Optional<String> sound) {
        String key(String what) {
            return "tts." + name + "." + what;
        }
    }

    public TemplateProvider(Settings settings, Secrets secrets) {
        this.settings = settings;
        this.secrets = secrets;
    }

    @Override
    public String name() {
        return settings.name();
    }

    @Override
    public HttpCall call(SpeechRequest request) throws SpeechException {
        if (settings.url().isBlank()) {
            throw SpeechException.lasting(
                    settings.key("url") + " is not set; it is the address that speech is asked from");
        }
        if (!settings.method().matches("POST|PUT")) {
            throw SpeechException.lasting(settings.key("method") + " must be POST or PUT, not " + settings.method());
        }
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/json");
        headers.put("Accept", wrapped() ? "application/json" : "audio/*");
        headers.putAll(headers());
        byte[] body = Json.bytes(fill(parsed(settings.body(), "body"), request));
        return new HttpCall(settings.method(), Urls.checked(settings.url(), settings.key("url")), headers, body);
    }

    private Map<String, String> headers() throws SpeechException {
        JsonNode tree = parsed(settings.headers().isBlank() ? "{}" : settings.headers(), "headers");
        Map<String, String> headers = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> header : tree.properties()) {
            if (!header.getValue().isTextual() || !header.getKey().matches("[A-Za-z0-9-]{1," + NAME_LIMIT + "}")) {
                throw SpeechException.lasting(
                        settings.key("headers") + " must be a JSON object of header names and texts");
            }
            headers.put(header.getKey(), secrets.fill(header.getValue().textValue(), settings.key("headers")));
        }
        return headers;
    }

    private JsonNode parsed(String text, String what) throws SpeechException {
        try {
            JsonNode tree = Json.MAPPER.readTree(text);
            if (tree.isObject()) {
                return tree;
            }
        } catch (JsonProcessingException e) {
            throw SpeechException.lasting(settings.key(what) + " is no JSON: " + e.getOriginalMessage());
        }
        throw SpeechException.lasting(settings.key(what) + " must be a JSON object, such as {\"text\": \"{text}\"}");
    }

    private JsonNode fill(JsonNode node, SpeechRequest request) {
        if (node.isObject()) {
            ObjectNode filled = JsonNodeFactory.instance.objectNode();
            node.properties().forEach(field -> {
                JsonNode value = fill(field.getValue(), request);
                if (!value.isMissingNode()) {
                    filled.set(field.getKey(), value);
                }
            });
            return filled;
        }
        if (node.isArray()) {
            ArrayNode filled = JsonNodeFactory.instance.arrayNode();
            for (JsonNode item : node) {
                JsonNode value = fill(item, request);
                if (!value.isMissingNode()) {
                    filled.add(value);
                }
            }
            return filled;
        }
        return node.isTextual() ? fill(node.textValue(), request) : node;
    }

    private JsonNode fill(String text, SpeechRequest request) {
        JsonNodeFactory make = JsonNodeFactory.instance;
        Matcher whole = HOLE.matcher(text);
        if (whole.matches()) {
            Optional<String> value = value(whole.group(1), request);
            return whole.group(1).equals("speed")
                    ? make.numberNode(request.speed())
                    : value.<JsonNode>map(make::textNode).orElse(make.missingNode());
        }
        // One pass: holes that stand in the user's text are text.
        return make.textNode(HOLE.matcher(text)
                .replaceAll(hole ->
                        Matcher.quoteReplacement(value(hole.group(1), request).orElse(""))));
    }

    private Optional<String> value(String hole, SpeechRequest request) {
        return switch (hole) {
            case "text" -> Optional.of(request.text());
            case "voice" -> request.voice().or(settings::voice);
            case "language" -> request.language();
            case "speed" -> Optional.of(String.valueOf(request.speed()));
            default -> Optional.of(request.format());
        };
    }

    @Override
    public boolean wrapped() {
        return settings.sound().isPresent();
    }

    @Override
    public SpeechAnswer unwrap(SpeechAnswer received) throws SpeechException, IOException {
        if (!wrapped()) {
            return received;
        }
        String text = soundIn(Files.readAllBytes(received.file()));
        int comma = text.startsWith("data:") ? text.indexOf(',') : -1;
        try {
            byte[] sound = Base64.getDecoder().decode(text.substring(comma + 1).replaceAll("\\s", ""));
            if (sound.length == 0) {
                throw SpeechException.passing("the speech provider '" + name() + "' answered without any sound");
            }
            Path file = Files.write(received.file().resolveSibling("sound"), sound);
            Files.delete(received.file());
            return new SpeechAnswer(file, "application/octet-stream", received.vendorResponseId());
        } catch (IllegalArgumentException e) {
            throw SpeechException.lasting("what the speech provider '" + name() + "' sent at "
                    + settings.sound().get() + " (" + settings.key("sound") + ") is no base64");
        }
    }

    private String soundIn(byte[] json) throws SpeechException {
        String pointer = settings.sound().get();
        try {
            JsonNode tree = Json.MAPPER.readTree(json);
            JsonNode found = tree.at(pointer);
            if (found.isTextual()) {
                return found.textValue();
            }
            throw SpeechException.lasting("the speech provider '" + name() + "' sent no text at " + pointer + " ("
                    + settings.key("sound") + ")"
                    + Json.errorMessage(json)
                            .map(said -> "; it says: " + secrets.hide(said))
                            .orElse(""));
        } catch (IllegalArgumentException e) {
            throw SpeechException.lasting(
                    settings.key("sound") + " must be a JSON pointer such as /audio/data, not '" + pointer + "'");
        } catch (SpeechException e) {
            throw e;
        } catch (IOException e) {
            throw SpeechException.passing("the speech provider '" + name() + "' answered with broken JSON");
        }
    }
}
