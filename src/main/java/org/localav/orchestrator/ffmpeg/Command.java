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
 *
 * @param encoder the file a second ffmpeg makes of the sound this one writes to {@link Target#PIPE}. Before its version 7
 *     ffmpeg filters and encodes sound in one thread; two of them use two cores, and the file is the same to the bit
 */
public record Command(
        List<String> global,
        List<Input> inputs,
        List<Playlist> playlists,
        Optional<FilterGraph> graph,
        List<Target> targets,
        Optional<Target> encoder) {
    private static final int LONGEST_GRAPH = 64 << 10;
    private static final String GRAPH_FILE = "graph.txt";
    private static final List<String> START = List.of("-nostdin", "-hide_banner", "-y", "-xerror");

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

    /** A command that encodes what it makes itself. */
    public Command(
            List<String> global,
            List<Input> inputs,
            List<Playlist> playlists,
            Optional<FilterGraph> graph,
            List<Target> targets) {
        this(global, inputs, playlists, graph, targets, Optional.empty());
    }

    /** A source and the options that stand before its {@code -i}; the safety options are added to every input. */
    public record Input(Source source, List<String> options) {
        public Input {
            options = List.copyOf(options);
        }
    }

    /** What is written: {@code -map}s and encoder options, and the file's name within the step's own folder. */
    public record Target(List<String> options, String fileName) {
        /** In place of a file's name: float samples for the encoder. */
        public static final String PIPE = "pipe:1";

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
        List<String> arguments = new ArrayList<>(START);
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
        targets.forEach(target -> write(target, folder, dialect, arguments));
        return List.copyOf(arguments);
    }

    /**
     * The arguments of the second ffmpeg, if there is one. It reads ahead (a packet is some 40 ms of sound in 16 KB): a
     * pipe alone holds too little to go on with while the first one has to wait for a processor.
     */
    public Optional<List<String>> encoderArguments(Path folder, Dialect dialect) {
        return encoder.map(target -> {
            List<String> arguments = new ArrayList<>(START);
            arguments.addAll(
                    List.of("-protocol_whitelist", "pipe", "-thread_queue_size", "1024", "-f", "nut", "-i", "pipe:0"));
            write(target, folder, dialect, arguments);
            return List.copyOf(arguments);
        });
    }

    private static void write(Target target, Path folder, Dialect dialect, List<String> into) {
        target.options().stream().map(dialect::name).forEach(into::add);
        into.add(target.fileName().equals(Target.PIPE) ? Target.PIPE : "file:" + folder.resolve(target.fileName()));
    }

    /** Lines for a POSIX shell that make the folder and its files and run the command, as {@link #arguments} has it. */
    public List<String> lines(String program, Function<Source, Path> file, Path folder, Dialect dialect) {
        List<String> lines = new ArrayList<>();
        lines.add("mkdir -p " + Shell.quote(folder.toString()));
        // The shell's own printf, for which a long argument is no argument of a program.
        files(file, dialect)
                .forEach((name, text) -> lines.add("printf %s " + Shell.quote(text) + " > "
                        + Shell.quote(folder.resolve(name).toString())));
        String run = Shell.quote(program) + " ";
        lines.add(run
                + Shell.quote(arguments(file, folder, dialect))
                + encoderArguments(folder, dialect)
                        .map(arguments -> " | " + run + Shell.quote(arguments))
                        .orElse(""));
        return lines;
    }
}
