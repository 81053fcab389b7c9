package org.localav.orchestrator.media;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.OptionalLong;

/**
 * A packet as the demuxer gives it; times in ticks of its stream's time base.
 *
 * @param time when it is shown, or decoded where the container tells no more (AVI)
 * @param shown false when an edit list hides it
 * @param skip samples to drop at its start (encoder delay)
 * @param discard samples to drop at its end (padding)
 */
record Packet(
        int stream,
        OptionalLong time,
        OptionalLong decoded,
        OptionalLong duration,
        boolean key,
        boolean shown,
        long skip,
        long discard,
        boolean alpha) {

    static Packet read(JsonNode node) {
        long skip = 0;
        long discard = 0;
        boolean alpha = false;
        for (JsonNode side : node.path("side_data_list")) {
            skip += side.path("skip_samples").asLong();
            discard += side.path("discard_padding").asLong();
            alpha |= side.path("side_data_type").asText().equals("Matroska BlockAdditional");
        }
        OptionalLong shownAt = ticks(node.path("pts"));
        OptionalLong decodedAt = ticks(node.path("dts"));
        String flags = node.path("flags").asText();
        return new Packet(
                node.path("stream_index").asInt(),
                shownAt.isPresent() ? shownAt : decodedAt,
                decodedAt,
                ticks(node.path("duration")),
                flags.contains("K"),
                !flags.contains("D"),
                skip,
                discard,
                alpha);
    }

    private static OptionalLong ticks(JsonNode node) {
        return node.canConvertToLong() ? OptionalLong.of(node.asLong()) : OptionalLong.empty();
    }
}
