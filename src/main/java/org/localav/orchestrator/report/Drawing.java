package org.localav.orchestrator.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.localav.orchestrator.cache.Digests;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.ffmpeg.Safety;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.process.Invocation;
import org.localav.orchestrator.process.Processes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes what a report shows of the outputs out of the published files, as long as they are what the job made. */
final class Drawing {
    private static final Logger LOG = LoggerFactory.getLogger(Drawing.class);
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int FRAMES = 12;
    private static final int SPANS = 480;
    private static final int RATE = 48_000;

    private final Processes processes;
    private final String ffmpeg;
    private final Cancellation cancellation;

    Drawing(Processes processes, String ffmpeg, Cancellation cancellation) {
        this.processes = processes;
        this.ffmpeg = ffmpeg;
        this.cancellation = cancellation;
    }

    /** An output that still is there. */
    private record Output(int place, Path file, double seconds, boolean pictures) {}

    Pictures of(JsonNode report) throws IOException, InterruptedException {
        List<Output> outputs = standing(report.path("outputs"));
        Path folder = Files.createTempDirectory("avo-report");
        try {
            Optional<Output> film = outputs.stream().filter(Output::pictures).findFirst();
            List<Pictures.Frame> frames = film.isPresent() ? frames(film.get(), folder) : List.of();
            Optional<Pictures.Sound> sound = Optional.empty();
            for (Output output : outputs) {
                sound = sound.isPresent() ? sound : sound(output, folder);
            }
            return new Pictures(frames, sound);
        } finally {
            StepStore.remove(folder);
        }
    }

    private static List<Output> standing(JsonNode outputs) throws IOException {
        List<Output> standing = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
            JsonNode output = outputs.get(i);
            Path file = Path.of(output.path("file").asText());
            if (Files.isRegularFile(file)
                    && Digests.sha256(file).equals(output.path("sha256").asText())) {
                JsonNode measured = output.path("measured");
                standing.add(new Output(
                        i,
                        file,
                        measured.path("duration").asDouble(),
                        measured.path("video_frames").asLong() > 0));
            }
        }
        return standing;
    }

    private List<Pictures.Frame> frames(Output film, Path folder) throws IOException, InterruptedException {
        List<String> arguments = begin();
        for (int i = 0; i < FRAMES; i++) {
            arguments.addAll(Safety.INPUT_OPTIONS);
            arguments.addAll(
                    List.of("-threads", "1", "-ss", Double.toString(moment(film, i)), "-i", "file:" + film.file()));
        }
        for (int i = 0; i < FRAMES; i++) {
            String scale = "scale=w='if(gt(iw*sar,ih),240,135)':h='max(2,trunc(ow*ih/(iw*sar)/2)*2)',setsar=1";
            arguments.addAll(List.of("-map", i + ":v:0", "-frames:v", "1", "-vf", scale, "-q:v", "6", "-threads", "1"));
            arguments.addAll(List.of("-map_metadata", "-1", "-f", "image2", "-update", "1", i + ".jpg"));
        }
        List<Pictures.Frame> frames = new ArrayList<>();
        if (run(arguments, folder)) {
            for (int i = 0; i < FRAMES; i++) {
                Path made = folder.resolve(i + ".jpg");
                if (Files.exists(made)) {
                    frames.add(new Pictures.Frame(film.place(), moment(film, i), Files.readAllBytes(made)));
                }
            }
        }
        return frames;
    }

    /** In the middle of the frame's part, to the millisecond. */
    private static double moment(Output film, int frame) {
        return Math.round(film.seconds() * (2 * frame + 1) / (2.0 * FRAMES) * 1000) / 1000.0;
    }

    private Optional<Pictures.Sound> sound(Output output, Path folder) throws IOException, InterruptedException {
        long span = Math.max(480, Math.round(output.seconds() * RATE / SPANS));
        List<String> arguments = begin();
        arguments.addAll(Safety.INPUT_OPTIONS);
        arguments.addAll(List.of("-vn", "-i", "file:" + output.file(), "-map", "0:a:0", "-af"));
        arguments.add("aresample=" + RATE + ",ebur128=metadata=1:peak=none:framelog=verbose,"
                + "ametadata=mode=print:key=lavfi.r128.S:file=loudness.txt,"
                + "asetnsamples=n=" + span + ":p=0,"
                + "astats=metadata=1:reset=1:measure_overall=Peak_level:measure_perchannel=none,"
                + "ametadata=mode=print:key=lavfi.astats.Overall.Peak_level:file=peaks.txt");
        arguments.addAll(List.of("-f", "null", "-"));
        return run(arguments, folder)
                ? Optional.of(new Pictures.Sound(
                        output.place(),
                        output.seconds(),
                        read(folder.resolve("peaks.txt"), output.seconds()),
                        read(folder.resolve("loudness.txt"), output.seconds())))
                : Optional.empty();
    }

    /** The highest value of each span; the filter writes a line with the time before each line with a value. */
    private static List<Double> read(Path file, double seconds) throws IOException {
        double[] highest = new double[SPANS];
        Arrays.fill(highest, Double.NaN);
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            double time = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("frame:")) {
                    time = Double.parseDouble(
                            line.substring(line.indexOf("pts_time:") + 9).strip());
                } else {
                    int place = (int) Math.min(SPANS - 1, time / Math.max(0.001, seconds) * SPANS);
                    double value = value(line.substring(line.indexOf('=') + 1));
                    highest[place] = Double.isNaN(highest[place]) ? value : Math.max(highest[place], value);
                }
            }
        }
        List<Double> values = new ArrayList<>();
        for (double value : highest) {
            if (!Double.isNaN(value)) {
                values.add(value);
            }
        }
        return values;
    }

    private static double value(String text) {
        return text.contains("inf") || text.contains("nan") ? -120 : Math.max(-120, Double.parseDouble(text));
    }

    private static List<String> begin() {
        return new ArrayList<>(
                List.of("-nostdin", "-hide_banner", "-y", "-v", "error", "-filter_threads", "1", "-threads", "1"));
    }

    /** Whether it went well: where there is nothing to see or to hear, ffmpeg fails. */
    private boolean run(List<String> arguments, Path folder) throws IOException, InterruptedException {
        try {
            processes.run(Invocation.of(ffmpeg, arguments, LIMIT).in(folder), cancellation);
            return true;
        } catch (IOException e) {
            LOG.debug("no pictures for a report: {}", e.getMessage());
            return false;
        }
    }
}
