package org.localav.orchestrator.preset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Suggestion;
import org.localav.orchestrator.spec.Violation;

/** The presets of a folder, by name; each is a file {@code NAME.yaml}. */
public final class Presets {
    private final Map<String, Preset> byName;

    private Presets(Map<String, Preset> byName) {
        this.byName = byName;
    }

    /**
     * Reads every {@code *.yaml} of a folder.
     *
     * @throws InvalidSpecException with what is wrong in all of the files
     */
    public static Presets load(Path folder) throws InvalidSpecException {
        Map<String, Preset> presets = new TreeMap<>();
        List<Violation> violations = new ArrayList<>();
        for (Path file : files(folder)) {
            try {
                Preset preset = PresetReader.read(file);
                presets.put(preset.name(), preset);
            } catch (InvalidSpecException e) {
                violations.addAll(e.violations());
            }
        }
        if (presets.isEmpty() && violations.isEmpty()) {
            violations.add(new Violation(folder.toString(), 0, 0, "", "holds no preset; put a NAME.yaml into it"));
        }
        if (!violations.isEmpty()) {
            throw new InvalidSpecException(violations);
        }
        return new Presets(presets);
    }

    private static List<Path> files(Path folder) throws InvalidSpecException {
        if (!Files.isDirectory(folder)) {
            throw new InvalidSpecException(List.of(
                    new Violation(folder.toString(), 0, 0, "", "there is no such folder; presets are read from it")));
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().matches("[^.].*\\.yaml"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " can't be listed: " + e.getMessage(), e);
        }
    }

    /** @throws IllegalArgumentException with a sentence that names the nearest preset there is */
    public Preset get(String name) {
        return find(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "no preset " + Suggestion.quote(name) + Suggestion.of(name, names())));
    }

    public Optional<Preset> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    public Set<String> names() {
        return byName.keySet();
    }

    /** By name. */
    public Collection<Preset> all() {
        return byName.values();
    }
}
