package org.localav.orchestrator.plan;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
import org.localav.orchestrator.media.Prober;
import org.localav.orchestrator.media.UnreadableMediaException;

/** Makes sounds with the real ffmpeg and espeak-ng, runs recipes on them and reads the samples that come out. */
final class SoundBench implements Facts {
    private final Path folder;
    private final Map<Source, Path> files = new HashMap<>();
    private final Map<Path, MediaInfo> probed = new HashMap<>();
    private final Map<Source, Measured.Loudness> loudness = new HashMap<>();

    SoundBench(Path folder) {
        this.folder = folder;
    }

    /** Result of a run: the file, what ffmpeg said and what it measured. */
    record Run(Path file, List<String> stderr) {
        Measured.Loudness loudness() {
            return LoudnessReport.parse(stderr, stderr.stream().anyMatch(line -> line.contains("True peak")))
                    .orElseThrow(() -> new AssertionError("no summary in " + stderr));
        }
    }

    /** A file from one lavfi source, written with the given output options. */
    Source.AssetFile asset(String name, String lavfi, String... options) {
        Path file = folder.resolve(name);
        List<String> command =
                new ArrayList<>(List.of("ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", lavfi));
        command.addAll(List.of(options));
        command.add(file.toString());
        run(command);
        return asset(file);
    }

    Source.AssetFile asset(Path file) {
        String name = file.getFileName().toString();
        Source.AssetFile source = new Source.AssetFile(Keys.sha256(name), name);
        files.put(source, file);
        return source;
    }

    Source.StepResult speech(String text) {
        String key = Keys.sha256(text);
        Path file = folder.resolve(key + ".wav");
        run(List.of("espeak-ng", "-v", "en-us", "-w", file.toString(), text));
        return result(key, file);
    }

    Source.StepResult result(String key, Path file) {
        Source.StepResult source = new Source.StepResult(key);
        files.put(source, file);
        return source;
    }

    Path file(Source source) {
        return files.get(source);
    }

    /** A file among the shared real media, which may be absent. */
    Path shared(String name) {
        String media = System.getenv("AVO_MEDIA");
        return (media == null ? Path.of("../shared/media") : Path.of(media)).resolve(name);
    }

    /** Keeps a run's result as the source later recipes read. */
    Source.StepResult result(String key, Run run) {
        Source.StepResult source = result(key, run.file());
        loudness.put(source, run.loudness());
        return source;
    }

    Run run(Recipe.Ffmpeg recipe) {
        return run(recipe.command(this));
    }

    Run run(Command command) {
        try {
            Path results = Files.createTempDirectory(folder, "step");
            List<String> arguments = new ArrayList<>(List.of("ffmpeg"));
            arguments.addAll(command.arguments(files::get, results, Dialect.of("")));
            List<String> stderr = run(arguments);
            return new Run(results.resolve(command.targets().get(0).fileName()), stderr);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** One channel (0: left) of a file as samples at 48 kHz. */
    float[] samples(Path file, int channel) {
        Path raw = folder.resolve("samples.f32");
        run(List.of(
                "ffmpeg",
                "-v",
                "error",
                "-nostdin",
                "-y",
                "-i",
                file.toString(),
                "-map",
                "0:a:0",
                "-af",
                "aresample=48000,pan=mono|c0=c" + channel,
                "-f",
                "f32le",
                raw.toString()));
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(raw)).order(ByteOrder.LITTLE_ENDIAN);
            float[] samples = new float[bytes.remaining() / 4];
            bytes.asFloatBuffer().get(samples);
            return samples;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    float[] samples(Path file) {
        return samples(file, 0);
    }

    /** Root mean square of a stretch given in seconds, in dB of full scale. */
    static double rms(float[] samples, double from, double to) {
        double sum = 0;
        int first = (int) Math.round(from * 48000);
        int last = Math.min((int) Math.round(to * 48000), samples.length);
        for (int i = first; i < last; i++) {
            sum += samples[i] * samples[i];
        }
        return 10 * Math.log10(Math.max(sum / (last - first), 1e-12));
    }

    /** Index of the largest sample, whatever its sign, in a stretch of samples. */
    static int peak(float[] samples, int from, int to) {
        int best = from;
        for (int i = from; i < to; i++) {
            if (Math.abs(samples[i]) > Math.abs(samples[best])) {
                best = i;
            }
        }
        return best;
    }

    @Override
    public MediaInfo media(Source.AssetFile asset) {
        return media(asset, files.get(asset));
    }

    private MediaInfo media(Source.AssetFile asset, Path file) {
        return probed.computeIfAbsent(file, f -> probe(asset, f));
    }

    private static MediaInfo probe(Source.AssetFile asset, Path file) {
        try {
            return new Prober(LocalTools.FFPROBE).probe(file, asset.alias());
        } catch (UnreadableMediaException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public Measured measured(Source.StepResult result) {
        MediaInfo info = media(new Source.AssetFile(result.key(), result.key()), files.get(result));
        return new Measured(info.duration(), Optional.ofNullable(loudness.get(result)), Optional.empty());
    }

    /** Runs a program to its end; both its output streams as lines. */
    private List<String> run(List<String> command) {
        try {
            Path log = Files.createTempFile(folder, "log", ".txt");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            int code = process.waitFor();
            List<String> lines = Files.readAllLines(log);
            if (code != 0) {
                throw new AssertionError(command + " exited with " + code + ": " + lines);
            }
            return lines;
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
