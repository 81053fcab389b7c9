package org.localav.orchestrator.plan;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

/** Makes sounds with the real ffmpeg and espeak-ng, runs recipes on them and reads the samples that come out. */
final class SoundBench implements Facts {
    private final Path folder;
    private final Map<Source, Path> files = new HashMap<>();
    private final Map<Source, Measured.Loudness> loudness = new HashMap<>();

    SoundBench(Path folder) {
        this.folder = folder;
    }

    /** Result of a run: the file, what ffmpeg said and what it measured. */
    record Run(Path file, List<String> stderr) {
        Measured.Loudness loudness() {
            return LoudnessReport.parse(stderr).orElseThrow(() -> new AssertionError("no summary in " + stderr));
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
            arguments.addAll(command.arguments(files::get, results));
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
        Path file = files.get(asset);
        Properties format = probe(file, "format=format_name,start_time", List.of());
        Properties audio = probe(file, "stream=index,sample_rate,channels,start_time,duration", List.of("a:0"));
        Properties video = probe(file, "stream=index,start_time,codec_name", List.of("v:0"));
        Optional<MediaInfo.VideoStream> picture =
                video.isEmpty() ? Optional.empty() : Optional.of(picture(Integer.parseInt(video.getProperty("index"))));
        Optional<MediaInfo.AudioStream> sound = audio.isEmpty()
                ? Optional.empty()
                : Optional.of(new MediaInfo.AudioStream(
                        Integer.parseInt(audio.getProperty("index")),
                        "",
                        "",
                        Integer.parseInt(audio.getProperty("sample_rate")),
                        Integer.parseInt(audio.getProperty("channels")),
                        "",
                        seconds(samples(file).length / 48000.0),
                        seconds(number(audio, "start_time") - number(format, "start_time"))));
        return new MediaInfo(format.getProperty("format_name"), picture, sound, List.of());
    }

    private static MediaInfo.VideoStream picture(int index) {
        return new MediaInfo.VideoStream(
                index,
                "h264",
                "",
                new Size(64, 64),
                0,
                false,
                Rational.ONE,
                "yuv420p",
                "",
                "",
                "",
                "",
                "",
                false,
                false,
                false,
                new Rational(25, 1),
                new Rational(1, 25),
                Duration.ofSeconds(1),
                Duration.ZERO);
    }

    @Override
    public Measured measured(Source.StepResult result) {
        double length = number(probe(files.get(result), "format=duration", List.of()), "duration");
        return new Measured(seconds(length), Optional.ofNullable(loudness.get(result)), Optional.empty());
    }

    private static double number(Properties properties, String name) {
        String text = properties.getProperty(name, "0");
        return text.equals("N/A") ? 0 : Double.parseDouble(text);
    }

    private static Duration seconds(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e6) * 1000);
    }

    private Properties probe(Path file, String entries, List<String> streams) {
        List<String> command = new ArrayList<>(
                List.of("ffprobe", "-v", "error", "-show_entries", entries, "-of", "default=noprint_wrappers=1"));
        streams.forEach(s -> command.addAll(List.of("-select_streams", s)));
        command.add(file.toString());
        Properties properties = new Properties();
        try {
            properties.load(
                    new ByteArrayInputStream(String.join("\n", run(command)).getBytes(StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return properties;
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
