package org.localav.orchestrator.store;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A server program that tests start for themselves on a free loopback port; it ends with this process, even a killed one. */
final class LocalServer implements AutoCloseable {
    /** Ends the program when its own input ends, which the death of the tests' process brings about. */
    private static final String GUARD = "\"$@\" & program=$!; cat >/dev/null; kill -INT $program; wait $program";

    private final Process process;

    private LocalServer(Process process) {
        this.process = process;
    }

    static LocalServer start(Path log, List<String> line) throws IOException {
        List<String> guarded = new ArrayList<>(List.of("sh", "-c", GUARD, "guard"));
        guarded.addAll(line);
        Process process = new ProcessBuilder(guarded)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        return new LocalServer(process);
    }

    boolean alive() {
        return process.isAlive();
    }

    /** {@code kill -9} of the program itself. */
    void kill() throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        close();
    }

    @Override
    public void close() throws InterruptedException {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        process.waitFor();
    }

    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** A program of a Debian package that {@code script/bootstrap --dev} installs. */
    static Path program(String name, String folders) throws IOException {
        for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(folder, name))) {
                return Path.of(folder, name);
            }
        }
        Path versions = Paths.get(folders);
        if (Files.isDirectory(versions)) {
            try (Stream<Path> found = Files.walk(versions, 3)) {
                Path newest = found.filter(path -> path.endsWith("bin/" + name))
                        .max(Path::compareTo)
                        .orElse(null);
                if (newest != null) {
                    return newest;
                }
            }
        }
        throw new IllegalStateException(name + " is not installed: script/bootstrap --dev installs what tests need");
    }
}
