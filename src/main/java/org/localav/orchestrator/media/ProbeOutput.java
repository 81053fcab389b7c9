package org.localav.orchestrator.media;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * ffprobe's JSON, read as a stream because a long recording has hundreds of thousands of packets.
 *
 * @param error what ffprobe found wrong, empty when nothing
 * @param frame the first decoded picture, where frames were asked for
 */
record ProbeOutput(JsonNode format, List<JsonNode> streams, JsonNode frame, List<Packet> packets, String error) {
    private static final JsonMapper JSON = new JsonMapper();

    /** @throws IOException if it is no JSON, as when ffprobe was stopped half-way */
    static ProbeOutput parse(String text) throws IOException {
        JsonNode format = MissingNode.getInstance();
        JsonNode frame = MissingNode.getInstance();
        List<JsonNode> streams = new ArrayList<>();
        List<Packet> packets = new ArrayList<>();
        String error = "";
        try (JsonParser parser = JSON.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("ffprobe answered no JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "packets" -> {
                        while (parser.nextToken() != JsonToken.END_ARRAY) {
                            packets.add(Packet.read(JSON.readTree(parser)));
                        }
                    }
                    case "streams" -> JSON.<JsonNode>readTree(parser).forEach(streams::add);
                    case "frames" -> frame = JSON.<JsonNode>readTree(parser).path(0);
                    case "format" -> format = JSON.readTree(parser);
                    case "error" ->
                        error = JSON.<JsonNode>readTree(parser).path("string").asText("an unknown error");
                    default -> parser.skipChildren();
                }
            }
        }
        return new ProbeOutput(format, streams, frame, packets, error);
    }
}
