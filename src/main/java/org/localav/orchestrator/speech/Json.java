package org.localav.orchestrator.speech;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.Stream;

/** JSON as speech servers talk it. */
final class Json {
    static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();

    private Json() {}

    static byte[] bytes(JsonNode tree) {
        try {
            return MAPPER.writeValueAsBytes(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a tree of JSON nodes can always be written", e);
        }
    }

    /** What a server says went wrong, in any of the usual shapes; empty when it says nothing readable. */
    static Optional<String> errorMessage(byte[] body) {
        try {
            JsonNode tree = MAPPER.readTree(body);
            return Stream.of("/error/message", "/error", "/detail/message", "/detail/0/msg", "/detail", "/message")
                    .map(tree::at)
                    .filter(JsonNode::isTextual)
                    .map(JsonNode::textValue)
                    .map(text -> text.strip().replaceAll("\\s+", " "))
                    .filter(text -> !text.isEmpty())
                    .map(text -> text.length() > 300 ? text.substring(0, 300) + "..." : text)
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
