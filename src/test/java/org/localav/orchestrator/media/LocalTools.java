package org.localav.orchestrator.media;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The installed ffmpeg and ffprobe, for tests that make media and look at them. */
public final class LocalTools {
    public static final Ffprobe FFPROBE = LocalTools::ffprobe;

    private LocalTools() {}

    private static String ffprobe(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ffprobe"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    /** Runs ffmpeg quietly and returns what it wrote to its error output. */
    public static String ffmpeg(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-y"));
        command.addAll(arguments);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(command + " failed: " + errors);
            }
            return errors;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Makes a file from words of a command line, as in {@code "-f lavfi -i testsrc2=d=1"}; returns it. */
    public static Path make(Path file, String options) {
        List<String> arguments = new ArrayList<>(List.of(options.trim().split(" +")));
        arguments.add("file:" + file);
        ffmpeg(arguments);
        return file;
    }
}
