package org.localav.orchestrator.speech;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Spoken sound as a provider sent it; whether it can be decoded is not known yet.
 *
 * @param file in the request's folder
 * @param contentType without its parameters; {@code application/octet-stream} where the provider said nothing
 * @param vendorResponseId how the provider names its answer, for questions to it
 */
public record SpeechAnswer(Path file, String contentType, Optional<String> vendorResponseId) {}
