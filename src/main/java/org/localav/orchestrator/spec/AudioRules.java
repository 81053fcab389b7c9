package org.localav.orchestrator.spec;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.localav.orchestrator.spec.JobSpec.Audio;
import org.localav.orchestrator.spec.JobSpec.AudioItem;

/**
 * The rules of the sound. All tracks run on one clock, which begins with the piece; along a track it never goes back, so
 * that {@code auto} always means "after the item above".
 */
final class AudioRules {
    private final JobSpec spec;
    private final Audio audio;
    private final Findings findings;

    AudioRules(JobSpec spec, Audio audio, Findings findings) {
        this.spec = spec;
        this.audio = audio;
        this.findings = findings;
    }

    void check() {
        audio.tracks().forEach((track, items) -> {
            for (int i = 0; i < items.size(); i++) {
                item(items.get(i), path(track, i));
            }
            clock(track, items);
        });
        ducking();
        List<AudioItem> all =
                audio.tracks().values().stream().flatMap(List::stream).toList();
        if (!all.isEmpty() && all.stream().allMatch(AudioItem::loop) && !findings.has("video")) {
            findings.refuse("audio.tracks", "every sound loops and there is no video, so the piece never ends");
        }
    }

    private static String path(String track, int index) {
        return "audio.tracks." + Suggestion.shorten(track) + "[" + index + "]";
    }

    private void item(AudioItem item, String path) {
        boolean speech = findings.has(path + ".tts");
        boolean asset = findings.has(path + ".asset");
        if (speech && asset) {
            findings.refuse(path, "has both tts and asset; make two items of it");
        } else if (!speech && !asset) {
            findings.refuse(path, "has neither tts nor asset; add one");
        } else if (speech) {
            for (String key : List.of("in", "out", "loop")) {
                if (findings.has(path + "." + key)) {
                    findings.refuse(path + "." + key, "is for assets; speech is played once and whole");
                }
            }
        }
        item.asset().ifPresent(name -> SpecRules.asset(name, path + ".asset", spec, findings));
        SpecRules.part(item.in(), item.out(), path, findings);
        if (item.start().isPresent() && findings.has(path + ".gap")) {
            findings.refuse(path + ".gap", "counts only with start: auto; add it to start or drop one of the two");
        }
        Duration fades = item.fadeIn().plus(item.fadeOut());
        length(item).filter(length -> fades.compareTo(length) > 0).ifPresent(length -> {
            String last = path + (findings.has(path + ".fade_out") ? ".fade_out" : ".fade_in");
            findings.refuse(
                    last,
                    "the fades last " + Quantity.show(fades) + ", the sound only " + Quantity.show(length)
                            + "; shorten them");
        });
    }

    /** How long the item sounds, when the spec alone says so. */
    private static Optional<Duration> length(AudioItem item) {
        return item.out()
                .filter(out -> !item.loop() && item.asset().isPresent())
                .map(out -> out.minus(item.in()))
                .filter(length -> !length.isNegative() && !length.isZero());
    }

    private void clock(String track, List<AudioItem> items) {
        Duration before = Duration.ZERO;
        Duration end = Duration.ZERO;
        for (int i = 0; i < items.size(); i++) {
            AudioItem item = items.get(i);
            String path = path(track, i);
            if (item.start().isEmpty() && i > 0 && items.get(i - 1).loop()) {
                findings.refuse(
                        path + ".start",
                        "comes after a looped item, which ends with the piece; give it a start or another track");
            }
            Duration start = item.start().orElse(end.plus(item.gap()));
            if (start.compareTo(before) < 0) {
                findings.refuse(
                        path + ".start",
                        "starts at " + Quantity.show(start) + ", before the item above (" + Quantity.show(before)
                                + " or later); put the items in order or use another track");
            }
            before = start;
            end = start.plus(length(item).orElse(Duration.ZERO));
            if (end.compareTo(Quantity.LONGEST) > 0) {
                findings.refuse(path, "ends after more than 24 h; a piece may last 24 h");
                return;
            }
        }
    }

    private void ducking() {
        Map<String, Set<String>> under = new LinkedHashMap<>();
        audio.tracks().forEach((track, items) -> {
            for (int i = 0; i < items.size(); i++) {
                String path = path(track, i) + ".duck.by";
                items.get(i).duck().ifPresent(duck -> {
                    String by = duck.by();
                    if (by.equals(track)) {
                        findings.refuse(path, "a track can't duck under itself; name another one");
                    } else if (!by.isEmpty() && !audio.tracks().containsKey(by)) {
                        findings.refuse(
                                path,
                                "no track " + Suggestion.quote(by)
                                        + Suggestion.of(by, audio.tracks().keySet()));
                    } else if (reaches(under, by, track)) {
                        findings.refuse(
                                path,
                                "'" + track + "' ducks under '" + by + "', which ducks under '" + track
                                        + "' itself; drop one of the two");
                    } else {
                        under.computeIfAbsent(track, key -> new LinkedHashSet<>())
                                .add(by);
                    }
                });
            }
        });
    }

    private static boolean reaches(Map<String, Set<String>> under, String from, String to) {
        Set<String> seen = new HashSet<>();
        List<String> front = List.of(from);
        while (!front.isEmpty()) {
            if (front.contains(to)) {
                return true;
            }
            seen.addAll(front);
            front = front.stream()
                    .flatMap(track -> under.getOrDefault(track, Set.of()).stream())
                    .distinct()
                    .filter(track -> !seen.contains(track))
                    .toList();
        }
        return false;
    }
}
