package org.localav.orchestrator.plan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Dialect;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.LocalTools;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.media.Probed;
import org.localav.orchestrator.media.Prober;
import org.localav.orchestrator.media.UnreadableMediaException;

/** Runs picture recipes with the installed ffmpeg and probes what they make, as the program would. */
final class Workbench implements Facts {
    private final Path folder;
    private final Map<Source, Path> files = new HashMap<>();
    private final Map<Source, MediaInfo> infos = new HashMap<>();
    private final Prober prober = new Prober(LocalTools.FFPROBE);

    Workbench(Path folder) {
        this.folder = folder;
    }

    Source.AssetFile asset(Path file) {
        try {
            Source.AssetFile asset = new Source.AssetFile(
                    Keys.sha256(Files.readAllBytes(file)), file.getFileName().toString());
            files.put(asset, file);
            infos.put(asset, prober.probe(file, asset.alias()));
            return asset;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (UnreadableMediaException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs the recipe's command, holds the result against its expectation and keeps it for later steps. */
    Source.StepResult run(Recipe.Ffmpeg recipe) {
        String key = Keys.of(recipe, "test");
        Source.StepResult result = new Source.StepResult(key);
        Path place = run(recipe.command(this), key).resolve(recipe.fileName());
        files.put(result, place);
        check(recipe.expectation(this), probe(result), recipe);
        return result;
    }

    /** Runs a command in a folder of its own and returns the folder. */
    Path run(Command command, String name) {
        try {
            Path place = Files.createDirectories(folder.resolve(name));
            String line = String.join(" && ", command.lines("ffmpeg", files::get, place, Dialect.of("")));
            Process process = new ProcessBuilder("bash", "-o", "pipefail", "-c", line)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(line + "\n" + errors);
            }
            return place;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void check(Expectation expected, Probed found, Recipe recipe) {
        Optional<String> video = found.video().map(Probed.Stream::codec);
        Optional<String> audio = found.audio().map(Probed.Stream::codec);
        Optional<Long> frames = found.video().map(Probed.Stream::packets);
        if (!video.equals(expected.videoCodec())
                || !audio.equals(expected.audioCodec())
                || expected.videoFrames().isPresent() && !expected.videoFrames().equals(frames)) {
            throw new AssertionError(recipe + " expected " + expected + " but made " + found);
        }
        expected.duration().ifPresent(wanted -> {
            double seconds = wanted.toNanos() / 1e9;
            double off = Math.abs(found.duration().toNanos() / 1e9 - seconds);
            if (off > Math.max(expected.tolerance().toNanos() / 1e9, seconds / 100)) {
                throw new AssertionError(recipe + " expected " + expected + " but made " + found);
            }
        });
    }

    Probed probe(Source source) {
        try {
            return prober.result(files.get(source));
        } catch (UnreadableMediaException e) {
            throw new AssertionError(e);
        }
    }

    Path file(Source source) {
        return files.get(source);
    }

    List<java.time.Duration> keyframes(Source.AssetFile asset) {
        try {
            return prober.keyframes(
                    files.get(asset), infos.get(asset).video().orElseThrow().index());
        } catch (UnreadableMediaException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public MediaInfo media(Source.AssetFile asset) {
        return infos.get(asset);
    }

    @Override
    public Measured measured(Source.StepResult result) {
        Probed probed = probe(result);
        return new Measured(probed.duration(), Optional.empty(), probed.video().map(Probed.Stream::packets));
    }

    /** Checksums of the decoded pictures, one a line, without their times. */
    List<String> pictures(Source source) {
        return pictures(List.of("-i", "file:" + files.get(source), "-map", "0:v:0"));
    }

    static List<String> pictures(List<String> input) {
        List<String> arguments = new ArrayList<>(List.of("ffmpeg", "-nostdin", "-v", "error"));
        arguments.addAll(input);
        arguments.addAll(List.of("-fps_mode", "passthrough", "-f", "framemd5", "-"));
        return lines(arguments).stream()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.substring(line.lastIndexOf(',') + 1).trim())
                .toList();
    }

    static List<String> lines(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(String.join(" ", command));
            }
            return text.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
