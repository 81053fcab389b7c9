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
 * Becomes a list of arguments, never a string; {@link #lines} shows it so that it can be pasted. A long filter graph is
 * read from a file: Linux takes no argument of more than 128 KB, which the mix of some 790 sounds is.
 */
public record Command(
        List<String> global,
        List<Input> inputs,
        List<Playlist> playlists,
        Optional<FilterGraph> graph,
        List<Target> targets) {
    private static final int LONGEST_GRAPH = 64 << 10;
    private static final String GRAPH_FILE = "graph.txt";

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
    public Map<String, String> files(Function<Source, Path> file, Dialect dialect) {
        Map<String, String> files = new LinkedHashMap<>();
        playlists.forEach(playlist -> files.put(playlist.fileName(), playlist.text(file, dialect)));
        graph.map(FilterGraph::toString).filter(Command::isLong).ifPresent(text -> files.put(GRAPH_FILE, text));
        return files;
    }

    private static boolean isLong(String graph) {
        return graph.length() > LONGEST_GRAPH;
    }

    /**
     * The arguments after {@code ffmpeg}; playlists are numbered as inputs behind the single files.
     *
     * @param file where each source's bytes lie
     * @param folder where the targets are written, and where {@link #files} are
     */
    public List<String> arguments(Function<Source, Path> file, Path folder, Dialect dialect) {
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
        graph.map(FilterGraph::toString)
                .ifPresent(text -> arguments.addAll(
                        isLong(text)
                                ? List.of(
                                        dialect.graphFile(),
                                        folder.resolve(GRAPH_FILE).toString())
                                : List.of("-filter_complex", text)));
        for (Target target : targets) {
            target.options().stream().map(dialect::name).forEach(arguments::add);
            arguments.add("file:" + folder.resolve(target.fileName()));
        }
        return List.copyOf(arguments);
    }

    /** Lines for a POSIX shell that make the folder and its files and run the command, as {@link #arguments} has it. */
    public List<String> lines(String program, Function<Source, Path> file, Path folder, Dialect dialect) {
        List<String> lines = new ArrayList<>();
        lines.add("mkdir -p " + Shell.quote(folder.toString()));
        // The shell's own printf, for which a long argument is no argument of a program.
        files(file, dialect)
                .forEach((name, text) -> lines.add("printf %s " + Shell.quote(text) + " > "
                        + Shell.quote(folder.resolve(name).toString())));
        lines.add(Shell.quote(program) + " " + Shell.quote(arguments(file, folder, dialect)));
        return lines;
    }
}
