package org.localav.orchestrator.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.localav.orchestrator.plan.Keys;

/**
 * The link after which the next line follows: each line ends with the SHA-256 of all that stands in it before, the hash of
 * the line before it included.
 *
 * @param number of the last line, from 1; 0 before the first
 */
record Chain(long number, String hash) {
    static final Chain START = new Chain(0, "0".repeat(64));
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern SEALED = Pattern.compile("(\\{.*),\"hash\":\"([0-9a-f]{64})\"}", Pattern.DOTALL);

    /** A line and the link it makes. */
    record Link(String line, Chain chain) {}

    /** Seals an entry as the next line. */
    Link seal(Map<String, ?> entry) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("number", number + 1);
        fields.putAll(entry);
        fields.put("previous", hash);
        String open;
        try {
            String text = JSON.writeValueAsString(fields);
            open = text.substring(0, text.length() - 1);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("an audit entry holds what can't be written", e);
        }
        String seal = Keys.sha256(open);
        return new Link(open + ",\"hash\":\"" + seal + "\"}", new Chain(number + 1, seal));
    }

    /** The link a line says to be; empty when the line is not what was sealed. */
    static Optional<Sealed> read(String line) {
        Matcher form = SEALED.matcher(line);
        if (!form.matches() || !Keys.sha256(form.group(1)).equals(form.group(2))) {
            return Optional.empty();
        }
        try {
            JsonNode json = JSON.readTree(line);
            return Optional.of(new Sealed(
                    new Chain(json.path("number").asLong(), form.group(2)),
                    json.path("previous").asText(),
                    json));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** A line that is what was sealed, and the hash of the one it follows. */
    record Sealed(Chain chain, String previous, JsonNode json) {
        boolean follows(Chain before) {
            return chain.number() == before.number() + 1 && previous.equals(before.hash());
        }

        boolean about(String job) {
            return json.path("job_id").asText().equals(job);
        }
    }

    static Optional<Chain> parse(String head) {
        Matcher form = Pattern.compile("(\\d+) ([0-9a-f]{64})\\s*").matcher(head);
        return form.matches() ? Optional.of(new Chain(Long.parseLong(form.group(1)), form.group(2))) : Optional.empty();
    }

    byte[] head() {
        return (number + " " + hash + "\n").getBytes(StandardCharsets.US_ASCII);
    }
}
