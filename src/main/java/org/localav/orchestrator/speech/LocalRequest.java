package org.localav.orchestrator.speech;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.localav.orchestrator.spec.Suggestion;

/**
 * What the local speech server was asked to speak, checked.
 *
 * @param text without what espeak-ng would take for commands
 * @param voice for {@code espeak-ng -v}
 * @param speed 1.0 is 175 words a minute
 */
public record LocalRequest(String text, String voice, double speed) {
    private static final int LONGEST = 4096;
    private static final int WORDS_A_MINUTE = 175;
    private static final double SLOWEST = 0.5;
    private static final double FASTEST = 4;

    private static final ObjectReader READER = Json.MAPPER
            .reader()
            .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** @throws Refusal with what would be right */
    public static LocalRequest read(byte[] json, Voices voices) throws Refusal {
        JsonNode tree = tree(json);
        String format = tree.path("response_format").asText("wav");
        if (!format.equals("wav")) {
            throw wrong("response_format " + Suggestion.quote(format) + " is not made here; ask for wav");
        }
        JsonNode speed = tree.path("speed");
        if (!speed.isMissingNode() && !speed.isNumber()) {
            throw wrong("speed must be a number from " + SLOWEST + " to " + FASTEST);
        }
        double factor = speed.asDouble(1);
        if (factor < SLOWEST || factor > FASTEST) {
            throw wrong("speed must be from " + SLOWEST + " to " + FASTEST + ", not " + factor);
        }
        JsonNode voice = tree.path("voice");
        if (!voice.isMissingNode() && !voice.isTextual()) {
            throw wrong("voice must be a name, such as \"en-us\"");
        }
        return new LocalRequest(text(tree.path("input")), voices.require(voice.asText("en-us")), factor);
    }

    private static JsonNode tree(byte[] json) throws Refusal {
        try {
            JsonNode tree = READER.readTree(json);
            if (tree != null && tree.isObject()) {
                return tree;
            }
        } catch (IOException e) {
            throw wrong("the body is no JSON");
        }
        throw wrong("the body must be a JSON object, such as {\"input\": \"Hello\", \"voice\": \"en-us\"}");
    }

    private static String text(JsonNode input) throws Refusal {
        if (!input.isTextual()) {
            throw wrong("input must be the text to speak");
        }
        String text = input.textValue();
        if (text.codePointCount(0, text.length()) > LONGEST) {
            throw wrong("input has " + text.codePointCount(0, text.length()) + " characters; " + LONGEST
                    + " are the most that are spoken at once");
        }
        if (text.codePoints().noneMatch(Character::isLetterOrDigit)
                && text.codePoints().noneMatch(c -> Character.getType(c) == Character.OTHER_SYMBOL)) {
            throw wrong("input holds nothing that can be spoken");
        }
        // espeak-ng takes [[...]] for phonemes whatever its options say; a NUL would end the text.
        return text.replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", " ").replaceAll("\\[(?=\\[)", "[ ");
    }

    private static Refusal wrong(String message) {
        return new Refusal(400, "invalid_value", message);
    }

    /** Arguments for espeak-ng; the text is read from a file, so that none of it can be taken for an option. */
    public List<String> arguments(Path textFile, Path waveFile) {
        return List.of(
                "-b",
                "1",
                "-v",
                voice,
                "-s",
                Long.toString(Math.round(WORDS_A_MINUTE * speed)),
                "-f",
                textFile.toString(),
                "-w",
                waveFile.toString());
    }
}
