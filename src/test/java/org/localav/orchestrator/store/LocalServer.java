package org.localav.orchestrator.store;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A server that script/cluster runs for tests on a free loopback port; it ends with this process, even a killed one. */
final class LocalServer implements AutoCloseable {
    private final Process process;

    private LocalServer(Process process) {
        this.process = process;
    }

    /** @param kind what script/cluster calls it: postgres, redis */
    static LocalServer start(String kind, Path folder, int port, String... options) throws IOException {
        List<String> line = new ArrayList<>(
                List.of(Path.of("script/cluster").toAbsolutePath().toString(), kind, folder.toString(), "" + port));
        line.addAll(List.of(options));
        Process process = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log(folder).toFile()))
                .start();
        return new LocalServer(process);
    }

    static Path log(Path folder) {
        return folder.resolve("server.log");
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
}
