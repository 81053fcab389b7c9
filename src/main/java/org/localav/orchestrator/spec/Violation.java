package org.localav.orchestrator.spec;

/**
 * One thing wrong in a YAML or JSON file, for the person who wrote it. {@code line} and {@code column} count from 1 (0:
 * the file as a whole); {@code path} reads {@code audio.tracks.bed[0].asset} and is empty for the whole file.
 */
public record Violation(String file, int line, int column, String path, String message) {
    /** {@code job.yaml:14:9: audio.tracks.bed[0].asset: no asset 'musik'; known: intro, photo, music}. */
    @Override
    public String toString() {
        String place = line > 0 ? file + ":" + line + ":" + column : file;
        return place + ": " + (path.isEmpty() ? "" : path + ": ") + message;
    }
}
