package org.localav.orchestrator.speech;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.localav.orchestrator.plan.Keys;

/**
 * What of the settings shapes a provider's answers, as a part of a sentence's key: another model must not reuse the old
 * model's sentences.
 */
public final class Fingerprint {
    private static final List<String> COUNTED = List.of("base_url", "model", "voice", "url", "body");

    private Fingerprint() {}

    /** @param settings all settings by key; empty values count as not set */
    public static String of(Map<String, String> settings, String provider) {
        Map<String, Object> counted = new TreeMap<>();
        String prefix = prefix(provider);
        counted(settings, provider).forEach((key, value) -> counted.put(key.substring(prefix.length()), value));
        return counted.isEmpty() ? "" : Keys.sha256(Keys.canonical(counted));
    }

    /** The settings that count, by their whole key. */
    public static Map<String, String> counted(Map<String, String> settings, String provider) {
        Map<String, String> counted = new TreeMap<>();
        for (String key : COUNTED) {
            String value = settings.getOrDefault(prefix(provider) + key, "").strip();
            if (!value.isEmpty()) {
                counted.put(prefix(provider) + key, value);
            }
        }
        return counted;
    }

    private static String prefix(String provider) {
        return "tts." + provider + ".";
    }
}
