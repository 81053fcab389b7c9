package org.localav.orchestrator.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The settings as their page describes them, and what is said of wrong ones. */
class SettingsPageTest {
    @Test
    void thePageNamesEverySettingWithItsDefault() throws IOException {
        String page = Files.readString(Path.of("docs/settings.md"));

        List<Settings.Value> settings = Settings.read(Map.of(), Map.of()).all();

        for (Settings.Value setting : settings) {
            String value = setting.value().isEmpty() ? "empty" : "`" + setting.value() + "`";
            String row = "| `" + setting.key() + "` | " + value + " | "
                    + setting.description().replace("|", "\\|") + " |";
            assertTrue(page.contains(row), () -> "docs/settings.md lacks the row " + row);
        }
    }

    @Test
    void whatComesLaterWins() {
        Map<String, String> variables = Map.of("AVO_TTS_TIMEOUT", "10s", "AVO_ENCODERS", "3");

        Settings settings = Settings.read(variables, Map.of("tts.timeout", "5s"));

        assertEquals(Duration.ofSeconds(5), settings.duration("tts.timeout"));
        assertEquals(3, settings.integer("encoders"));
        assertEquals("variable AVO_ENCODERS", origin(settings, "encoders"));
        assertEquals("--set", origin(settings, "tts.timeout"));
        assertEquals("default", origin(settings, "steps.limit"));
    }

    @Test
    void refusesWhatIsNoSettingOrOfTheWrongKind() {
        assertEquals(
                "--set: there is no setting 'step.limit'; 'avo doctor' lists them all", refusal("step.limit", "1GB"));
        assertEquals("--set: steps.limit: 'much' is not a size such as 512MB or 20GB", refusal("steps.limit", "much"));
        assertEquals("--set: output.verify: 'no' is not samples or full", refusal("output.verify", "no"));
        assertEquals("--set: read_only: 'yes' is not true or false", refusal("read_only", "yes"));
    }

    @Test
    void aVariableThatHoldsASecretMayBeginAsSettingsDo() {
        Map<String, String> environment = Map.of("AVO_DB_PASSWORD", "hush");

        Settings settings = Settings.read(environment, Map.of("store.password_env", "AVO_DB_PASSWORD"));

        assertEquals("hush", settings.secret("store.password_env", environment));
        assertTrue(settings.all().stream().noneMatch(value -> value.value().equals("hush")));
        assertThrows(InvalidSettingException.class, () -> Settings.read(environment, Map.of()));
    }

    private static String refusal(String key, String value) {
        return assertThrows(InvalidSettingException.class, () -> Settings.read(Map.of(), Map.of(key, value)))
                .getMessage();
    }

    private static String origin(Settings settings, String key) {
        return settings.all().stream()
                .filter(s -> s.key().equals(key))
                .findFirst()
                .orElseThrow()
                .origin();
    }
}
