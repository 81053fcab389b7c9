package org.localav.orchestrator.service;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code avo serve} as a program of its own on a folder of its own, driven over HTTP. */
final class ServedAvo extends AvoClient {
    private static final Duration START = Duration.ofSeconds(60);

    final Path home;
    final Path jobs;
    private final List<String> command;
    private final Path state;
    private final List<String> settings;
    private Process process;

    /** @param settings more of them, as {@code key=value} */
    ServedAvo(Path avo, Path home, String... settings) throws IOException {
        this(List.of(avo.toString()), home, home.resolve("state"), settings);
    }

    /**
     * @param command starts the program
     * @param state its folder, which several nodes may share
     */
    ServedAvo(List<String> command, Path home, Path state, String... settings) throws IOException {
        super(freePort(), state);
        this.command = command;
        this.home = home;
        this.state = state;
        this.jobs = Files.createDirectories(home.resolve("jobs"));
        this.settings = List.of(settings);
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    /** Starts it and waits until it answers. */
    synchronized void start() throws Exception {
        List<String> line = new ArrayList<>(command);
        line.add("serve");
        List<String> all = new ArrayList<>(List.of(
                "http.port=" + port(),
                "submit.roots=" + jobs,
                "inbox.folder=" + Files.createDirectories(home.resolve("inbox")),
                "state.folder=" + state));
        all.addAll(settings);
        all.forEach(setting -> line.addAll(List.of("--set", setting)));
        process = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        long end = System.nanoTime() + START.toNanos();
        while (System.nanoTime() < end) {
            if (!process.isAlive()) {
                throw new IllegalStateException("the service did not start; see " + log());
            }
            try {
                if (get("/api/health").statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
        throw new IllegalStateException("the service is not up after " + START.toSeconds() + " s; see " + log());
    }

    Path log() {
        return home.resolve("service.log");
    }

    synchronized boolean alive() {
        return process != null && process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** {@code kill -9}; false when it was not running. */
    synchronized boolean kill() throws InterruptedException {
        if (process == null) {
            return false;
        }
        process.destroyForcibly().waitFor();
        process = null;
        return true;
    }

    /** {@code kill -TERM}, and its exit code. */
    int end() throws InterruptedException {
        process.destroy();
        return process.waitFor();
    }

    HttpResponse<String> submit(String key, String spec) throws IOException, InterruptedException {
        return submit(key, spec, jobs);
    }

    /** Makes a file in the jobs' folder. */
    void draw(String name, String source) throws Exception {
        List<String> line = new ArrayList<>(List.of("ffmpeg", "-nostdin", "-v", "error"));
        line.addAll(List.of(source.split(" ")));
        line.add(jobs.resolve(name).toString());
        if (new ProcessBuilder(line).inheritIO().start().waitFor() != 0) {
            throw new IllegalStateException("ffmpeg could not make " + name);
        }
    }
}
