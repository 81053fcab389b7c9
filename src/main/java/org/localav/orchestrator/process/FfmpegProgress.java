package org.localav.orchestrator.process;

import java.time.Duration;
import java.util.function.Consumer;

/** Reads the lines of {@code ffmpeg -progress pipe:1} and tells each complete block of them. */
public final class FfmpegProgress implements Consumer<String> {
    private final Consumer<Block> listener;
    private Duration time = Duration.ZERO;
    private double speed;

    /**
     * How far ffmpeg is.
     *
     * @param time playing time written so far
     * @param speed playing time made in a unit of time; 0 when not known yet
     */
    public record Block(Duration time, double speed, boolean end) {}

    public FfmpegProgress(Consumer<Block> listener) {
        this.listener = listener;
    }

    @Override
    public void accept(String line) {
        int equals = line.indexOf('=');
        if (equals < 0) {
            return;
        }
        String value = line.substring(equals + 1).strip();
        switch (line.substring(0, equals).strip()) {
            case "out_time_us" ->
                time = number(value)
                        .map(us -> Duration.ofNanos((long) (us * 1000)))
                        .orElse(time);
            case "speed" -> speed = number(value.replace("x", "")).orElse(speed);
            case "progress" -> listener.accept(new Block(time, speed, value.equals("end")));
            default -> {
                // Other figures are of no use here.
            }
        }
    }

    /** Empty for N/A. */
    private static java.util.Optional<Double> number(String text) {
        try {
            return java.util.Optional.of(Math.max(0, Double.parseDouble(text)));
        } catch (NumberFormatException e) {
            return java.util.Optional.empty();
        }
    }
}
