package org.localav.orchestrator.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** Makes a step's key: SHA-256 over the canonical JSON (sorted names) of kind, its revision, recipe and tool build. */
public final class Keys {
    private static final JsonMapper CANONICAL = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private Keys() {}

    /**
     * @param tool what makes the result beside the recipe, such as ffmpeg's version and build; empty for a request whose
     *     answer belongs to the request alone
     */
    public static String of(Recipe recipe, String tool) {
        return sha256(canonical(Map.of(
                "kind", recipe.kind(), "revision", recipe.revision(), "recipe", recipe.canonical(), "tool", tool)));
    }

    /** Canonical JSON: names sorted, no white space. */
    public static byte[] canonical(Map<String, Object> tree) {
        try {
            return CANONICAL.writeValueAsBytes(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a recipe holds something that is no plain value: " + e.getMessage(), e);
        }
    }

    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    public static String sha256(String text) {
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }
}
