package org.localav.orchestrator.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.localav.orchestrator.settings.Settings;

/**
 * The folders a job may read from or write to. Paths are judged by where they really lead: a link inside a root that
 * points out of it is refused.
 *
 * @param setting the key that would allow more, for the sentence
 */
public record Roots(List<Path> folders, String setting) {
    public static Roots reading(Settings settings, Path specFolder) {
        return of(settings, "media.roots", specFolder);
    }

    public static Roots writing(Settings settings, Path specFolder) {
        return of(settings, "output.roots", specFolder);
    }

    /**
     * Where relative paths of a spec may start from that comes without a folder of its own.
     *
     * @param more folders of the service itself, such as its inbox
     */
    public static Roots submitting(Settings settings, List<Path> more) {
        List<Path> folders = new java.util.ArrayList<>(List.of(Path.of("").toAbsolutePath()));
        folders.addAll(more);
        folders.addAll(settings.folders("submit.roots"));
        return new Roots(folders.stream().map(Roots::real).distinct().toList(), "submit.roots");
    }

    private static Roots of(Settings settings, String key, Path specFolder) {
        List<Path> folders =
                new java.util.ArrayList<>(List.of(specFolder, Path.of("").toAbsolutePath()));
        folders.addAll(settings.folders(key));
        return new Roots(folders.stream().map(Roots::real).distinct().toList(), key);
    }

    /** An empty result: the path is fine. Otherwise the sentence that says why not. */
    public java.util.Optional<String> refusal(Path path) {
        Path real = real(path);
        if (folders.stream().anyMatch(real::startsWith)) {
            return java.util.Optional.empty();
        }
        String leads = real.equals(path) ? path.toString() : path + " leads to " + real + ", which";
        return java.util.Optional.of(leads + " lies outside the allowed folders ("
                + folders.stream().map(Path::toString).collect(Collectors.joining(", "))
                + "); move it there, or let the operator add its folder to " + setting);
    }

    /** The real path of the longest part that exists, with the rest appended. */
    static Path real(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        Path there = absolute;
        while (there != null && !Files.exists(there, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            there = there.getParent();
        }
        try {
            return there == null
                    ? absolute
                    : there.toRealPath().resolve(there.relativize(absolute)).normalize();
        } catch (IOException e) {
            // A link into nowhere: judged by the name it has, and found missing when it is opened.
            return absolute;
        }
    }
}
