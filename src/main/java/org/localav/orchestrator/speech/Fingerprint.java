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
        for (String key : COUNTED) {
            String value =
                    settings.getOrDefault("tts." + provider + "." + key, "").strip();
            if (!value.isEmpty()) {
                counted.put(key, value);
            }
        }
        return counted.isEmpty() ? "" : Keys.sha256(Keys.canonical(counted));
    }
}
