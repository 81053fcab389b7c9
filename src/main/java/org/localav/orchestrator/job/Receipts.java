package org.localav.orchestrator.job;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.localav.orchestrator.plan.Measured;

/**
 * Remembers by a mux step's key what came of it: hash and size, not the bytes. So an output that already stands is known
 * to be what the job makes without making it again.
 */
public final class Receipts {
    static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .build();

    private final Path folder;

    public Receipts(Path folder) {
        this.folder = folder;
    }

    public record Receipt(String sha256, long bytes, Measured measured) {}

    public Optional<Receipt> find(String key) {
        try {
            return Optional.of(JSON.readValue(Files.readAllBytes(file(key)), Receipt.class));
        } catch (IOException e) {
            // Missing or damaged: then the output is made again, which is always right.
            return Optional.empty();
        }
    }

    public void keep(String key, Receipt receipt) throws IOException {
        write(file(key), JSON.writeValueAsBytes(receipt));
    }

    private Path file(String key) {
        return folder.resolve(key.substring(0, 2)).resolve(key + ".json");
    }

    /** Writes whole or not at all. */
    static void write(Path file, byte[] bytes) throws IOException {
        Files.createDirectories(file.getParent());
        Path made = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".tmp");
        Files.write(made, bytes);
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
