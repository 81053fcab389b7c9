package org.localav.orchestrator.spec;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.localav.orchestrator.spec.JobSpec.Clip;
import org.localav.orchestrator.spec.JobSpec.Video;

/** The rules of a spec that span several fields and that a schema can't say. Violations are noted in the tree. */
final class SpecRules {
    private SpecRules() {}

    /** Notes what breaks a rule and gives the warnings. */
    static List<Violation> check(JobSpec spec, YamlTree tree) {
        Findings findings = new Findings(tree);
        if (!findings.has("audio") && !findings.has("video")) {
            findings.refuse("", "there is nothing to make; add audio:, video: or both");
        }
        spec.assets().keySet().forEach(name -> source("assets." + Suggestion.shorten(name), findings));
        spec.audio().ifPresent(audio -> new AudioRules(spec, audio, findings).check());
        spec.video().ifPresent(video -> clips(spec, video, findings));
        OutputRules.check(spec, tree.name(), findings);
        unused(spec, findings);
        return findings.warnings();
    }

    private static void source(String path, Findings findings) {
        boolean file = findings.has(path + ".path");
        boolean url = findings.has(path + ".url");
        if (file && url) {
            findings.refuse(path, "has both path and url; keep one");
        } else if (!file && !url && findings.isMap(path)) {
            findings.refuse(path, "has neither path nor url; add one");
        } else if (url && !findings.has(path + ".sha256")) {
            findings.refuse(path + ".sha256", "is missing; a url needs the file's SHA-256, as sha256sum prints it");
        }
    }

    /** Notes when {@code path} names an asset there isn't. */
    static void asset(String name, String path, JobSpec spec, Findings findings) {
        if (!name.isEmpty() && !spec.assets().containsKey(name)) {
            findings.refuse(
                    path,
                    "no asset " + Suggestion.quote(name)
                            + (spec.assets().isEmpty()
                                    ? "; add it under assets:"
                                    : Suggestion.of(name, spec.assets().keySet())));
        }
    }

    /** Notes when a part of an asset ends before it begins. */
    static void part(Duration in, Optional<Duration> out, String path, Findings findings) {
        if (out.isPresent() && out.get().compareTo(in) <= 0) {
            findings.refuse(
                    path + ".out",
                    "out (" + Quantity.show(out.get()) + ") must be later than in (" + Quantity.show(in) + ")");
        }
    }

    private static void clips(JobSpec spec, Video video, Findings findings) {
        Duration known = Duration.ZERO;
        for (int i = 0; i < video.clips().size(); i++) {
            Clip clip = video.clips().get(i);
            String path = "video.clips[" + i + "]";
            asset(clip.asset(), path + ".asset", spec, findings);
            part(clip.in(), clip.out(), path, findings);
            if (findings.has(path + ".length") && (findings.has(path + ".in") || findings.has(path + ".out"))) {
                findings.refuse(
                        path + ".length",
                        "length is for stills; cut a moving picture by in and out alone, or drop them");
            }
            known = known.plus(clip.length()
                    .or(() -> clip.out().map(out -> out.minus(clip.in())))
                    .filter(length -> !length.isNegative())
                    .orElse(Duration.ZERO));
        }
        if (known.compareTo(Quantity.LONGEST) > 0) {
            findings.refuse("video.clips", "the clips last " + known.toHours() + " h; a piece may last 24 h");
        }
    }

    private static void unused(JobSpec spec, Findings findings) {
        Set<String> used = new HashSet<>();
        spec.video().ifPresent(video -> video.clips().forEach(clip -> used.add(clip.asset())));
        spec.audio().ifPresent(audio -> audio.tracks()
                .values()
                .forEach(items -> items.forEach(item -> item.asset().ifPresent(used::add))));
        spec.assets().keySet().stream()
                .filter(name -> !used.contains(name))
                .forEach(name -> findings.warn("assets." + name, "is used nowhere"));
    }
}
