package org.localav.orchestrator.speech;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A request that the local speech server turns down, told in OpenAI's shape of errors. */
public final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    /** @param code a word for programs, such as {@code unknown_voice} */
    public Refusal(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    public int status() {
        return status;
    }

    public byte[] json() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("error")
                .put("message", getMessage())
                .put("type", status < 500 ? "invalid_request_error" : "server_error")
                .put("code", code);
        return Json.bytes(body);
    }
}
