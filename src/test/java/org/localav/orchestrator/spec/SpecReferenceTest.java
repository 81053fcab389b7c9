package org.localav.orchestrator.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds docs/spec.md against the reader and the schema. */
class SpecReferenceTest {
    private static final Pattern BLOCK = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
    private static final Pattern ROW = Pattern.compile("\\| `(\\w+)` \\| .* \\| ([^|]*) \\| [^|]+ \\|");

    @Test
    void showsOnlySpecsThatCanBeRead() throws Exception {
        List<String> specs = BLOCK.matcher(reference())
                .results()
                .map(block -> block.group(1))
                .toList();

        assertTrue(specs.size() >= 8);
        for (String spec : specs) {
            assertEquals(List.of(), SpecReader.read("docs.yaml", spec, false).warnings(), spec);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "## The file, ''",
        "## job, /$defs/job",
        "### job.retry, /$defs/retry",
        "### job.limits, /$defs/limits",
        "### job.webhooks, /$defs/webhook",
        "## assets, /$defs/asset/then",
        "## audio, /$defs/audio",
        "### A sound on a track, /$defs/audioItem",
        "### tts, /$defs/tts",
        "### duck, /$defs/duck",
        "### audio.loudness, /$defs/loudness",
        "## video, /$defs/video",
        "### A clip, /$defs/clip",
        "## outputs, /$defs/output"
    })
    void listsEveryKeyWithItsDefault(String heading, String pointer) throws Exception {
        JsonNode schema = new ObjectMapper().readTree(SpecSchema.text()).at(pointer);
        String text = reference();
        int start = text.indexOf("\n" + heading + "\n");
        String section = text.substring(start, (text + "\n#").indexOf("\n#", start + 1));

        List<String> documented =
                ROW.matcher(section).results().map(SpecReferenceTest::row).toList();

        assertTrue(start > 0);
        assertEquals(expected(schema), documented);
    }

    private static String row(MatchResult row) {
        return row.group(1) + ": " + row.group(2).strip();
    }

    private static List<String> expected(JsonNode schema) {
        List<String> required = new ArrayList<>();
        schema.path("required").forEach(name -> required.add(name.asText()));
        List<String> rows = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            JsonNode value = property.getValue().path("default");
            String standard = value.isTextual() ? value.asText() : value.toString();
            String shown = required.contains(property.getKey())
                    ? "required"
                    : value.isMissingNode()
                            ? ""
                            : "`" + standard.replace("\"", "").replace(",", ", ") + "`";
            rows.add(property.getKey() + ": " + shown);
        }
        return rows;
    }

    private static String reference() throws Exception {
        return Files.readString(Path.of("docs/spec.md"));
    }
}
