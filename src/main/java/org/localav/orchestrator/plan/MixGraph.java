package org.localav.orchestrator.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Filter;
import org.localav.orchestrator.ffmpeg.FilterGraph;

/**
 * The one filter graph of a mix. Sounds that don't overlap lie one after the other in a lane, padded with silence to the
 * next, and only lanes are summed: summing every sound on its own costs time for each over the whole piece.
 */
final class MixGraph {
    private static final List<String> PIPED = List.of("-c:a", "pcm_f32le", "-f", "nut", "-fflags", "+bitexact");

    private final Timeline timeline;
    private final Facts facts;
    private final FilterGraph.Builder graph = new FilterGraph.Builder();
    private final List<Command.Input> inputs = new ArrayList<>();
    private int labels;

    MixGraph(Timeline timeline, Facts facts) {
        this.timeline = timeline;
        this.facts = facts;
    }

    /** Sounds that are treated alike after they are summed: ducked alike, or heard by ducking as the same track. */
    private record Bus(int track, Optional<MixRecipe.Duck> duck) {}

    /**
     * @param encoding how the sum is encoded, see {@link MixRecipe#encoding}; empty: it is kept as it is, and its true peak
     *     is measured
     */
    Command command(Optional<List<String>> encoding, String fileName) {
        TreeSet<Integer> keyTracks = new TreeSet<>();
        timeline.placed().forEach(p -> p.duck().ifPresent(d -> keyTracks.add(d.track())));
        Map<Bus, List<Timeline.Placed>> buses = new LinkedHashMap<>();
        for (Timeline.Placed placed : timeline.placed()) {
            Bus bus = new Bus(keyTracks.contains(placed.track()) ? placed.track() : Timeline.CLIPS, placed.duck());
            buses.computeIfAbsent(bus, b -> new ArrayList<>()).add(placed);
        }
        String mixed = sum(ducked(buses));
        String out = label("mix");
        graph.chain(
                List.of(mixed),
                List.of(
                        Filter.of("apad", "whole_len", timeline.samples()),
                        Filter.of("atrim", "end_sample", timeline.samples()),
                        LoudnessReport.filter(encoding.isEmpty())),
                out);
        List<String> options = new ArrayList<>(List.of("-map", "[" + out + "]"));
        options.addAll(encoding.isPresent() ? PIPED : MixRecipe.encoding(MixRecipe.RAW, "wav"));
        return new Command(
                List.of(),
                inputs,
                List.of(),
                Optional.of(graph.build()),
                List.of(new Command.Target(options, encoding.isPresent() ? Command.Target.PIPE : fileName)),
                encoding.map(e -> new Command.Target(e, fileName)));
    }

    /** Sums each bus, ducks those that are to be ducked by the undimmed sound of the others. */
    private List<String> ducked(Map<Bus, List<Timeline.Placed>> buses) {
        Map<Integer, Integer> listeners = new TreeMap<>();
        buses.keySet().forEach(b -> b.duck()
                .filter(d -> sounds(d.track(), buses))
                .ifPresent(d -> listeners.merge(d.track(), 1, Integer::sum)));
        Map<Bus, String> heard = new LinkedHashMap<>();
        Map<Integer, List<String>> keyParts = new TreeMap<>();
        buses.forEach((bus, sounds) -> {
            String sum = sum(lanes(sounds));
            if (listeners.containsKey(bus.track())) {
                String main = label("bus");
                String key = label("key");
                graph.chain(List.of(sum), List.of(Filter.of("asplit")), main, key);
                keyParts.computeIfAbsent(bus.track(), t -> new ArrayList<>()).add(key);
                heard.put(bus, main);
            } else {
                heard.put(bus, sum);
            }
        });
        Map<Integer, List<String>> keys = new TreeMap<>();
        keyParts.forEach((track, parts) -> keys.put(
                track,
                new ArrayList<>(
                        Ducking.keys(graph, sum(parts), listeners.get(track), timeline.samples(), this::label))));
        List<String> result = new ArrayList<>();
        heard.forEach((bus, label) -> {
            if (bus.duck().isPresent() && listeners.containsKey(bus.duck().get().track())) {
                String key = keys.get(bus.duck().get().track()).remove(0);
                String out = label("ducked");
                graph.chain(List.of(label), List.of(Filter.of("apad", "whole_len", timeline.samples())), out + "p");
                graph.chain(
                        List.of(out + "p", key),
                        List.of(Ducking.filter(bus.duck().get())),
                        out);
                result.add(out);
            } else {
                result.add(label);
            }
        });
        return result;
    }

    private static boolean sounds(int track, Map<Bus, List<Timeline.Placed>> buses) {
        return buses.keySet().stream().anyMatch(b -> b.track() == track);
    }

    private String sum(List<String> labels) {
        if (labels.size() == 1) {
            return labels.get(0);
        }
        String out = label("sum");
        graph.chain(
                labels,
                List.of(Filter.of("amix", "inputs", labels.size(), "duration", "longest", "normalize", 0)),
                out);
        return out;
    }

    private List<String> lanes(List<Timeline.Placed> sounds) {
        List<Timeline.Placed> ordered = new ArrayList<>(sounds);
        ordered.sort(Comparator.comparingLong(Timeline.Placed::start));
        List<List<Timeline.Placed>> lanes = new ArrayList<>();
        for (Timeline.Placed sound : ordered) {
            lanes.stream()
                    .filter(l -> l.get(l.size() - 1).end() <= sound.start())
                    .findFirst()
                    .orElseGet(() -> {
                        lanes.add(new ArrayList<>());
                        return lanes.get(lanes.size() - 1);
                    })
                    .add(sound);
        }
        return lanes.stream().map(this::lane).toList();
    }

    private String lane(List<Timeline.Placed> sounds) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < sounds.size(); i++) {
            Timeline.Placed sound = sounds.get(i);
            long before = i == 0 ? sound.start() : 0;
            long until = i + 1 < sounds.size() ? sounds.get(i + 1).start() : sound.end();
            parts.add(new SoundChain(sound, facts, graph, inputs, this::label).chain(before, until - sound.start()));
        }
        if (parts.size() == 1) {
            return parts.get(0);
        }
        String out = label("lane");
        graph.chain(parts, List.of(Filter.of("concat", "n", parts.size(), "v", 0, "a", 1)), out);
        return out;
    }

    private String label(String stem) {
        return stem + labels++;
    }
}
