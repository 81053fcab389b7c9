package org.localav.orchestrator.speech;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProviderTest {
    private static final String ODD = "He said \"no\\yes\"\n\t{voice} {text} ${ENV:KEY} 😀 欢迎 \u0000 </script>";

    private final Secrets secrets = new Secrets(Map.of("KEY", "s3cret"));

    @TempDir
    Path folder;

    private static JsonNode json(HttpCall call) throws IOException {
        return new JsonMapper().readTree(call.body());
    }

    private SpeechRequest request(String text) {
        return Requests.of(text, "r-1", folder);
    }

    private TemplateProvider template(String headers, String body, String sound) {
        return new TemplateProvider(
                new TemplateProvider.Settings(
                        "http",
                        "POST",
                        "https://speech.example/say?v=1",
                        headers,
                        body,
                        Optional.empty(),
                        Optional.of(sound).filter(s -> !s.isEmpty())),
                secrets);
    }

    @Test
    void asksAsOpenAiDoes() throws Exception {
        var provider = new OpenAiProvider(
                "openai",
                () -> "https://api.example/v1/",
                new OpenAiProvider.Settings("tts-1", "alloy", Optional.of("KEY")),
                secrets);

        HttpCall call = provider.call(request(ODD));

        assertEquals("https://api.example/v1/audio/speech", call.url());
        assertEquals("Bearer s3cret", call.headers().get("Authorization"));
        assertEquals(ODD, json(call).get("input").textValue());
        assertEquals("tts-1", json(call).get("model").textValue());
        assertEquals("nova", json(call).get("voice").textValue());
        assertEquals(1.25, json(call).get("speed").doubleValue());
        assertEquals("wav", json(call).get("response_format").textValue());
    }

    @Test
    void takesTheLanguageForAVoiceWhereNoneIsNamed() throws Exception {
        var provider = new OpenAiProvider(
                "local",
                () -> "http://127.0.0.1:1/v1",
                new OpenAiProvider.Settings("x", "en-us", Optional.empty()),
                secrets);

        HttpCall spoken = provider.call(Requests.in(request("Bonjour"), Optional.empty(), Optional.of("fr-fr")));
        HttpCall plain = provider.call(Requests.in(request("Hello"), Optional.empty(), Optional.empty()));

        assertEquals("fr-fr", json(spoken).get("voice").textValue());
        assertEquals("en-us", json(plain).get("voice").textValue());
        assertFalse(plain.headers().containsKey("Authorization"));
    }

    @Test
    void namesTheVariableOfAMissingKeyAndAWrongAddress() {
        var keyless = new OpenAiProvider(
                "openai",
                () -> "https://api.example/v1",
                new OpenAiProvider.Settings("tts-1", "alloy", Optional.of("NO_KEY")),
                secrets);
        var lost = new OpenAiProvider(
                "openai", () -> "ftp://x/ y", new OpenAiProvider.Settings("tts-1", "alloy", Optional.empty()), secrets);

        assertEquals(
                "the environment variable NO_KEY, which tts.openai.key_env names as the place of the key, is not set",
                assertThrows(SpeechException.class, () -> keyless.call(request("a")))
                        .getMessage());
        assertTrue(assertThrows(SpeechException.class, () -> lost.call(request("a")))
                .getMessage()
                .startsWith("tts.openai.base_url"));
    }

    @Test
    void fillsTheTemplateWithoutLettingTheTextOut() throws Exception {
        var provider = template(
                "{\"xi-api-key\": \"${ENV:KEY}\", \"X-Mode\": \"fast\"}",
                "{\"in\": {\"text\": \"{text}\", \"ssml\": \"<p>{text}</p>\"}, \"speed\": \"{speed}\", \"n\": 3,"
                        + " \"lang\": \"{language}\", \"voices\": [\"{voice}\", \"v:{voice}\"]}",
                "");

        HttpCall call = provider.call(request(ODD));

        JsonNode body = json(call);
        assertEquals(ODD, body.at("/in/text").textValue());
        assertEquals("<p>" + ODD + "</p>", body.at("/in/ssml").textValue());
        assertEquals(1.25, body.get("speed").doubleValue());
        assertEquals(3, body.get("n").intValue());
        assertFalse(body.has("lang"), "a hole without a value takes its field with it");
        assertEquals("v:nova", body.at("/voices/1").textValue());
        assertEquals("s3cret", call.headers().get("xi-api-key"));
        assertEquals("https://speech.example/say?v=1", call.url());
    }

    @Test
    void saysWhatIsWrongWithATemplate() {
        assertEquals(
                "tts.http.headers must be a JSON object of header names and texts",
                assertThrows(SpeechException.class, () -> template("{\"a b\": \"c\"}", "{}", "")
                                .call(request("a")))
                        .getMessage());
        String broken = assertThrows(SpeechException.class, () -> template("", "{\"text\": {text}}", "")
                        .call(request("a")))
                .getMessage();
        assertTrue(broken.startsWith("tts.http.body is no JSON: "), broken);
        assertTrue(assertThrows(
                        SpeechException.class, () -> template("", "[1]", "").call(request("a")))
                .getMessage()
                .startsWith("tts.http.body must be a JSON object"));
    }

    private SpeechAnswer received(String json) throws IOException {
        return new SpeechAnswer(
                Files.writeString(folder.resolve("answer"), json), "application/json", Optional.of("id-7"));
    }

    @Test
    void getsTheSoundOutOfJson() throws Exception {
        var provider = template("", "{}", "/audio/data");

        SpeechAnswer answer =
                provider.unwrap(received("{\"audio\": {\"data\": \"data:audio/wav;base64,UklG\\nRg==\"}}"));

        assertArrayEquals("RIFF".getBytes(StandardCharsets.UTF_8), Files.readAllBytes(answer.file()));
        assertEquals(Optional.of("id-7"), answer.vendorResponseId());
    }

    @Test
    void saysWhatIsWrongWithJsonWithoutSound() {
        var provider = template("", "{}", "/audio");

        assertEquals(
                "the speech provider 'http' sent no text at /audio (tts.http.sound); it says: no credit",
                assertThrows(SpeechException.class, () -> provider.unwrap(received("{\"message\": \"no credit\"}")))
                        .getMessage());
        assertTrue(assertThrows(SpeechException.class, () -> provider.unwrap(received("{\"audio\": \"!!\"}")))
                .getMessage()
                .endsWith("is no base64"));
        var cut = assertThrows(SpeechException.class, () -> provider.unwrap(received("{\"audio\": \"UklG")));
        assertTrue(cut.retryable());
        assertTrue(assertThrows(
                        SpeechException.class, () -> template("", "{}", "audio").unwrap(received("{}")))
                .getMessage()
                .startsWith("tts.http.sound must be a JSON pointer"));
    }

    @Test
    void readsBothKindsOfRetryAfter() {
        Instant now = Instant.parse("2026-03-04T10:00:00Z");

        assertEquals(Optional.of(Duration.ofSeconds(17)), RetryAfter.read(" 17 ", now));
        assertEquals(Optional.of(Duration.ofSeconds(90)), RetryAfter.read("Wed, 04 Mar 2026 10:01:30 GMT", now));
        assertEquals(Optional.of(Duration.ZERO), RetryAfter.read("Wed, 04 Mar 2026 09:00:00 GMT", now));
        assertEquals(Optional.empty(), RetryAfter.read("soon", now));
        assertEquals(Optional.empty(), RetryAfter.read("-5", now));
    }

    @Test
    void neverShowsTheText() {
        assertEquals("SpeechRequest r-1", request("private words").toString());
    }
}
