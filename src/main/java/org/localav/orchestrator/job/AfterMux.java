package org.localav.orchestrator.job;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.localav.orchestrator.cache.Digests;
import org.localav.orchestrator.plan.Keys;

/**
 * The operator's own stages between mux and finish: route files named {@code after-mux-*}, and whatever lies beside them
 * under such a name and is used by them. All of it counts towards what an output is.
 *
 * @param files name to SHA-256; none when there is no such route
 */
public record AfterMux(SortedMap<String, String> files) {
    /** What the names of the files begin with, and those of the {@code direct:} endpoints in them. */
    public static final String PREFIX = "after-mux-";

    private static final String ROUTES = ".camel.yaml";
    private static final int DEPTH = 10;

    public AfterMux {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /** Whether a file of the routes' folder belongs here, by its name or path. */
    public static boolean holds(String file) {
        return file.substring(file.lastIndexOf('/') + 1).startsWith(PREFIX);
    }

    /** As {@link #of(Path, Map)}, with the routes as they lie on the disk. */
    static AfterMux of(Path folder) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        for (Map.Entry<String, Path> file : lying(folder).entrySet()) {
            if (file.getKey().endsWith(ROUTES)) {
                String text = Files.readString(file.getValue());
                if (!text.lines().allMatch(line -> line.isBlank() || line.startsWith("#"))) {
                    texts.put(file.getKey(), text.startsWith("\uFEFF") ? text.substring(1) : text);
                }
            }
        }
        return of(folder, texts);
    }

    /**
     * All that belongs here.
     *
     * @param routes text by name of the route files that run: those of a job may be older than the folder
     */
    public static AfterMux of(Path folder, Map<String, String> routes) throws IOException {
        SortedMap<String, String> parts = new TreeMap<>();
        routes.forEach((name, text) -> {
            if (holds(name)) {
                parts.put(name, Keys.sha256(text.getBytes(StandardCharsets.UTF_8)));
            }
        });
        if (parts.isEmpty()) {
            return new AfterMux(parts);
        }
        for (Map.Entry<String, Path> file : lying(folder).entrySet()) {
            if (!file.getKey().endsWith(ROUTES)) {
                parts.put(file.getKey(), Digests.sha256(file.getValue()));
            }
        }
        return new AfterMux(parts);
    }

    /** What an output is known by that a mux has made and these stages have handled. */
    String handled(String mux) {
        return files.isEmpty() ? mux : Keys.sha256(mux + " " + Keys.sha256(files.toString()));
    }

    private static SortedMap<String, Path> lying(Path folder) throws IOException {
        SortedMap<String, Path> found = new TreeMap<>();
        if (!Files.isDirectory(folder)) {
            return found;
        }
        try (Stream<Path> files = Files.walk(folder, DEPTH, FileVisitOption.FOLLOW_LINKS)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = folder.relativize(file).toString().replace('\\', '/');
                boolean hidden = name.startsWith(".") || name.contains("/.");
                if (!hidden && holds(name) && Files.isRegularFile(file)) {
                    found.put(name, file);
                }
            }
        }
        return found;
    }
}
