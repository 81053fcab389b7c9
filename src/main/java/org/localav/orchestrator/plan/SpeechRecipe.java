package org.localav.orchestrator.plan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.localav.orchestrator.ffmpeg.Source;

/**
 * One sentence to be spoken: the request, which alone determines the key, so that the same sentence in the same voice is
 * never bought twice.
 *
 * @param provider name of the route {@code tts-NAME}
 * @param speed 1.0 is the voice's own
 * @param format file name ending of the answer
 */
public record SpeechRecipe(
        String provider, Optional<String> voice, Optional<String> language, double speed, String text, String format)
        implements Recipe {
    @Override
    public String kind() {
        return "speech";
    }

    @Override
    public Map<String, Object> canonical() {
        Map<String, Object> tree = new TreeMap<>();
        tree.put("provider", provider);
        voice.ifPresent(v -> tree.put("voice", v));
        language.ifPresent(l -> tree.put("language", l));
        tree.put("speed", speed);
        tree.put("text", text);
        tree.put("format", format);
        return tree;
    }

    @Override
    public List<Source> sources() {
        return List.of();
    }

    @Override
    public String extension() {
        return format;
    }

    /** Characters that a provider counts, in code points. */
    public int characters() {
        return text.codePointCount(0, text.length());
    }
}
