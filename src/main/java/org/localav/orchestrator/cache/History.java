package org.localav.orchestrator.cache;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * How fast this machine has done each kind of work, as seconds taken for a second of what was made, and how large that
 * became. It only feeds estimates: a lost or damaged file is begun anew.
 */
public final class History {
    private static final int KEPT = 50;
    private static final String BYTES = "bytes of ";
    private static final JsonMapper JSON = new JsonMapper();
    private final Path file;

    public History(Path file) {
        this.file = file;
    }

    /**
     * One piece of work.
     *
     * @param kind of work that goes equally fast
     * @param size kind of work that becomes equally large
     * @param length how long its result plays
     * @param bytes how large its result is
     */
    public record Work(String kind, String size, Duration length, Duration took, long bytes) {}

    /**
     * How long something may take.
     *
     * @param samples on how many earlier pieces of work the figures rest, at the least
     */
    public record Range(Duration low, Duration high, int samples) {
        public Range plus(Range other) {
            return new Range(low.plus(other.low), high.plus(other.high), Math.min(samples, other.samples));
        }

        /** Of two that run side by side, the one that ends later. */
        public Range beside(Range other) {
            return new Range(
                    low.compareTo(other.low) > 0 ? low : other.low,
                    high.compareTo(other.high) > 0 ? high : other.high,
                    Math.min(samples, other.samples));
        }

        public Range dividedBy(int workers) {
            return new Range(low.dividedBy(workers), high.dividedBy(workers), samples);
        }
    }

    /** Remembers work that was done. */
    public void add(List<Work> done) throws IOException {
        Map<String, List<Double>> paces = read();
        for (Work work : done) {
            if (work.length().toMillis() > 0) {
                double millis = work.length().toMillis();
                add(paces, work.kind(), work.took().toMillis() / millis);
                add(paces, BYTES + work.size(), 1000 * work.bytes() / millis);
            }
        }
        Files.createDirectories(file.getParent());
        Path made = Files.createTempFile(file.getParent(), ".history", ".tmp");
        Files.write(made, JSON.writeValueAsBytes(paces));
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void add(Map<String, List<Double>> figures, String kind, double figure) {
        List<Double> known = figures.computeIfAbsent(kind, k -> new ArrayList<>());
        known.add(figure);
        if (known.size() > KEPT) {
            known.remove(0);
        }
    }

    /** How many bytes a second such work has made at most; empty when none is known. */
    public OptionalDouble bytesPerSecond(String size) {
        return read().getOrDefault(BYTES + size, List.of()).stream()
                .mapToDouble(Double::doubleValue)
                .max();
    }

    /** How long work of this kind and length may take: from the quickest tenth to the slowest; empty when none is known. */
    public Optional<Range> estimate(String kind, Duration length) {
        List<Double> paces =
                read().getOrDefault(kind, List.of()).stream().sorted().toList();
        if (paces.isEmpty()) {
            return Optional.empty();
        }
        double low = paces.get(paces.size() / 10);
        double high = paces.get(paces.size() - 1 - paces.size() / 10);
        return Optional.of(new Range(times(length, low), times(length, high), paces.size()));
    }

    private static Duration times(Duration length, double factor) {
        return Duration.ofMillis(Math.round(length.toMillis() * factor));
    }

    private Map<String, List<Double>> read() {
        try {
            return JSON.readValue(Files.readAllBytes(file), new TypeReference<TreeMap<String, List<Double>>>() {});
        } catch (IOException e) {
            // Nothing remembered yet, or nothing that can be read: estimates begin anew.
            return new TreeMap<>();
        }
    }
}
