package org.localav.orchestrator.service;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redis.clients.jedis.Jedis;

/** Nodes with their servers as script/cluster runs them. */
final class LocalCluster implements AutoCloseable {
    final Path folder;
    private final Map<String, String> addresses = new LinkedHashMap<>();

    /** @param options of {@code script/cluster up} */
    LocalCluster(Path folder, String... options) throws Exception {
        this.folder = folder;
        List<String> up = new ArrayList<>(List.of("up", folder.toString()));
        up.addAll(List.of(options));
        call(up.toArray(String[]::new));
        for (String line : Files.readAllLines(folder.resolve("addresses"))) {
            addresses.put(line.substring(0, line.indexOf(' ')), line.substring(line.indexOf(' ') + 1));
        }
    }

    /** What it says; throws that when its exit code is not 0. */
    static String call(String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of("script/cluster"));
        line.addAll(List.of(arguments));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(words);
        }
        return words;
    }

    /** @param number from 1 */
    AvoClient node(int number) {
        return new AvoClient(URI.create(addresses.get("node-" + number)).getPort(), folder.resolve("state"));
    }

    /** Of the database, with its password. */
    String database() throws IOException {
        return addresses.get("postgresql") + "&password=" + passwords().get(0);
    }

    Jedis redis() throws IOException {
        URI address = URI.create(addresses.get("redis"));
        Jedis redis = new Jedis(address.getHost(), address.getPort());
        redis.auth(passwords().get(1));
        return redis;
    }

    private List<String> passwords() throws IOException {
        return Files.readAllLines(folder.resolve("passwords"));
    }

    /** All programs of it that run now. */
    List<ProcessHandle> programs() throws IOException {
        ProcessHandle whole = whole();
        List<ProcessHandle> programs = new ArrayList<>(whole.descendants().toList());
        programs.add(whole);
        return programs;
    }

    ProcessHandle whole() throws IOException {
        return ProcessHandle.of(
                        Long.parseLong(Files.readString(folder.resolve("pid")).strip()))
                .orElseThrow();
    }

    @Override
    public void close() throws Exception {
        call("down", folder.toString());
    }
}
