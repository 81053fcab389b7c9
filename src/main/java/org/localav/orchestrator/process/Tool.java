package org.localav.orchestrator.process;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Finds programs on the PATH, and says which Debian package holds one that is missing. */
final class Tool {
    private static final Map<String, String> PACKAGES = Map.of(
            "ffmpeg", "ffmpeg",
            "ffprobe", "ffmpeg",
            "espeak-ng", "espeak-ng",
            "setpriv", "util-linux",
            "prlimit", "util-linux",
            "setsid", "util-linux");

    private Tool() {}

    /** The program's file; a name with a slash is a path already. */
    static Optional<Path> find(String tool) {
        if (tool.contains("/")) {
            return Optional.of(Path.of(tool)).filter(Tool::runs).map(Path::toAbsolutePath);
        }
        for (String folder : path().split(File.pathSeparator)) {
            Path candidate = Path.of(folder.isEmpty() ? "." : folder, tool);
            if (runs(candidate)) {
                return Optional.of(candidate.toAbsolutePath());
            }
        }
        return Optional.empty();
    }

    private static boolean runs(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }

    static String path() {
        return System.getenv().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
    }

    static String name(String tool) {
        Path name = Path.of(tool).getFileName();
        return name == null ? tool : name.toString();
    }

    static String missing(String tool) {
        if (tool.contains("/")) {
            return tool + " is not a program that can be run";
        }
        return tool + " is not installed"
                + Optional.ofNullable(PACKAGES.get(tool))
                        .map(debian -> "; on Debian or Ubuntu: sudo apt install " + debian)
                        .orElse(" or not on the PATH (" + path() + ")");
    }
}
