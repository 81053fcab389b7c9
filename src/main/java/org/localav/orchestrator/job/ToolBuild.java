package org.localav.orchestrator.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.process.Invocation;
import org.localav.orchestrator.process.Processes;

/**
 * Which ffmpeg this is: another build may make other bytes from the same command, so it is part of every key.
 *
 * @param version its first line: {@code ffmpeg version 5.1.9-0+deb12u1 ...}
 * @param id hash of all that {@code -version} prints, libraries and configuration included
 */
public record ToolBuild(String version, String id) {
    private record Remembered(SourceFiles.Stamp stamp, ToolBuild build) {}

    /** By the file that remembers it: what it says, without reading it for each job. */
    private static final Map<Path, Remembered> READ = new ConcurrentHashMap<>();

    /**
     * Asks the program, or remembers what it said while its file has not changed.
     *
     * @throws IOException with a sentence when it can't be found or run
     */
    public static ToolBuild of(String program, Processes processes, Path folder)
            throws IOException, InterruptedException {
        Optional<Path> file = onPath(program);
        Path memory = folder.resolve("tools").resolve(Keys.sha256(program) + ".json");
        Optional<SourceFiles.Stamp> stamp =
                file.isPresent() ? Optional.of(SourceFiles.Stamp.of(file.get().toRealPath())) : Optional.empty();
        Remembered read = READ.get(memory);
        if (read != null && stamp.isPresent() && read.stamp().equals(stamp.get())) {
            return read.build();
        }
        if (stamp.isPresent() && Files.isRegularFile(memory)) {
            try {
                Remembered known = Receipts.JSON.readValue(Files.readAllBytes(memory), Remembered.class);
                if (known.stamp().equals(stamp.get())) {
                    READ.put(memory, known);
                    return known.build();
                }
            } catch (com.fasterxml.jackson.core.JacksonException e) {
                Files.deleteIfExists(memory);
            }
        }
        String said = processes
                .run(Invocation.of(program, java.util.List.of("-version"), Duration.ofSeconds(20)), new Cancellation())
                .output();
        ToolBuild build = new ToolBuild(
                said.lines().findFirst().orElse(""), Keys.sha256(said).substring(0, 16));
        if (stamp.isPresent()) {
            Remembered now = new Remembered(stamp.get(), build);
            Receipts.write(memory, Receipts.JSON.writeValueAsBytes(now));
            READ.put(memory, now);
        }
        return build;
    }

    /** The number alone in a version line: {@code 5.1.9-0+deb12u1}. */
    public static String number(String version) {
        String[] words = version.split(" ");
        return words.length > 2 && words[1].equals("version") ? words[2] : version;
    }

    private static Optional<Path> onPath(String program) {
        if (program.contains("/")) {
            return Optional.of(Path.of(program)).filter(Files::isExecutable);
        }
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
            Path candidate = Path.of(folder, program);
            if (Files.isExecutable(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }
}
