package org.localav.orchestrator.preset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.localav.orchestrator.preset.Preset.Picture;
import org.localav.orchestrator.preset.Preset.Sound;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;
import org.localav.orchestrator.spec.Suggestion;
import org.localav.orchestrator.spec.YamlMap;
import org.localav.orchestrator.spec.YamlTree;
import org.localav.orchestrator.spec.YamlValue;

/** Reads one preset file; what is wrong is found all at once, each with its line and column. */
final class PresetReader {
    /** Muxers a preset may use, and the endings whose files players and our own prober read with their demuxers. */
    private static final Map<String, List<String>> MUXERS = muxers();

    private static final Set<String> YUV420 =
            Set.of("yuv420p", "yuv420p10le", "yuvj420p", "yuva420p", "nv12", "p010le");

    private PresetReader() {}

    private static Map<String, List<String>> muxers() {
        Map<String, List<String>> muxers = new LinkedHashMap<>();
        muxers.put("mp4", List.of("mp4", "m4v", "m4a"));
        muxers.put("mov", List.of("mov"));
        muxers.put("ipod", List.of("m4a", "m4b", "m4v"));
        muxers.put("matroska", List.of("mkv", "mka"));
        muxers.put("webm", List.of("webm"));
        muxers.put("gif", List.of("gif"));
        muxers.put("mpegts", List.of("ts", "mts"));
        muxers.put("avi", List.of("avi"));
        muxers.put("mp3", List.of("mp3"));
        muxers.put("wav", List.of("wav"));
        muxers.put("flac", List.of("flac"));
        muxers.put("ogg", List.of("ogg", "oga", "ogv"));
        muxers.put("opus", List.of("opus"));
        muxers.put("adts", List.of("aac"));
        muxers.put("aiff", List.of("aiff", "aif"));
        return muxers;
    }

    /** Reads {@code NAME.yaml}. */
    static Preset read(Path file) throws InvalidSpecException {
        String fileName = file.getFileName().toString();
        return read(fileName.substring(0, fileName.lastIndexOf('.')), YamlTree.read(file));
    }

    static Preset read(String name, YamlTree tree) throws InvalidSpecException {
        YamlMap root = tree.root();
        root.only("description", "format", "extensions", "video", "audio", "muxer");
        Optional<String> description =
                root.require("description", "write in a line what the preset is for", value -> value.asText(200));
        Optional<String> format =
                root.require("format", "write the muxer, as in format: mp4", value -> value.asOneOf(MUXERS.keySet()));
        List<String> extensions = root.require(
                        "extensions", "write the file name endings, as in extensions: [mp4]", YamlValue::asList)
                .map(list -> extensions(list, format))
                .orElse(List.of());
        Optional<Picture> video = root.read("video", YamlValue::asMap).flatMap(PresetReader::picture);
        Optional<Sound> audio = root.read("audio", YamlValue::asMap).flatMap(PresetReader::sound);
        Map<String, String> muxer = root.read("muxer", YamlValue::asMap)
                .map(map -> options(map, "", Set.of()))
                .orElse(Map.of());
        if (!root.has("video") && !root.has("audio")) {
            root.problem("a preset has video, audio or both");
        }
        tree.check();
        return new Preset(name, description.orElseThrow(), format.orElseThrow(), extensions, video, audio, muxer);
    }

    private static List<String> extensions(List<YamlValue> values, Optional<String> format) {
        Set<String> extensions = new LinkedHashSet<>();
        for (YamlValue value : values) {
            Optional<String> extension = format.isPresent()
                    ? value.asText(8).filter(text -> {
                        List<String> possible = MUXERS.get(format.get());
                        if (!possible.contains(text)) {
                            value.problem(Suggestion.quote(text) + " is no ending of " + format.get() + " files"
                                    + Suggestion.of(text, possible));
                        }
                        return possible.contains(text);
                    })
                    : value.asText(8);
            extension.filter(e -> !extensions.add(e)).ifPresent(e -> value.problem("'" + e + "' stands here twice"));
        }
        return new ArrayList<>(extensions);
    }

    private static Optional<Picture> picture(YamlMap map) {
        Optional<Size> size = map.read("size", YamlValue::asSize);
        Optional<Rational> fps = map.read("fps", YamlValue::asRate);
        Optional<Boolean> copy = map.read("copy", YamlValue::asFlag);
        Map<String, String> options = options(map, "v", Set.of("size", "fps", "copy"));
        if (!map.has("c:v")) {
            map.problem("c:v is missing; write the encoder, as in c:v: libx264, or c:v: copy");
        }
        boolean halved = YUV420.contains(options.getOrDefault("pix_fmt", ""));
        size.filter(s -> halved && (s.width() % 2 == 1 || s.height() % 2 == 1)).ifPresent(s -> map.get("size")
                .orElseThrow()
                .problem("'" + s + "' must be even in both directions for " + options.get("pix_fmt")));
        return options.containsKey("c:v")
                ? Optional.of(new Picture(size, fps, copy.orElse(true), options))
                : Optional.empty();
    }

    private static Optional<Sound> sound(YamlMap map) {
        Map<String, String> options = options(map, "a", Set.of());
        if (!map.has("c:a")) {
            map.problem("c:a is missing; write the encoder, as in c:a: aac");
        }
        if (options.getOrDefault("c:a", "").equals("copy")) {
            map.get("c:a")
                    .orElseThrow()
                    .problem("sound is mixed and so never copied; write an encoder, as in c:a: aac");
        }
        return options.containsKey("c:a") ? Optional.of(new Sound(options)) : Optional.empty();
    }

    private static Map<String, String> options(YamlMap map, String kind, Set<String> ours) {
        Map<String, String> options = new LinkedHashMap<>();
        for (Map.Entry<String, YamlValue> entry : map.values().entrySet()) {
            String option = entry.getKey();
            if (ours.contains(option)) {
                continue;
            }
            Optional<String> wrongName = OptionRules.wrongName(option, kind);
            wrongName.ifPresent(sentence -> map.keyProblem(option, sentence));
            Optional<String> value =
                    wrongName.isPresent() ? Optional.empty() : entry.getValue().asText(500);
            value.flatMap(text -> OptionRules.wrongValue(option, text))
                    .ifPresent(sentence -> entry.getValue().problem(sentence));
            value.ifPresent(text -> options.put(option, text));
        }
        return options;
    }
}
