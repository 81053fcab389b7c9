package org.localav.orchestrator.store;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A job to be accepted; the fields are those of {@link JobRow}.
 *
 * @param spec the spec's text, YAML or, when {@code specName} ends in {@code .json}, JSON
 * @param key makes accepting it twice the same as accepting it once
 * @param request what its history is to tell of the request it came by, such as {@code request_id}
 */
public record NewJob(
        String id,
        int priority,
        List<String> labels,
        Map<String, String> tags,
        Optional<String> title,
        String origin,
        String spec,
        String specName,
        Path folder,
        boolean overwrite,
        Instant createdAt,
        Optional<Key> key,
        Map<String, String> request) {
    public NewJob {
        labels = List.copyOf(labels);
        tags = Map.copyOf(tags);
        request = Map.copyOf(request);
    }

    /**
     * An idempotency key.
     *
     * @param value what the client chose; one name space a way in, such as {@code http:} or {@code inbox:}
     * @param fingerprint hash of all that was submitted with it: the same key with another one is a mistake
     */
    public record Key(String value, String fingerprint) {}
}
