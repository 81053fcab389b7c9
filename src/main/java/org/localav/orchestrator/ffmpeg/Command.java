package org.localav.orchestrator.ffmpeg;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * An ffmpeg command as data: inputs, one filter graph, outputs; each option lives on the thing it must stand before.
 * Becomes a list of arguments, never a string; {@link Shell#quote} shows it so that it can be pasted.
 */
public record Command(
        List<String> global,
        List<Input> inputs,
        List<Playlist> playlists,
        Optional<FilterGraph> graph,
        List<Target> targets) {
    public Command {
        global = List.copyOf(global);
        inputs = List.copyOf(inputs);
        playlists = List.copyOf(playlists);
        targets = List.copyOf(targets);
    }

    /** A command that reads no list of files. */
    public Command(List<String> global, List<Input> inputs, Optional<FilterGraph> graph, List<Target> targets) {
        this(global, inputs, List.of(), graph, targets);
    }

    /** A source and the options that stand before its {@code -i}; the safety options are added to every input. */
    public record Input(Source source, List<String> options) {
        public Input {
            options = List.copyOf(options);
        }
    }

    /** What is written: {@code -map}s and encoder options, and the file's name within the step's own folder. */
    public record Target(List<String> options, String fileName) {
        public Target {
            options = List.copyOf(options);
        }
    }

    /**
     * Text files that must lie in the folder before ffmpeg starts: name to content.
     *
     * @param file where each source's bytes lie
     */
    public Map<String, String> files(Function<Source, Path> file) {
        Map<String, String> files = new LinkedHashMap<>();
        playlists.forEach(playlist -> files.put(playlist.fileName(), playlist.text(file)));
        return files;
    }

    /**
     * The arguments after {@code ffmpeg}; playlists are numbered as inputs behind the single files.
     *
     * @param file where each source's bytes lie
     * @param folder where the targets are written
     */
    public List<String> arguments(Function<Source, Path> file, Path folder) {
        List<String> arguments = new ArrayList<>(List.of("-nostdin", "-hide_banner", "-y", "-xerror"));
        arguments.addAll(global);
        for (Input input : inputs) {
            arguments.addAll(Safety.INPUT_OPTIONS);
            arguments.addAll(input.options());
            arguments.add("-i");
            arguments.add("file:" + file.apply(input.source()));
        }
        for (Playlist playlist : playlists) {
            arguments.addAll(Playlist.INPUT_OPTIONS);
            arguments.addAll(List.of("-i", "file:" + folder.resolve(playlist.fileName())));
        }
        graph.ifPresent(g -> {
            arguments.add("-filter_complex");
            arguments.add(g.toString());
        });
        for (Target target : targets) {
            arguments.addAll(target.options());
            arguments.add("file:" + folder.resolve(target.fileName()));
        }
        return List.copyOf(arguments);
    }
}
