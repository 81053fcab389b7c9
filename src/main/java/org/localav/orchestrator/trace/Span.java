package org.localav.orchestrator.trace;

import java.util.Map;
import java.util.Optional;

/** A piece of work in a trace. Its attributes hold names, numbers and ids; never a text, a secret or an address. */
public interface Span {
    /** Of work that belongs to no trace. */
    Span NONE = new PassedOn(Optional.empty());

    /** A piece of this work, which begins now. */
    Span child(String name, Map<String, String> attributes);

    void set(String attribute, String value);

    void set(String attribute, long value);

    /** What calls that this work makes are to carry. */
    Optional<TraceParent> parent();

    /**
     * Ends it.
     *
     * @param failure why it failed, in a word such as {@code timeout}
     */
    void end(Optional<String> failure);

    /** Work that is not recorded here, and whose calls carry what its own caller gave. */
    record PassedOn(Optional<TraceParent> parent) implements Span {
        @Override
        public Span child(String name, Map<String, String> attributes) {
            return this;
        }

        @Override
        public void set(String attribute, String value) {
            // Nobody reads it.
        }

        @Override
        public void set(String attribute, long value) {
            // Nobody reads it.
        }

        @Override
        public void end(Optional<String> failure) {
            // Nobody reads it.
        }
    }
}
