package org.localav.orchestrator.spec;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The JSON Schema (draft 2020-12) of a job spec, for editors and other programs. {@link SpecReader} says the same itself,
 * with better sentences and without the time a validator takes to start; tests hold the two against each other.
 */
public final class SpecSchema {
    private static final String NAME = "job-spec.schema.json";

    private SpecSchema() {}

    public static String text() {
        try (InputStream in = SpecSchema.class.getResourceAsStream(NAME)) {
            if (in == null) {
                throw new IllegalStateException(NAME + " is missing in the program; build it again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(NAME + " can't be read", e);
        }
    }
}
