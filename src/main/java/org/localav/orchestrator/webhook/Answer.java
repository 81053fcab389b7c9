package org.localav.orchestrator.webhook;

import java.time.Duration;
import java.util.Optional;

/**
 * What came of one try to deliver a message. What a receiver says beside its status is not kept: a spec's author must not
 * read the operator's network by it.
 *
 * @param code the HTTP status, if there was an answer
 * @param error why the message is not delivered, a sentence
 * @param retryAfter how long the receiver asks to be left alone
 * @param hopeless whether only a person can mend it, so that trying again at once is of no use
 */
record Answer(Optional<Integer> code, Optional<String> error, Optional<Duration> retryAfter, boolean hopeless) {
    private static final int GONE = 410;

    static Answer status(int code, Optional<Duration> retryAfter) {
        Optional<String> error = Optional.empty();
        if (code >= 300 && code < 400) {
            error = Optional.of(
                    "it answered " + code + ", and redirects are not followed; give the address it leads to");
        } else if (code == GONE) {
            error = Optional.of("it answered 410: it wants no more messages");
        } else if (code < 200 || code > 299) {
            error = Optional.of("it answered " + code);
        }
        return new Answer(Optional.of(code), error, retryAfter, code == GONE);
    }

    static Answer none(String why) {
        return new Answer(Optional.empty(), Optional.of(why), Optional.empty(), false);
    }

    static Answer refused(String why) {
        return new Answer(Optional.empty(), Optional.of(why), Optional.empty(), true);
    }

    boolean delivered() {
        return error.isEmpty();
    }

    boolean gone() {
        return code.filter(c -> c == GONE).isPresent();
    }
}
