package org.localav.orchestrator.door;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.localav.orchestrator.job.Report;

/** Puts the answer to a request into its exchange. */
final class Answer {
    private Answer() {}

    static void json(Exchange exchange, Object value) {
        json(exchange, 200, value, Map.of());
    }

    static void json(Exchange exchange, int status, Object value, Map<String, String> headers) {
        bytes(exchange, status, "application/json", write(value), headers);
    }

    static byte[] write(Object value) {
        try {
            return Report.JSON.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an answer holds something that can't be written", e);
        }
    }

    static void bytes(Exchange exchange, int status, String mediaType, byte[] body, Map<String, String> headers) {
        Message message = exchange.getMessage();
        // What is left here becomes a header of the answer, and what a client sends stands here: a query such as
        // ?Access-Control-Allow-Origin=* must not come back.
        message.getHeaders().clear();
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        message.setHeader(Exchange.CONTENT_TYPE, mediaType);
        headers.forEach(message::setHeader);
        // The one type that is answered with a length and without a detour through streams.
        message.setBody(ByteBuffer.wrap(body));
    }
}
