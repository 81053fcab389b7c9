package org.localav.orchestrator.speech;

import java.io.IOException;

/** How one kind of server is asked to speak, and how the sound is got out of what it sends. */
public interface Provider {
    /** The name that specs use; its route is {@code tts-NAME}. */
    String name();

    /** @throws SpeechException when a setting or the request makes it impossible, before anything is sent */
    HttpCall call(SpeechRequest request) throws SpeechException;

    /** Whether the sound comes within JSON, not as it is. */
    default boolean wrapped() {
        return false;
    }

    /**
     * Makes of what was received what was asked for.
     *
     * @throws SpeechException when there is no sound in it
     */
    default SpeechAnswer unwrap(SpeechAnswer received) throws SpeechException, IOException {
        return received;
    }
}
