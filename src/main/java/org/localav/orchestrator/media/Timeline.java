package org.localav.orchestrator.media;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeSet;
import org.localav.orchestrator.spec.Rational;

/**
 * When one stream begins and ends, and how evenly its packets follow each other, from the packets at the file's head and
 * tail. Times in seconds on the file's own clock, which needn't begin at 0.
 *
 * @param steps times from one packet to the next in ticks, taken where none is missing between them
 */
record Timeline(OptionalDouble begin, OptionalDouble end, List<Long> steps, boolean edited) {
    Timeline {
        steps = List.copyOf(steps);
    }

    /**
     * @param head the stream's packets from the file's first on
     * @param tail those from a key frame near the end up to the end; may overlap the head
     * @param sampleRate Hz, 0 for pictures
     */
    static Timeline of(List<Packet> head, List<Packet> tail, Rational timeBase, int sampleRate) {
        double tick = timeBase.toDouble();
        double begin = Double.POSITIVE_INFINITY;
        double end = Double.NEGATIVE_INFINITY;
        boolean edited = false;
        double usual = usualDuration(head, tail) * tick;
        for (List<Packet> part : List.of(head, tail)) {
            for (Packet packet : part) {
                edited |= !packet.shown();
                if (!packet.shown() || packet.time().isEmpty()) {
                    continue;
                }
                double time = packet.time().getAsLong() * tick;
                double length = packet.duration().orElse(0) * tick;
                if (length == 0) {
                    length = usual;
                }
                if (packet.discard() > 0 && sampleRate > 0) {
                    // Ogg has taken the padding off the packet's duration, MP3 has not
                    length = Math.min(length, Math.max(usual - (double) packet.discard() / sampleRate, 0));
                }
                double skipped = sampleRate > 0 ? (double) packet.skip() / sampleRate : 0;
                begin = Math.min(begin, time + skipped);
                end = Math.max(end, time + length);
            }
        }
        List<Long> steps = new ArrayList<>(steps(upTo(head)));
        steps.addAll(steps(from(tail)));
        return end < begin
                ? new Timeline(OptionalDouble.empty(), OptionalDouble.empty(), steps, edited)
                : new Timeline(OptionalDouble.of(begin), OptionalDouble.of(end), steps, edited);
    }

    private static double usualDuration(List<Packet> head, List<Packet> tail) {
        List<Long> durations = new ArrayList<>();
        head.forEach(p -> p.duration().ifPresent(durations::add));
        tail.forEach(p -> p.duration().ifPresent(durations::add));
        List<Long> lengths = durations.isEmpty() ? steps(upTo(head)) : durations;
        return lengths.isEmpty() ? 0 : lengths.stream().sorted().toList().get(lengths.size() / 2);
    }

    /** Times up to the last decoded: a picture shown before that can't be missing, it would have been decoded. */
    private static TreeSet<Long> upTo(List<Packet> head) {
        TreeSet<Long> times = times(head);
        for (int i = head.size() - 1; i >= 0; i--) {
            if (head.get(i).decoded().isPresent()) {
                return new TreeSet<>(times.headSet(head.get(i).decoded().getAsLong(), true));
            }
        }
        return times;
    }

    /** Times from the first key frame: leading pictures before it may be missing their neighbours. */
    private static TreeSet<Long> from(List<Packet> tail) {
        TreeSet<Long> times = times(tail);
        return tail.isEmpty() || tail.get(0).time().isEmpty()
                ? times
                : new TreeSet<>(times.tailSet(tail.get(0).time().getAsLong(), true));
    }

    private static TreeSet<Long> times(List<Packet> packets) {
        TreeSet<Long> times = new TreeSet<>();
        packets.forEach(p -> p.time().ifPresent(times::add));
        return times;
    }

    private static List<Long> steps(TreeSet<Long> times) {
        List<Long> steps = new ArrayList<>();
        Long before = null;
        for (Long time : times) {
            if (before != null) {
                steps.add(time - before);
            }
            before = time;
        }
        return steps;
    }
}
