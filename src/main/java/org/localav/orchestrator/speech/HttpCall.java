package org.localav.orchestrator.speech;

import java.util.Map;

/**
 * What is sent for a request.
 *
 * @param headers beside the request's id, which every call carries
 */
public record HttpCall(String method, String url, Map<String, String> headers, byte[] body) {}
