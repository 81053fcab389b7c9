package org.localav.orchestrator.spec;

import java.util.List;

/**
 * A spec that passed every check the text alone allows, with the places of its values for checks that need the media or
 * the presets; {@code warnings} are for the person to see and stop nothing.
 */
public record Parsed(JobSpec spec, String name, String text, Locations locations, List<Violation> warnings) {
    public Parsed {
        warnings = List.copyOf(warnings);
    }

    /** A violation at the value with this path or, when the spec doesn't have it, at the nearest one around it. */
    public Violation violation(String path, String sentence) {
        Place place = locations.of(path);
        return new Violation(name, place.line(), place.column(), path, sentence);
    }
}
